//! What an interrupted transaction leaves beside its packages: libdnf5's state, temporary files, a half-made rpmdb.

use std::fs;

use redpak_testing::{Entry, Pool, Repository, User, directory, package, tool};

use crate::*;

#[test]
fn reasons_of_packages_that_are_gone_are_gone() {
    let repository = Repository::new(&[package("lib", 1), package("app", 1).requires("lib")]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app").run().success();
    kill(&pool, "remove app", "completed");
    repair(&pool).success();
    let reasons = fs::read_to_string(pool.node(LEAF).join(STATE).join("packages.toml")).expect("libdnf5's state");
    assert!(!reasons.contains("noarch"), "{reasons}");
    // An ancestor's package of the same name has its reason there.
    pool.install(PLATFORM, &["lib"]);
    dnf(&pool, "install --forcenode lib").run().success();
    let reasons = fs::read_to_string(pool.node(LEAF).join(STATE).join("packages.toml")).expect("libdnf5's state");
    assert!(
        !reasons.contains("noarch") || !pool.installed(LEAF).is_empty(),
        "{reasons}"
    );
}

#[test]
fn nothing_temporary_is_left_behind() {
    let repository = Repository::new(&[package("other", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let node = pool.node(LEAF);
    fs::create_dir_all(node.join("var/tmp")).expect("a directory");
    let leftovers = [".redpak-0123456789abcdef.tmp", "var/tmp/rpm-tmp.a1B2c3"];
    let others = [
        ".redpak-mine.tmp",
        ".redpak-abc.tmp",
        ".redpak-0123456789abcdeg.tmp",
        "var/tmp/rpm-tmp.a1B2c3d",
        "var/tmp/mine",
    ];
    for name in leftovers.iter().chain(&others) {
        fs::write(node.join(name), "").expect("a file");
    }
    dnf(&pool, "install other").run().success();
    for name in leftovers {
        assert!(!node.join(name).exists(), "{name}");
    }
    for name in others {
        assert!(node.join(name).exists(), "{name}");
    }
}

/// A repair writes configuration files under another name first, beside the package's.
#[test]
fn what_a_repair_was_writing_is_not_left_behind() {
    let configured = package("configured", 1).entry(Entry::file("/etc/app/app.conf", "shipped\n").config());
    let repository = Repository::new(&[configured]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    kill(&pool, "install configured", "unpacked");
    let below = pool.node(LEAF).join("etc/app");
    fs::create_dir_all(&below).expect("a directory");
    for name in [".redpak-0123456789abcdef.tmp", ".redpak-mine.tmp"] {
        fs::write(below.join(name), "").expect("a file");
    }
    repair(&pool).success();
    assert!(!below.join(".redpak-0123456789abcdef.tmp").exists());
    assert!(below.join(".redpak-mine.tmp").exists());
    require_whole(&pool);
}

/// Files of libdnf5's state that a power cut left empty do not stop those who only look.
#[test]
fn queries_answer_when_the_state_is_cut_off() {
    let repository = Repository::new(&[package("lib", 1), package("app", 1).requires("lib")]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app").run().success();
    kill(&pool, "reinstall app", "completed");
    fs::set_permissions(pool.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("readable");
    let file = pool.node(LEAF).join(STATE).join("packages.toml");
    for left in ["", "version = \"1.0\"\n[pack"] {
        fs::write(&file, left).expect("libdnf5's state");
        let asked = dnf(&pool, "repoquery --installed --qf=%{name}:%{reason}\\n")
            .run()
            .success();
        asked
            .complains("interrupted")
            .prints("lib:Dependency")
            .prints("app:User");
        dnf(&pool, "list --installed").run().success().prints("app");
        // Who may not write the node has the copy elsewhere.
        if let Some(other) = User::unprivileged().filter(|_| User::is_root()) {
            let asked = dnf(&pool, "list --installed").user(&other).run();
            asked.success().prints("app");
        }
        assert_eq!(
            fs::read_to_string(&file).expect("a file"),
            left,
            "a query repairs nothing"
        );
    }
    repair(&pool).success();
    require_whole(&pool);
}

/// The first transaction of a node is cut off while librpm makes the tables of the rpmdb.
#[test]
fn queries_answer_when_the_rpmdb_is_half_made() {
    let repository = Repository::new(&[package("lib", 1), package("app", 1).requires("lib")]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    pool.install(PLATFORM, &["lib"]);
    kill(&pool, "install app", "install");
    let database = pool.node(LEAF).join("var/lib/rpm/rpmdb.sqlite");
    for statement in ["DROP TABLE Name", "DROP TABLE Packages"] {
        tool("sqlite3", [database.as_os_str(), statement.as_ref()]);
        dnf(&pool, "list --installed")
            .run()
            .success()
            .complains("interrupted")
            .prints("lib");
        let query = || {
            dnf(&pool, "repoquery --installed")
                .run()
                .success()
                .prints("lib-0:1-1.noarch")
        };
        query();
        if User::is_root() {
            let node = pool.node(LEAF);
            let place = node.to_str().expect("UTF-8");
            tool("mount", ["--bind", "-o", "ro", place, place]);
            query();
            tool("umount", ["--lazy", place]);
        }
    }
    let kept = Kept::of(&pool);
    package_files(&pool)
        .iter()
        .for_each(|file| fs::remove_file(file).expect("a package file"));
    repair(&pool).success();
    assert_eq!(
        pool.installed(LEAF),
        [""; 0],
        "rpm can read it when nothing can be installed"
    );
    kept.restore();
    repair(&pool).success();
    assert_eq!(pool.installed(LEAF), ["app-1-1.noarch"]);
    require_whole(&pool);
    // A table is missing from one that has packages: that is damage.
    tool("sqlite3", [database.as_os_str(), "DROP TABLE Name".as_ref()]);
    dnf(&pool, "list --installed")
        .run()
        .check(|outcome| outcome.code() != 0, "to fail");
}

/// Who may write the node's journal cannot make another's repair remove something outside.
#[test]
fn a_forged_offline_transaction_removes_nothing_outside() {
    let pool = Pool::with(
        &User::current(),
        &Repository::new(&[package("a", 1)]),
        &[PLATFORM, LEAF],
    );
    let outside = directory();
    let precious = outside.path().join("packages/precious");
    fs::create_dir(outside.path().join("packages")).expect("a directory");
    fs::write(&precious, "").expect("a file");
    let link = pool.node(LEAF).join("var/lib/dnf/offline");
    fs::create_dir_all(link.parent().expect("a parent")).expect("directories");
    std::os::unix::fs::symlink(outside.path(), &link).expect("a link");
    let plan = r#"{"version":2,"command":"a","inbound":[],"outbound":[],"state":{"offline":true}}"#;
    pool.write(LEAF, ".rednode.journal", format!("{plan}\n"));
    repair(&pool).exits(1).complains("leads out of");
    assert!(precious.exists());
    // What was prepared in the node itself is forgotten, links in it included.
    fs::remove_file(&link).expect("the link");
    fs::create_dir_all(link.join("packages/deep")).expect("directories");
    std::os::unix::fs::symlink(&precious, link.join("packages/deep/link")).expect("a link");
    repair(&pool).success();
    assert!(precious.exists() && !link.join("packages").exists());
}
