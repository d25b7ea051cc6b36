//! Reading the rpmdbs of nodes, wherever they are and whatever became of them.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use common::{Node, names, other_user, with_engine};
use librpm::{Keyring, SignatureState};
use redpak_packages::{Error, NodeDatabase, snapshot};
use redpak_testing::{Key, Package, User, build_packages, flip_byte, register_with_rpm, skip, tool, truncate};

/// What is done to a node before it is read, in words and in deeds.
type Change = (&'static str, fn(&Node));

fn small(name: &str) -> Package {
    Package::new(name, "1-1").file(&format!("/usr/share/{name}"), name)
}

#[test]
fn a_node_without_an_rpmdb_has_no_packages_and_stays_as_it_is() {
    let node = Node::empty();
    let before = node.listing();
    with_engine(|engine| {
        let database = node.database(engine);
        assert!(!database.exists());
        let opened = database.open(engine).expect("nothing to fail");
        assert_eq!(opened.headers().expect("empty").count(), 0);
        assert_eq!(opened.named(OsStr::new("a")).expect("empty").count(), 0);
        assert!(opened.header(1).expect("empty").is_none());
        assert_eq!(opened.cookie().expect("empty"), "");
        assert_eq!(opened.verify_headers().expect("empty").len(), 0);
    });
    assert_eq!(node.listing(), before);
}

#[test]
fn packages_are_found_by_number_name_provide_and_file() {
    let node = Node::with(&[small("one"), small("two").provides("cap = 7"), small("three")]);
    node.remove("one");
    with_engine(|engine| {
        let packages = snapshot::read(engine, &node.database(engine)).expect("sound").packages;
        let numbers: Vec<_> = packages.iter().map(|p| (p.name.to_str(), p.header_number)).collect();
        assert_eq!(numbers, [(Some("two"), 2), (Some("three"), 3)]);
        let database = node.database(engine);
        let opened = database.open(engine).expect("sound");
        let names = |iterator: librpm::Result<librpm::MatchIterator<'_, '_>>| -> Vec<_> {
            iterator
                .expect("can be searched")
                .map(|header| header.expect("sound").nevra())
                .collect()
        };
        assert_eq!(names(opened.named(OsStr::new("two"))), ["two-1-1.noarch"]);
        assert_eq!(names(opened.providing(OsStr::new("cap"))), ["two-1-1.noarch"]);
        assert_eq!(
            names(opened.owning(Path::new("/usr/share/three"))),
            ["three-1-1.noarch"]
        );
        assert_eq!(names(opened.named(OsStr::new("one"))), [""; 0]);
        assert_eq!(names(opened.named(OsStr::new(""))), [""; 0]);
        assert!(opened.header(1).expect("removed").is_none());
        assert_eq!(
            opened.header(3).expect("there").expect("there").nevra(),
            "three-1-1.noarch"
        );
    });
}

#[test]
fn cookie_and_fingerprint_tell_that_something_changed() {
    let node = Node::with(&[small("one")]);
    with_engine(|engine| {
        let state = || {
            let database = node.database(engine);
            let fingerprint = database.fingerprint().expect("can be taken");
            (
                database
                    .open(engine)
                    .and_then(|opened| Ok(opened.cookie()?))
                    .expect("sound"),
                fingerprint,
            )
        };
        let before = state();
        assert_eq!(state(), before, "reading is no change");
        node.install(&[small("two")]);
        let after = state();
        assert_ne!(after.0, before.0);
        assert_ne!(after.1, before.1);
        // The same content with the old time of modification, in place of the old file.
        let modified = fs::metadata(node.file())
            .and_then(|status| status.modified())
            .expect("there");
        let replacement = node.folder().join("copy");
        fs::copy(node.file(), &replacement).expect("can be copied");
        fs::File::options()
            .write(true)
            .open(&replacement)
            .and_then(|f| f.set_modified(modified))
            .expect("ours");
        fs::rename(&replacement, node.file()).expect("ours");
        assert_ne!(state().1, after.1);
    });
}

#[test]
fn reading_changes_nothing_in_the_node() {
    let node = Node::with(&[small("one")]);
    let checks: [Change; 3] = [
        ("as rpm left it", |_| {}),
        ("without shared memory", |node| {
            fs::remove_file(node.folder().join("rpmdb.sqlite-shm")).expect("there")
        }),
        ("without a log", |node| {
            fs::remove_file(node.folder().join("rpmdb.sqlite-wal")).expect("there")
        }),
    ];
    for (what, change) in checks {
        change(&node);
        let before = node.listing();
        with_engine(|engine| {
            assert_eq!(names(engine, &node), ["one"], "{what}");
            node.database(engine)
                .open(engine)
                .and_then(|opened| Ok(opened.cookie()?))
                .expect("sound");
        });
        assert_eq!(node.listing(), before, "{what}");
    }
}

#[test]
fn what_is_only_in_the_write_ahead_log_is_read_too() {
    let node = Node::with(&[small("one")]);
    let file = node.file();
    // A reader with an open transaction keeps rpm from moving the log's content into the database.
    let mut reader = Command::new("sqlite3")
        .arg(&file)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("sqlite3");
    let mut input = reader.stdin.take().expect("piped");
    std::io::Write::write_all(&mut input, b"BEGIN; SELECT count(*) FROM Packages;\n").expect("reads");
    std::thread::sleep(std::time::Duration::from_millis(300));
    node.install(&[small("two")]);
    let log = fs::metadata(node.folder().join("rpmdb.sqlite-wal"))
        .expect("there")
        .len();
    assert!(log > 0, "the log is not empty");
    with_engine(|engine| {
        assert_eq!(names(engine, &node), ["one", "two"], "in place");
        fs::set_permissions(node.folder(), fs::Permissions::from_mode(0o777)).expect("ours");
        assert_eq!(names(engine, &node), ["one", "two"], "by a private copy");
    });
    drop(input);
    reader.wait().expect("ends");
}

#[test]
fn an_rpmdb_of_another_user_is_read_from_a_copy() {
    let node = Node::with(&[small("one")]);
    let Some(user) = other_user() else {
        return skip("needs root");
    };
    for entry in fs::read_dir(node.folder()).expect("there") {
        user.own(&entry.expect("there").path());
    }
    user.own(&node.folder());
    // sqlite's write-ahead log gets a new time of change whenever root opens the database where it is.
    let log = node.folder().join("rpmdb.sqlite-wal");
    let changed = || {
        fs::metadata(&log)
            .map(|status| (status.ctime(), status.ctime_nsec()))
            .expect("there")
    };
    let before = (node.listing(), changed());
    with_engine(|engine| assert_eq!(names(engine, &node), ["one"]));
    assert_eq!((node.listing(), changed()), before, "it was not opened in place");
    with_engine(|engine| {
        fs::remove_dir_all(node.folder()).expect("ours");
        node.install(&[small("one")]);
        let before = changed();
        assert_eq!(names(engine, &node), ["one"]);
        assert_ne!(changed(), before, "otherwise the assertion above shows nothing");
    });
}

#[test]
fn an_rpmdb_on_a_read_only_file_system_is_read() {
    if !User::is_root() {
        return skip("needs root to mount");
    }
    for keep in [true, false] {
        let node = Node::with(&[small("one")]);
        if !keep {
            fs::remove_file(node.folder().join("rpmdb.sqlite-shm")).expect("there");
            fs::remove_file(node.folder().join("rpmdb.sqlite-wal")).expect("there");
        }
        let path = node.path().to_str().expect("UTF-8");
        tool("mount", ["--bind", path, path]);
        tool("mount", ["-o", "remount,ro,bind", path]);
        let outcome = std::panic::catch_unwind(|| with_engine(|engine| names(engine, &node)));
        tool("umount", [path]);
        assert_eq!(
            outcome.expect("it can be read"),
            ["one"],
            "log and shared memory kept: {keep}"
        );
    }
}

#[test]
fn the_place_of_the_rpmdb_is_looked_up_inside_the_node() {
    let real = Node::with(&[small("one")]);
    // As a system with /usr only has it, with a link that is absolute for whoever lives in the root.
    let node = Node::empty();
    fs::create_dir_all(node.path().join("usr/lib/sysimage")).expect("ours");
    fs::create_dir_all(node.path().join("var/lib")).expect("ours");
    tool(
        "cp",
        [
            "-a",
            real.folder().to_str().expect("UTF-8"),
            node.path().join("usr/lib/sysimage/rpm").to_str().expect("UTF-8"),
        ],
    );
    with_engine(|engine| assert_eq!(names(engine, &node), ["one"], "at another usual place"));
    symlink("/usr/lib/sysimage/rpm", node.folder()).expect("ours");
    with_engine(|engine| assert_eq!(names(engine, &node), ["one"], "through a link"));
    // A link that would lead out of the node leads nowhere.
    let hostile = Node::empty();
    fs::create_dir_all(hostile.path().join("var/lib")).expect("ours");
    symlink(real.folder(), hostile.folder()).expect("ours");
    with_engine(|engine| {
        assert!(!hostile.database(engine).exists());
        assert_eq!(names(engine, &hostile), [""; 0]);
    });
}

#[test]
fn a_database_that_is_no_file_is_an_error() {
    let node = Node::empty();
    let real = Node::with(&[small("one")]);
    fs::create_dir_all(node.folder()).expect("ours");
    symlink(real.file(), node.file()).expect("ours");
    with_engine(|engine| {
        let error = redpak_packages::NodeDatabase::locate(engine, node.path()).expect_err("a link is no database");
        assert!(matches!(error, Error::Io { .. }), "{error}");
    });
}

#[test]
fn an_unusual_path_is_no_obstacle() {
    let outer = redpak_testing::directory();
    let real = Node::with(&[small("one")]);
    for name in ["100%{_dbpath} %% a", "with space", "\u{fc}ml\u{e4}ut"] {
        let root = outer.path().join(name);
        tool(
            "cp",
            [
                "-a",
                real.path().to_str().expect("UTF-8"),
                root.to_str().expect("UTF-8"),
            ],
        );
        with_engine(|engine| {
            let database = redpak_packages::NodeDatabase::locate(engine, &root).expect("can be located");
            assert_eq!(
                snapshot::read(engine, &database).expect("can be read").packages.len(),
                1,
                "{name}"
            );
        });
    }
}

#[test]
fn an_ndb_database_is_read() {
    let node = Node::with(&[small("one"), small("two")]);
    let path = node.folder();
    let path = path.to_str().expect("UTF-8");
    tool(
        "rpmdb",
        ["--dbpath", path, "--define", "_db_backend ndb", "--rebuilddb"],
    );
    assert!(
        node.folder().join("Packages.db").exists() && !node.file().exists(),
        "rpm made it ndb"
    );
    let before = node.listing();
    with_engine(|engine| assert_eq!(names(engine, &node), ["one", "two"]));
    assert_eq!(node.listing(), before);
    fs::set_permissions(node.folder(), fs::Permissions::from_mode(0o777)).expect("ours");
    with_engine(|engine| assert_eq!(names(engine, &node), ["one", "two"], "by a private copy"));
}

#[test]
fn berkeley_db_is_refused_with_advice() {
    let node = Node::empty();
    fs::create_dir_all(node.folder()).expect("ours");
    fs::write(node.folder().join("Packages"), "").expect("ours");
    with_engine(|engine| {
        let error = node.database(engine).open(engine).expect_err("cannot be read");
        assert!(error.to_string().contains("rpmdb --rebuilddb"), "{error}");
    });
}

/// Changes a byte of a header in the database, where `needle` stands in it.
fn tamper(node: &Node, needle: &str) {
    let bytes = fs::read(node.file()).expect("there");
    let found = bytes
        .windows(needle.len())
        .rposition(|window| window == needle.as_bytes())
        .expect("in the header");
    flip_byte(&node.file(), i64::try_from(found).expect("small"));
}

#[test]
fn a_changed_header_is_found_and_the_others_are_still_read() {
    let summary = "A summary that stands in the header alone";
    let node = Node::with(&[small("one"), small("two").summary(summary), small("three")]);
    tamper(&node, summary);
    with_engine(|engine| {
        let database = node.database(engine);
        let opened = database.open(engine).expect("it opens");
        let problems = opened.verify_headers().expect("it can be read");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(matches!(problems[0], librpm::Error::DamagedHeader { .. }));
        let text = problems[0].to_string();
        assert!(text.contains("h# 2") && text.contains("BAD"), "{text}");
        let read = opened.headers().expect("readable").filter_map(Result::ok).count();
        assert_eq!(read, 2);
        assert!(
            snapshot::read(engine, &database).is_err(),
            "a snapshot is all or nothing"
        );
    });
}

#[test]
fn signatures_of_installed_packages_are_checked_with_the_keys_of_a_node() {
    let key = Key::new("Tests <tests@redpak.invalid>");
    let (node, stranger) = (Node::with(&[small("unsigned")]), Node::empty());
    let built = redpak_testing::directory();
    let path = build_packages(&[small("signed")], built.path());
    key.sign_packages(&path);
    register_with_rpm(node.path(), &path);
    let root = node.path().to_str().expect("UTF-8");
    tool(
        "rpmkeys",
        [
            "--root",
            root,
            "--dbpath=/var/lib/rpm",
            "--import",
            key.public().to_str().expect("UTF-8"),
        ],
    );
    with_engine(|engine| {
        let (database, other) = (node.database(engine), stranger.database(engine));
        let (opened, other) = (
            database.open(engine).expect("sound"),
            other.open(engine).expect("sound"),
        );
        let state = |name: &str, keys: &redpak_packages::Database<'_>| {
            let mut keyring = Keyring::new(engine).expect("can be made");
            keyring.add_database(keys).expect("its keys can be read");
            let header = opened
                .named(OsStr::new(name))
                .expect("sound")
                .next()
                .expect("there")
                .expect("sound");
            header.signature(engine, &keyring).expect("nothing is wrong")
        };
        assert_eq!(state("signed", &opened), SignatureState::Good);
        assert_eq!(state("signed", &other), SignatureState::UnknownKey);
        assert_eq!(state("unsigned", &opened), SignatureState::Unsigned);
    });
}

#[test]
fn a_truncated_or_garbled_database_is_an_error_and_no_crash() {
    let node = Node::with(&[small("one"), small("two")]);
    let whole = fs::read(node.file()).expect("there");
    let check = || {
        with_engine(|engine| {
            let database = node.database(engine);
            database
                .open(engine)
                .and_then(|opened| Ok(opened.verify_headers()?))
                .is_ok_and(|problems| problems.is_empty())
        })
    };
    assert!(check());
    for length in [0, 1, 50, 100, 4096, 4097, whole.len() / 2, whole.len() - 4096] {
        truncate(&node.file(), length as u64);
        let sound = check();
        assert!(!sound || length + 4096 == whole.len(), "cut off at {length}");
        fs::write(node.file(), &whole).expect("restored");
    }
    for seed in 0..60_usize {
        let mut garbled = whole.clone();
        for (index, byte) in garbled
            .iter_mut()
            .enumerate()
            .skip(seed % 2 * 100)
            .step_by(61 + seed * 13)
        {
            *byte = byte.wrapping_mul(31).wrapping_add((index ^ seed) as u8);
        }
        fs::write(node.file(), &garbled).expect("ours");
        check();
    }
    fs::write(node.file(), &whole).expect("restored");
    assert!(check());
}

/// `rpm --rebuilddb` renames the old database and then the new one. A transaction that began in between made a database of
/// its own, and rpm could not put the new one in place.
#[test]
fn a_database_that_rpm_is_rebuilding_is_waited_for() {
    let node = Node::with(&[small("one")]);
    let aside = node.path().join("var/lib/rpmolddb.4711");
    fs::rename(node.folder(), &aside).expect("ours");
    let error = NodeDatabase::locate_at(node.path(), &node.folder()).expect_err("it does not come");
    let text = error.to_string();
    assert!(
        text.contains("move it back") && text.contains(aside.to_str().expect("UTF-8")),
        "{text}"
    );
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| NodeDatabase::locate_at(node.path(), &node.folder()));
        std::thread::sleep(std::time::Duration::from_millis(200));
        fs::rename(&aside, node.folder()).expect("ours");
        assert!(waiting.join().expect("no panic").expect("it came").exists());
    });
    // What others call nearly so says nothing.
    let empty = Node::empty();
    for name in ["rpmolddb", "rpmolddb.", "rpmolddb.x", "otherolddb.1", "rpmrebuilddb.1"] {
        fs::create_dir_all(empty.path().join("var/lib").join(name)).expect("ours");
    }
    let database = NodeDatabase::locate_at(empty.path(), &empty.folder()).expect("there is none");
    assert!(!database.exists());
}
