//! The family view: what it shows, when it is made anew, and that nothing wrong with its cache does harm.

mod common;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use common::{Node, generated, other_user, with_engine};
use librpm::Engine;
use redpak_packages::{FamilyView, NodeDatabase, Origin, ViewCaches, Work, snapshot};
use redpak_testing::{Package, User, flip_byte, skip, tool, truncate};

fn small(name: &str) -> Package {
    Package::new(name, "1-1").file(&format!("/usr/share/{name}"), name)
}

/// What is done to a slot, in words and in deeds.
type Damage<'a> = (&'a str, &'a dyn Fn(&Path));

/// A family of three, and caches for its leaf.
struct Family {
    core: Node,
    platform: Node,
    leaf: Node,
}

impl Family {
    /// Core OS with two packages, platform with one, leaf with two of which the first was removed again.
    fn new() -> Self {
        let leaf = Node::with(&[small("gone"), small("app")]);
        leaf.remove("gone");
        Self {
            core: Node::with(&[small("kernel"), small("libc")]),
            platform: Node::with(&[small("qt")]),
            leaf,
        }
    }

    fn caches(&self) -> ViewCaches {
        ViewCaches {
            views: self.leaf.path().join("var/cache/redpak/view"),
            bases: self.platform.path().join("var/cache/redpak/base"),
        }
    }

    fn view(&self, engine: &Engine) -> FamilyView {
        let ancestors = [self.platform.database(engine), self.core.database(engine)];
        FamilyView::open_or_build(engine, &self.leaf.database(engine), &ancestors, &self.caches())
            .expect("the view can be made")
    }
}

/// What a view shows: header number, name and origin, as librpm reads it through `_dbpath` in a transaction on `root`.
fn shown(engine: &Engine, view: &FamilyView, root: &Path) -> BTreeMap<u32, (String, Option<Origin>)> {
    let guard = view.push_dbpath(engine, root).expect("can be pushed");
    let dbpath = guard.dbpath().to_owned();
    let output = tool_rpm(root, &dbpath);
    output
        .lines()
        .map(|line| {
            let (number, name) = line.split_once(' ').expect("two words");
            let number = number.parse().expect("a number");
            (number, (name.to_owned(), view.origin(number)))
        })
        .collect()
}

/// rpm itself lists a database; it is another process, so it shares nothing with this one. Its option --dbpath takes
/// absolute paths only, unlike the macro.
fn tool_rpm(root: &Path, dbpath: &OsStr) -> String {
    let root = root.to_str().expect("UTF-8");
    let dbpath = dbpath.to_str().expect("UTF-8");
    let define = format!("_dbpath {dbpath}");
    tool(
        "rpm",
        [
            "--root",
            root,
            "--define",
            &define,
            "-qa",
            "--qf",
            "%{DBINSTANCE} %{NAME}\n",
        ],
    )
}

fn names(shown: &BTreeMap<u32, (String, Option<Origin>)>) -> Vec<&str> {
    let mut names: Vec<&str> = shown.values().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

#[test]
fn it_shows_the_whole_family_and_keeps_the_leafs_numbers() {
    let family = Family::new();
    with_engine(|engine| {
        let view = family.view(engine);
        assert_eq!(view.work(), Work::Built);
        let shown = shown(engine, &view, family.leaf.path());
        assert_eq!(names(&shown), ["app", "kernel", "libc", "qt"]);
        assert_eq!(
            shown[&2],
            (
                "app".into(),
                Some(Origin {
                    node: 0,
                    header_number: 2
                })
            )
        );
        let origins: BTreeMap<_, _> = shown.values().map(|(name, origin)| (name.as_str(), *origin)).collect();
        assert_eq!(
            origins["qt"],
            Some(Origin {
                node: 1,
                header_number: 1
            })
        );
        assert_eq!(
            origins["kernel"],
            Some(Origin {
                node: 2,
                header_number: 1
            })
        );
        assert_eq!(
            origins["libc"],
            Some(Origin {
                node: 2,
                header_number: 2
            })
        );
        for (number, (_, origin)) in &shown {
            assert_eq!(origin.and_then(|origin| view.number_of(origin)), Some(*number));
        }
    });
}

#[test]
fn every_index_of_the_view_works_and_every_header_is_sound() {
    let family = Family::new();
    with_engine(|engine| {
        let view = family.view(engine);
        let folder = view.directory().to_str().expect("UTF-8");
        let ask = |arguments: &[&str]| tool("rpm", ["--dbpath", folder].iter().chain(arguments));
        for (arguments, expected) in [
            (["-q", "--qf", "%{NAME}", "libc"].as_slice(), "libc"),
            (&["-q", "--qf", "%{NAME}", "--whatprovides", "qt"], "qt"),
            (&["-q", "--qf", "%{NAME}", "-f", "/usr/share/kernel"], "kernel"),
            (&["-q", "--qf", "%{NAME}", "-f", "/usr/share/app"], "app"),
        ] {
            assert_eq!(ask(arguments), expected, "{arguments:?}");
        }
        let view = NodeDatabase::locate_at(family.leaf.path(), view.directory()).expect("there");
        assert_eq!(
            view.open(engine)
                .and_then(|opened| Ok(opened.verify_headers()?))
                .expect("readable")
                .len(),
            0
        );
        tool("rpmdb", ["--dbpath", folder, "--verifydb"]);
    });
}

#[test]
fn it_is_made_anew_only_where_something_changed() {
    let family = Family::new();
    with_engine(|engine| {
        assert_eq!(family.view(engine).work(), Work::Built);
        assert_eq!(family.view(engine).work(), Work::Reused);
        family.leaf.install(&[small("second")]);
        let view = family.view(engine);
        assert_eq!(view.work(), Work::LeafAdded);
        assert_eq!(
            names(&shown(engine, &view, family.leaf.path())),
            ["app", "kernel", "libc", "qt", "second"]
        );
        drop(view);
        family.platform.remove("qt");
        let view = family.view(engine);
        assert_eq!(view.work(), Work::Built);
        assert_eq!(
            names(&shown(engine, &view, family.leaf.path())),
            ["app", "kernel", "libc", "second"]
        );
        drop(view);
        assert_eq!(family.view(engine).work(), Work::Reused);
    });
    let slots = |folder: &Path| {
        fs::read_dir(folder)
            .expect("there")
            .filter(|e| e.as_ref().is_ok_and(|e| e.path().is_dir()))
            .count()
    };
    let caches = family.caches();
    assert_eq!(
        (slots(&caches.views), slots(&caches.bases)),
        (1, 1),
        "earlier states were removed"
    );
}

#[test]
fn a_view_in_use_is_not_removed() {
    let family = Family::new();
    with_engine(|engine| {
        let old = family.view(engine);
        family.leaf.install(&[small("second")]);
        let new = family.view(engine);
        assert_ne!(old.directory(), new.directory());
        assert_eq!(
            names(&shown(engine, &old, family.leaf.path())),
            ["app", "kernel", "libc", "qt"]
        );
        let gone = old.directory().to_owned();
        drop((old, new));
        family.leaf.install(&[small("third")]);
        family.view(engine);
        assert!(!gone.exists(), "now it was removed");
    });
}

#[test]
fn siblings_share_the_base() {
    let family = Family::new();
    let sibling = Node::with(&[small("other")]);
    with_engine(|engine| {
        family.view(engine);
        let ancestors = [family.platform.database(engine), family.core.database(engine)];
        let caches = ViewCaches {
            views: sibling.path().join("view"),
            bases: family.caches().bases,
        };
        let view = FamilyView::open_or_build(engine, &sibling.database(engine), &ancestors, &caches).expect("sound");
        assert_eq!(view.work(), Work::LeafAdded);
        assert_eq!(
            names(&shown(engine, &view, sibling.path())),
            ["kernel", "libc", "other", "qt"]
        );
    });
}

#[test]
fn nodes_without_an_rpmdb_add_nothing() {
    let (leaf, core) = (Node::empty(), Node::with(&[small("kernel")]));
    with_engine(|engine| {
        let caches = ViewCaches {
            views: leaf.path().join("view"),
            bases: leaf.path().join("base"),
        };
        let open = |ancestors: &[NodeDatabase]| {
            FamilyView::open_or_build(engine, &leaf.database(engine), ancestors, &caches).expect("sound")
        };
        let view = open(&[Node::empty().database(engine), core.database(engine)]);
        assert_eq!(names(&shown(engine, &view, leaf.path())), ["kernel"]);
        assert_eq!(names(&shown(engine, &open(&[]), leaf.path())), [""; 0]);
        leaf.install(&[small("app")]);
        assert_eq!(names(&shown(engine, &open(&[]), leaf.path())), ["app"]);
    });
}

#[test]
fn a_damaged_cache_is_made_anew() {
    let family = Family::new();
    let file = |view: &Path, name: &str| view.join(name);
    let damages: [Damage<'_>; 7] = [
        ("a truncated database", &|view| {
            truncate(&file(view, "rpmdb.sqlite"), 5000)
        }),
        ("a changed database", &|view| {
            let bytes = fs::read(file(view, "rpmdb.sqlite")).expect("there");
            fs::write(file(view, "rpmdb.sqlite"), bytes).expect("ours");
        }),
        ("no database", &|view| {
            fs::remove_file(file(view, "rpmdb.sqlite")).expect("there")
        }),
        ("a damaged stamp", &|view| flip_byte(&file(view, "stamp.json"), 3)),
        ("a stamp of another boot", &|view| {
            let stamp = fs::read_to_string(file(view, "stamp.json")).expect("there");
            let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("Linux");
            let other = stamp.replace(boot.trim(), "00000000-0000-0000-0000-000000000000");
            assert_ne!(other, stamp);
            fs::write(file(view, "stamp.json"), other).expect("ours");
        }),
        ("no stamp", &|view| {
            fs::remove_file(file(view, "stamp.json")).expect("there")
        }),
        ("a file in its place", &|view| {
            fs::remove_dir_all(view).expect("ours");
            fs::write(view, "").expect("ours");
        }),
    ];
    for (what, damage) in damages {
        with_engine(|engine| {
            let slot = family.view(engine).directory().to_owned();
            damage(&slot);
            let view = family.view(engine);
            assert_eq!(view.work(), Work::LeafAdded, "{what}");
            assert_eq!(
                names(&shown(engine, &view, family.leaf.path())),
                ["app", "kernel", "libc", "qt"],
                "{what}"
            );
        });
    }
}

#[test]
fn remains_of_killed_builds_are_removed() {
    let family = Family::new();
    with_engine(|engine| {
        let views = family.caches().views;
        fs::create_dir_all(views.join(".new-killed/deeper")).expect("ours");
        family.view(engine);
        assert!(!views.join(".new-killed").exists());
    });
}

#[test]
fn a_cache_of_somebody_else_or_that_cannot_be_written_is_not_used() {
    let Some(user) = other_user() else {
        return skip("needs root");
    };
    let family = Family::new();
    let views = family.caches().views;
    let spoil: [(&str, &dyn Fn()); 3] = [
        ("of another user", &|| user.own(&views)),
        ("that others can write", &|| {
            User::current().own(&views);
            tool("chown", ["0:0", views.to_str().expect("UTF-8")]);
            fs::set_permissions(&views, fs::Permissions::from_mode(0o777)).expect("ours");
        }),
        ("that is a file", &|| {
            fs::remove_dir_all(&views).expect("ours");
            fs::write(&views, "").expect("ours");
        }),
    ];
    with_engine(|engine| drop(family.view(engine)));
    for (what, spoil) in spoil {
        spoil();
        with_engine(|engine| {
            let view = family.view(engine);
            assert!(view.is_temporary(), "{what}");
            let shown = shown(engine, &view, family.leaf.path());
            assert_eq!(
                names(&shown),
                ["app", "kernel", "libc", "qt"],
                "{what}: reached from below the leaf's root"
            );
            let directory = view.directory().to_owned();
            drop(view);
            assert!(!directory.exists(), "{what}: it went away");
        });
    }
}

#[test]
fn databases_in_another_format_are_imported() {
    let family = Family::new();
    for node in [&family.core, &family.leaf] {
        let folder = node.folder();
        tool(
            "rpmdb",
            [
                "--dbpath",
                folder.to_str().expect("UTF-8"),
                "--define",
                "_db_backend ndb",
                "--rebuilddb",
            ],
        );
    }
    with_engine(|engine| {
        let own = |node: &Node| {
            let packages = snapshot::read(engine, &node.database(engine)).expect("sound").packages;
            packages
                .into_iter()
                .map(|p| (p.name.into_string().expect("UTF-8"), p.header_number))
                .collect::<Vec<_>>()
        };
        let view = family.view(engine);
        let shown = shown(engine, &view, family.leaf.path());
        assert_eq!(names(&shown), ["app", "kernel", "libc", "qt"]);
        for (index, node) in [&family.leaf, &family.platform, &family.core].into_iter().enumerate() {
            for (name, header_number) in own(node) {
                let number = view
                    .number_of(Origin {
                        node: index,
                        header_number,
                    })
                    .expect("in the view");
                assert_eq!(shown[&number].0, name);
            }
        }
    });
}

#[test]
fn a_database_with_other_tables_is_imported() {
    // The second one is what somebody might prepare who wants sqlite to run something of his.
    for statement in [
        "CREATE TABLE other(idx, key, hnum); INSERT INTO other SELECT idx, key, hnum FROM Name; \
         DROP TABLE Name; ALTER TABLE other RENAME TO Name",
        "ALTER TABLE Name RENAME TO other; CREATE VIEW Name AS SELECT * FROM other",
    ] {
        let family = Family::new();
        tool("sqlite3", [family.core.file().to_str().expect("UTF-8"), statement]);
        with_engine(|engine| {
            let view = family.view(engine);
            assert_eq!(
                names(&shown(engine, &view, family.leaf.path())),
                ["app", "kernel", "libc", "qt"],
                "{statement}"
            );
            let tables = tool(
                "sqlite3",
                [
                    view.directory().join("rpmdb.sqlite").to_str().expect("UTF-8"),
                    ".schema Name",
                ],
            );
            assert!(tables.starts_with("CREATE TABLE"), "{tables}");
        });
    }
}

#[test]
fn a_database_that_librpm_refuses_gives_no_view() {
    let family = Family::new();
    tool(
        "sqlite3",
        [family.core.file().to_str().expect("UTF-8"), "DROP TABLE Enhancename"],
    );
    with_engine(|engine| {
        let ancestors = [family.platform.database(engine), family.core.database(engine)];
        let view = FamilyView::open_or_build(engine, &family.leaf.database(engine), &ancestors, &family.caches());
        let error = view.expect_err("it is not what it should be").to_string();
        let expected = format!("cannot open the rpmdb in {}", family.core.folder().display());
        assert!(error.starts_with(&expected), "{error}");
    });
    let left = fs::read_dir(family.caches().bases)
        .expect("there")
        .flatten()
        .filter(|e| e.path().is_dir())
        .count();
    assert_eq!(left, 0, "nothing unfinished is left");
}

#[test]
fn with_the_guard_librpm_opens_the_view_and_keeps_its_locks_at_the_node() {
    let family = Family::new();
    with_engine(|engine| {
        let view = family.view(engine);
        let macros = engine.macros();
        let expand = |name: &str| macros.expand(format!("%{{{name}}}")).expect("expands");
        let lock = expand("_rpmlock_path");
        let keys = expand("_keyringpath");
        let guard = view.push_dbpath(engine, family.leaf.path()).expect("can be pushed");
        assert_eq!(expand("_dbpath"), view.dbpath_below(family.leaf.path()));
        assert_eq!(
            (expand("_rpmlock_path"), expand("_keyringpath")),
            (lock.clone(), keys.clone())
        );
        guard.pop();
        assert_eq!(
            (expand("_dbpath"), expand("_rpmlock_path")),
            ("/var/lib/rpm".into(), lock)
        );
    });
}

/// Not a test by itself: what the processes of the next test run. librpm cannot be used twice in one process.
#[test]
fn builder_process() {
    let Some(paths) = std::env::var_os("REDPAK_TEST_FAMILY") else {
        return;
    };
    let paths: Vec<_> = std::env::split_paths(&paths).collect();
    with_engine(|engine| {
        let [leaf, platform, core] = [0, 1, 2].map(|index| NodeDatabase::locate(engine, &paths[index]).expect("there"));
        let caches = ViewCaches {
            views: paths[3].clone(),
            bases: paths[4].clone(),
        };
        let view = FamilyView::open_or_build(engine, &leaf, &[platform, core], &caches).expect("can be built");
        println!("work={:?}", view.work());
    });
}

#[test]
fn several_processes_at_once_build_one_view() {
    let family = Family::new();
    let caches = family.caches();
    let nodes = [&family.leaf, &family.platform, &family.core].map(|node| node.path().to_owned());
    let paths = std::env::join_paths(nodes.into_iter().chain([caches.views, caches.bases])).expect("no colons");
    let builders: Vec<_> = (0..4)
        .map(|_| {
            let mut builder = Command::new(std::env::current_exe().expect("this program"));
            builder
                .args(["--exact", "builder_process", "--nocapture"])
                .env("REDPAK_TEST_FAMILY", &paths);
            builder.stdout(Stdio::piped()).spawn().expect("it starts")
        })
        .collect();
    let mut work: Vec<String> = builders
        .into_iter()
        .map(|builder| {
            let output = builder.wait_with_output().expect("it ends");
            let stdout = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(output.status.success(), "{stdout}");
            stdout
                .split_once("work=")
                .expect("it says")
                .1
                .lines()
                .next()
                .expect("a line")
                .into()
        })
        .collect();
    work.sort();
    assert_eq!(work, ["Built", "Reused", "Reused", "Reused"]);
}

/// Figures for the family of a core OS of 1,500 packages with 40 files each; `--nocapture` shows them.
#[test]
fn a_large_core_os_costs_once() {
    let (core, leaf) = (Node::empty(), Node::with(&[small("app")]));
    let bases = redpak_testing::directory();
    with_engine(|engine| {
        let count = std::env::var("REDPAK_CORE_PACKAGES").map_or(300, |count| count.parse().expect("a number"));
        generated::fill(engine, &core.folder(), "core", count, 40);
        let caches = ViewCaches {
            views: leaf.path().join("view"),
            bases: bases.path().join("base"),
        };
        let mut times = Vec::new();
        let mut open = |expected| {
            let begin = Instant::now();
            let ancestors = [core.database(engine)];
            let view = FamilyView::open_or_build(engine, &leaf.database(engine), &ancestors, &caches).expect("sound");
            times.push((expected, begin.elapsed()));
            assert_eq!(view.work(), expected);
            view
        };
        open(Work::Built);
        open(Work::Reused);
        leaf.install(&[small("second")]);
        let view = open(Work::LeafAdded);
        assert_eq!(shown(engine, &view, leaf.path()).len(), count + 2);
        eprintln!(
            "core OS of {count} packages, {} bytes: {times:?}",
            fs::metadata(core.file()).expect("there").len()
        );
    });
}
