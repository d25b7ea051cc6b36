//! Nodes that are made, refused and taken away again, on real directories.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::report::chain;

struct Pool(tempfile::TempDir);

impl Pool {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, relative: &str) -> PathBuf {
        std::fs::canonicalize(self.0.path()).unwrap().join(relative)
    }

    /// A new node for a core OS that is empty.
    fn new_node(&self, relative: &str) -> NewNode {
        std::fs::create_dir_all(self.path("core")).unwrap();
        NewNode {
            root: self.path("core"),
            ..NewNode::new(self.path(relative))
        }
    }

    fn make(&self, relative: &str) -> PathBuf {
        create(&self.new_node(relative)).unwrap().keep()
    }

    fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).unwrap()
    }

    /// Every path below with its kind, mode and content.
    fn snapshot(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        let mut left = vec![self.path("")];
        while let Some(directory) = left.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let metadata = std::fs::symlink_metadata(&path).unwrap();
                let content = if metadata.is_file() {
                    std::fs::read_to_string(&path).unwrap()
                } else {
                    String::new()
                };
                if metadata.is_dir() {
                    left.push(path.clone());
                }
                found.insert(path, format!("{:o} {content}", metadata.permissions().mode()));
            }
        }
        found
    }

    fn load(&self, relative: &str) -> redpak::node::Family {
        let request = family::Request {
            root: self.path("core"),
            ..family::Request::new(self.path(relative))
        };
        family::load(&request).unwrap()
    }
}

fn told(result: Result<Creation, CreateError>) -> String {
    chain(
        &result
            .map(|creation| creation.path().to_path_buf())
            .expect_err("the node was made"),
    )
}

fn alias(text: &str) -> Option<Alias> {
    Some(text.parse().unwrap())
}

#[test]
fn a_node_is_made_of_the_leaf_templates_with_the_name_of_its_directory() {
    let pool = Pool::new();
    let path = pool.make("a/b/my app");
    let family = pool.load("a/b/my app");
    let node = family.leaf().unwrap();
    assert_eq!(node.alias().as_str(), "my_app");
    assert_eq!(
        (node.status.state.value, &node.status.realpath.value.0),
        (State::Enable, &path)
    );
    assert!(!family.system);
    let headers = &node.config.config.headers;
    assert_eq!(headers.name.as_ref().unwrap().value, path.display().to_string());
    assert!(
        pool.read("a/b/my app/etc/redpack.yaml")
            .contains("# Programs of this node"),
        "comments are kept"
    );
    for place in ["etc/redpack-admin.yaml", "etc/yum.repos.d", "var/lib/rpm"] {
        assert!(path.join(place).exists(), "{place}");
    }
}

#[test]
fn an_existing_directory_keeps_all_it_has() {
    let pool = Pool::new();
    pool.write("a/etc/yum.repos.d/x.repo", "[x]\n");
    pool.write("a/etc/dnf/dnf.conf", "[main]\n");
    pool.write("a/var/lib/rpm/rpmdb.sqlite", "db");
    pool.write("a/etc/redpak.yaml", "headers: {alias: mine} # kept\n");
    let before = pool.snapshot();
    pool.make("a");
    let after = pool.snapshot();
    let lost: Vec<_> = before
        .iter()
        .filter(|(path, content)| after.get(*path) != Some(content))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(pool.load("a").leaf().unwrap().alias().as_str(), "mine");
    assert!(!pool.path("a/etc/redpack.yaml").exists() && !pool.path("a/etc/redpack-admin.yaml").exists());
}

#[test]
fn a_node_that_is_not_kept_leaves_everything_as_it_was() {
    let pool = Pool::new();
    pool.write("a/file", "x");
    std::fs::create_dir_all(pool.path("core")).unwrap();
    let before = pool.snapshot();
    drop(create(&pool.new_node("a/b/c")).unwrap());
    drop(create(&pool.new_node("a")).unwrap());
    assert_eq!(pool.snapshot(), before);
}

#[test]
fn a_failure_halfway_leaves_everything_as_it_was() {
    let pool = Pool::new();
    // The last directory that is made cannot be, since a file has its name.
    pool.write("a/var/lib", "a file");
    std::fs::create_dir_all(pool.path("core")).unwrap();
    let before = pool.snapshot();
    assert!(told(create(&pool.new_node("a"))).contains("not a directory"));
    assert_eq!(pool.snapshot(), before);
}

#[test]
fn a_failed_refresh_restores_the_files_that_it_replaced() {
    let pool = Pool::new();
    let path = pool.make("a");
    std::fs::set_permissions(path.join(files::CONFIG), PermissionsExt::from_mode(0o640)).unwrap();
    let before = pool.snapshot();
    let new = NewNode {
        update: true,
        alias: alias("other"),
        ..pool.new_node("a")
    };
    let creation = create(&new).unwrap();
    assert_eq!(pool.load("a").leaf().unwrap().alias().as_str(), "other");
    drop(creation);
    assert_eq!(pool.snapshot(), before);
}

#[test]
fn a_refresh_writes_the_status_anew_and_keeps_the_config() {
    let pool = Pool::new();
    pool.make("a");
    std::fs::rename(pool.path("a"), pool.path("moved")).unwrap();
    pool.write("moved/etc/redpack.yaml", "headers: {alias: mine} # edited\n");
    assert!(told(create(&pool.new_node("moved"))).contains("is a node already; refresh it with --update"));
    let new = NewNode {
        update: true,
        ..pool.new_node("moved")
    };
    create(&new).unwrap().keep();
    assert_eq!(pool.read("moved/etc/redpack.yaml"), "headers: {alias: mine} # edited\n");
    assert_eq!(
        pool.load("moved").leaf().unwrap().status.realpath.value.0,
        pool.path("moved")
    );
    let headers = |file: &str| {
        redpak::config::parse(&pool.read(file), Path::new("x"))
            .unwrap()
            .config
            .headers
    };
    assert_eq!(
        headers("moved/etc/redpack-admin.yaml").alias.as_str(),
        "mine",
        "the admin config follows"
    );
}

#[test]
fn a_refresh_with_a_template_replaces_the_config_and_keeps_the_alias() {
    let pool = Pool::new();
    create(&NewNode {
        alias: alias("one"),
        ..pool.new_node("a")
    })
    .unwrap()
    .keep();
    let full = Some(Template::Named("full".into()));
    create(&NewNode {
        update: true,
        config: full,
        ..pool.new_node("a")
    })
    .unwrap()
    .keep();
    let family = pool.load("a");
    let node = family.leaf().unwrap();
    assert_eq!(node.alias().as_str(), "one");
    assert!(
        node.config
            .config
            .exports
            .iter()
            .any(|export| export.mount.value == "/usr")
    );
}

#[test]
fn a_refresh_repairs_a_broken_status_and_leaves_a_disabled_node_disabled() {
    let pool = Pool::new();
    let path = pool.make("a");
    let refresh = || {
        create(&NewNode {
            update: true,
            ..pool.new_node("a")
        })
        .unwrap()
        .keep()
    };
    for (text, state) in [
        ("broken: [", State::Enable),
        (&Status::new(State::Error, &path, 1, "x").to_yaml(), State::Enable),
        (&Status::new(State::Disable, &path, 1, "x").to_yaml(), State::Disable),
    ] {
        pool.write("a/.rednode.yaml", text);
        refresh();
        assert_eq!(pool.load("a").leaf().unwrap().status.state.value, state, "{text}");
    }
}

#[test]
fn aliases_are_unique_within_a_redpath() {
    let pool = Pool::new();
    let make = |relative: &str, name: &str| {
        create(&NewNode {
            alias: alias(name),
            ..pool.new_node(relative)
        })
    };
    make("a", "one").unwrap().keep();
    make("a/b/c", "two").unwrap().keep();
    make("a/d", "two").unwrap().keep();
    let error = told(make("a/b", "one"));
    assert_eq!(
        error,
        format!(
            "the alias 'one' is already used by {}; choose another one with --alias",
            pool.path("a").display()
        )
    );
    assert!(told(make("a/b", "two")).contains("a/b/c"));
    make("a/b", "three").unwrap().keep();
    let rename = NewNode {
        update: true,
        alias: alias("two"),
        ..pool.new_node("a/b")
    };
    assert!(told(create(&rename)).contains("the alias 'two' is already used"));
}

#[test]
fn a_file_gives_its_own_alias_unless_another_one_is_asked_for() {
    let pool = Pool::new();
    let file = pool.write("mine.yaml", "# mine\nheaders: {alias: theirs}\n");
    let config = Some(Template::File(file));
    create(&NewNode {
        config: config.clone(),
        ..pool.new_node("a")
    })
    .unwrap()
    .keep();
    assert_eq!(pool.read("a/etc/redpack.yaml"), "# mine\nheaders: {alias: theirs}\n");
    assert!(!pool.path("a/etc/redpack-admin.yaml").exists());
    create(&NewNode {
        config,
        alias: alias("ours"),
        ..pool.new_node("b")
    })
    .unwrap()
    .keep();
    assert_eq!(pool.read("b/etc/redpack.yaml"), "# mine\nheaders: {alias: \"ours\"}\n");
}

#[test]
fn wrong_templates_are_told_with_their_place_and_make_nothing() {
    let pool = Pool::new();
    let file = pool.write("bad.yaml", "headers: {alias: x}\nconfig: {umsk: 022, verbose: no}\n");
    let with = |template| {
        create(&NewNode {
            config: Some(template),
            ..pool.new_node("a")
        })
    };
    let error = told(with(Template::File(file)));
    assert!(
        error.contains("bad.yaml:2:10") && error.contains("bad.yaml:2:30"),
        "{error}"
    );
    let error = told(with(Template::Named("laef".into())));
    assert!(
        error.contains("there is no template 'laef'; there are full,"),
        "{error}"
    );
    assert!(!pool.path("a").exists());
}

#[test]
fn the_systems_templates_come_before_the_shipped_ones() {
    let pool = Pool::new();
    pool.write(
        "core/etc/red-pak/templates.d/leaf.yaml",
        "headers: {alias: \"@ALIAS@\", info: site}\n",
    );
    pool.make("a");
    assert_eq!(pool.read("a/etc/redpack.yaml"), "headers: {alias: a, info: site}\n");
    assert!(pool.read("a/etc/redpack-admin.yaml").contains("Template `leaf`"));
}

#[test]
fn an_existing_config_is_not_replaced_unasked() {
    let pool = Pool::new();
    pool.write("a/etc/redpack.yaml", "headers: {alias: mine}\n");
    let config = Some(Template::Named("leaf".into()));
    assert!(
        told(create(&NewNode {
            config,
            ..pool.new_node("a")
        }))
        .contains("etc/redpack.yaml exists")
    );
    let error = told(create(&NewNode {
        alias: alias("x"),
        ..pool.new_node("a")
    }));
    assert!(
        error.contains("has the alias 'mine', not 'x'; change it with --update"),
        "{error}"
    );
    assert!(!pool.path("a/.rednode.yaml").exists());
}

#[test]
fn planted_symlinks_lead_nowhere() {
    let pool = Pool::new();
    for (link, name) in [("etc", "one"), ("var", "two")] {
        std::fs::create_dir_all(pool.path("host")).unwrap();
        std::fs::create_dir_all(pool.path(name)).unwrap();
        symlink(pool.path("host"), pool.path(name).join(link)).unwrap();
        assert!(told(create(&pool.new_node(name))).contains("leads out of"), "{link}");
        assert_eq!(std::fs::read_dir(pool.path("host")).unwrap().count(), 0, "{link}");
    }
    let error = {
        symlink(pool.path("nowhere"), pool.path("dangling")).unwrap();
        told(create(&pool.new_node("dangling/a")))
    };
    assert!(error.contains("cannot follow"), "{error}");
    assert!(!pool.path("nowhere").exists());
}

#[test]
fn a_directory_of_others_is_told_with_what_to_do() {
    let error = CreateError::from(PathError::new(
        "make the directory",
        "/pool/a",
        std::io::Error::from_raw_os_error(13),
    ));
    assert_eq!(
        chain(&error),
        "cannot make a node in /pool; make it yours with 'sudo chown $USER /pool', or choose a pool that is yours: \
         permission denied"
    );
}

#[test]
fn relative_and_impossible_paths_are_refused() {
    assert!(told(create(&NewNode::new("a"))).contains("is not absolute"));
    let pool = Pool::new();
    assert!(told(create(&pool.new_node("no/../x"))).contains("leads through '..'"));
    pool.write("file", "");
    assert!(told(create(&pool.new_node("file"))).contains("not a directory"));
}

#[test]
fn the_pool_becomes_the_system_node() {
    let pool = Pool::new();
    let redpath = pool.path("pool/a");
    assert_eq!(system_place(&redpath).unwrap(), SystemPlace::Pool(pool.path("pool")));
    std::fs::create_dir_all(pool.path("core")).unwrap();
    create_system(&pool.path("pool"), &pool.path("core")).unwrap().keep();
    assert_eq!(system_place(&redpath).unwrap(), SystemPlace::Above(pool.path("pool")));
    pool.make("pool/a");
    let family = pool.load("pool/a");
    assert!(family.system && family.nodes.len() == 2);
    // A refresh does not take its rank away.
    create(&NewNode {
        update: true,
        ..pool.new_node("pool")
    })
    .unwrap()
    .keep();
    assert!(pool.load("pool/a").system);
}

#[test]
fn shared_directories_do_not_become_system_nodes() {
    let pool = Pool::new();
    std::fs::create_dir(pool.path("shared")).unwrap();
    std::fs::set_permissions(pool.path("shared"), PermissionsExt::from_mode(0o1777)).unwrap();
    let place = |path: &Path| match system_place(path).unwrap() {
        SystemPlace::Unsuitable(reason) => reason,
        other => panic!("{other:?}"),
    };
    assert!(place(&pool.path("shared/a")).ends_with("shared is writable by everybody"));
    assert_eq!(place(Path::new("/not-there")), "/ is the root of the core OS");
}

#[test]
fn a_node_for_another_machine_says_where_it_will_be() {
    let pool = Pool::new();
    let new = NewNode {
        root: pool.path("image"),
        ..NewNode::new(pool.path("image/var/redpesk/a"))
    };
    std::fs::create_dir_all(pool.path("image/usr/lib/rpm")).unwrap();
    pool.write("image/usr/lib/rpm/macros", "%_dbpath\t%{_usr}/lib/sysimage/rpm\n");
    create(&new).unwrap().keep();
    let status = Status::parse(
        pool.read("image/var/redpesk/a/.rednode.yaml").as_bytes(),
        Path::new("x"),
    )
    .unwrap();
    assert_eq!(status.realpath.value.0, Path::new("/var/redpesk/a"));
    assert!(
        pool.read("image/var/redpesk/a/etc/redpack.yaml")
            .contains("/usr/lib/sysimage/rpm")
    );
}
