//! Commands that change a node beside install, upgrade and remove: what dnf5 does, for the leaf alone.

use std::fs;

use redpak_testing::{Package, Pool, Repository, Terminal, Tree, User, directory, package};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

/// A platform and a leaf with one repository for both.
struct Family {
    pool: Pool,
    repository: Repository,
}

impl Family {
    fn each(packages: &[Package]) -> impl Iterator<Item = Self> {
        User::owners().into_iter().map(|owner| {
            let repository = Repository::new(packages);
            let pool = Pool::new(&owner);
            for node in [PLATFORM, LEAF] {
                pool.create(node);
                pool.repository(node, "made", &repository.repo_file("made"));
            }
            Self { pool, repository }
        })
    }

    #[track_caller]
    fn succeeds(&self, node: &str, words: &[&str]) -> String {
        self.pool
            .dnf(node)
            .args(["-y", "--refresh"])
            .args(words)
            .run()
            .success()
            .out()
    }

    #[track_caller]
    fn has(&self, node: &str, expected: &[&str]) {
        let expected: Vec<String> = expected.iter().map(|name| format!("{name}-1.noarch")).collect();
        assert_eq!(self.pool.installed(node), expected, "in {node}");
    }
}

#[test]
fn autoremove_takes_what_nothing_needs_any_more_and_leaves_ancestors_alone() {
    let packages = [
        package("lib", 1),
        package("app", 1).requires("lib"),
        package("other", 1).requires("lib"),
    ];
    for family in Family::each(&packages) {
        family.succeeds(LEAF, &["install", "app"]);
        family.has(LEAF, &["app-1", "lib-1"]);
        family.succeeds(LEAF, &["remove", "--no-autoremove", "app"]);
        family.has(LEAF, &["lib-1"]);
        family.succeeds(LEAF, &["autoremove"]);
        family.has(LEAF, &[]);
        // In the platform the same package came as a dependency too, and nothing needs it: not the leaf's to take.
        family.succeeds(PLATFORM, &["install", "app"]);
        family.succeeds(PLATFORM, &["remove", "--no-autoremove", "app"]);
        let before = Tree::except(family.pool.path(), &[LEAF]);
        let out = family.succeeds(LEAF, &["autoremove"]);
        assert_eq!(out, "Nothing to do.\n");
        before.unchanged();
        family.has(PLATFORM, &["lib-1"]);
    }
}

#[test]
fn mark_decides_what_autoremove_takes() {
    let packages = [package("lib", 1), package("app", 1).requires("lib")];
    for family in Family::each(&packages) {
        family.succeeds(LEAF, &["install", "app"]);
        family.succeeds(LEAF, &["mark", "user", "lib"]);
        family.succeeds(LEAF, &["remove", "app"]);
        family.has(LEAF, &["lib-1"]);
        family.succeeds(LEAF, &["mark", "dependency", "lib"]);
        family.succeeds(LEAF, &["autoremove"]);
        family.has(LEAF, &[]);
        family.succeeds(PLATFORM, &["install", "lib"]);
        let before = Tree::except(family.pool.path(), &[LEAF]);
        let refused = family.pool.dnf(LEAF).args(["-y", "mark", "dependency", "lib"]).run();
        refused.refuses(1, &["lib-1-1.noarch", "ancestor platform"]);
        before.unchanged();
    }
}

#[test]
fn swap_takes_one_and_brings_another() {
    let packages = [package("old", 1), package("new", 1).conflicts("old")];
    for family in Family::each(&packages) {
        family.succeeds(LEAF, &["install", "old"]);
        family.succeeds(LEAF, &["swap", "old", "new"]);
        family.has(LEAF, &["new-1"]);
    }
}

#[test]
fn distro_sync_takes_the_version_that_the_repository_has() {
    for family in Family::each(&[package("app", 2)]) {
        family.succeeds(LEAF, &["install", "app"]);
        family.repository.add(&[package("app", 1)]);
        fs::remove_file(family.repository.file(&package("app", 2))).expect("withdrawn");
        family.repository.index();
        let out = family.succeeds(LEAF, &["upgrade"]);
        assert_eq!(out, "Nothing to do.\n");
        family.succeeds(LEAF, &["distro-sync"]);
        family.has(LEAF, &["app-1"]);
    }
}

#[test]
fn upgrade_minimal_stops_at_the_lowest_version_that_fixes_something() {
    let versions = [package("app", 1), package("app", 2), package("app", 3)];
    for family in Family::each(&versions) {
        family.succeeds(LEAF, &["install", "app-1"]);
        let update = "<updates><update from=\"x\" status=\"final\" type=\"security\" version=\"1\"><id>FIX-1</id><title>fix</title>\
             <severity>Important</severity><pkglist><collection short=\"c\"><name>c</name>\
             <package name=\"app\" version=\"2\" release=\"1\" epoch=\"0\" arch=\"noarch\"><filename>app-2-1.noarch.rpm</filename></package>\
             </collection></pkglist></update></updates>";
        family.repository.advisories(update);
        family.succeeds(LEAF, &["upgrade-minimal"]);
        family.has(LEAF, &["app-2"]);
        family.succeeds(LEAF, &["upgrade"]);
        family.has(LEAF, &["app-3"]);
    }
}

#[test]
fn a_stored_transaction_is_carried_out_elsewhere() {
    let packages = [package("lib", 1), package("app", 1).requires("lib")];
    for family in Family::each(&packages) {
        let store = directory();
        family.pool.owner().own(store.path());
        let path = store.path().join("stored");
        let name = path.to_str().expect("UTF-8");
        family.succeeds(LEAF, &["install", "--store", name, "app"]);
        family.has(LEAF, &[]);
        assert!(path.join("transaction.json").exists());
        // Without a network: the packages are in the store.
        let another = "another";
        family.pool.create(another);
        family.succeeds(another, &["replay", name]);
        family.has(another, &["app-1", "lib-1"]);
        // What an ancestor has stays the ancestor's, whatever was stored.
        family.succeeds(PLATFORM, &["install", "lib"]);
        let before = Tree::except(family.pool.path(), &[LEAF]);
        let refused = family.pool.dnf(LEAF).args(["-y", "replay", name]).run();
        let _ = refused.check(|outcome| outcome.code() == 1, "a refusal");
        before.unchanged();
        family.has(LEAF, &[]);
    }
}

#[test]
fn text_of_packages_does_not_steer_a_terminal() {
    // What XML lets through: C1 controls and characters that reorder text; and a colour stays a colour.
    let hostile = "fine \u{9b}2J\u{202e}txt.exe";
    let broken = package("broken", 1).requires("needs\u{9b}2J\u{202e}txt.exe");
    let packages = [package("lib", 1).summary(hostile), broken];
    let repository = Repository::new(&packages);
    let advisory = format!(
        "<updates><update from=\"x\" status=\"final\" type=\"security\" version=\"1\"><id>A-1</id><title>{hostile}</title>\
         <description>{hostile}</description><pkglist><collection><package name=\"lib\" version=\"1\" release=\"1\" \
         arch=\"noarch\"><filename>lib-1-1.noarch.rpm</filename></package></collection></pkglist></update></updates>"
    );
    repository.advisories(&advisory);
    let pool = Pool::new(&User::current());
    pool.create("alone");
    pool.repository("alone", "made", &repository.repo_file("made"));
    pool.install("alone", &["lib"]);
    let run = |command: &str| pool.dnf("alone").args(command.split(' ')).env("LC_ALL", "C.UTF-8");
    for command in [
        "info lib",
        "search lib",
        "repoquery --queryformat=%{summary} lib",
        "repoquery --info lib",
        "advisory info --installed",
    ] {
        let shown = Terminal::start(run(command)).shows_to_the_end();
        assert!(
            shown.contains("fine") && shown.contains("txt.exe"),
            "{command}: {shown}"
        );
        assert!(!shown.contains(['\u{9b}', '\u{202e}']), "{command}: {shown}");
    }
    // Of what does not resolve libdnf5-cli tells on the other stream, and where it is no failure, we do.
    for command in ["install broken", "install --skip-broken broken"] {
        let shown = Terminal::start(run(command)).shows_to_the_end();
        assert!(shown.contains("txt.exe"), "{command}: {shown}");
        assert!(!shown.contains(['\u{9b}', '\u{202e}']), "{command}: {shown}");
    }
    run("repoquery --queryformat=%{summary} lib")
        .run()
        .success()
        .prints(hostile);
}

/// Whoever owns a leaf writes what he likes into the files of libdnf5.
#[test]
fn what_a_leaf_keeps_does_not_steer_a_terminal() {
    const OFFLINE: &str = "usr/lib/sysimage/libdnf5/offline/offline-transaction-state.toml";
    const LOCKS: &str = "etc/dnf/versionlock.toml";
    let repository = Repository::new(&[package("lib", 1), package("other", 1)]);
    let pool = Pool::with(&User::current(), &repository, &["alone"]);
    let run = |command: &str| pool.dnf("alone").args(command.split(' ')).env("LC_ALL", "C.UTF-8");
    run("install -y --releasever=1 --offline lib").run().success();
    run("versionlock add other").run().success();
    for (file, text) in [(OFFLINE, "redwrap-dnf install"), (LOCKS, "Added by")] {
        let kept = fs::read_to_string(pool.node("alone").join(file)).expect("what libdnf5 keeps");
        assert!(kept.contains(text), "{kept}");
        pool.write("alone", file, kept.replacen(text, "\\u001b]0;title\\u0007\\u202e", 1));
    }
    for command in [
        "offline status",
        "versionlock list",
        "install -y --releasever=1 other",
        "offline status",
        "versionlock delete other",
    ] {
        let shown = Terminal::start(run(command)).shows_to_the_end();
        assert!(shown.contains("title"), "{command}: {shown}");
        assert!(
            !["\u{1b}]0", "\u{7}", "\u{202e}"]
                .iter()
                .any(|control| shown.contains(control)),
            "{command}: {shown:?}"
        );
    }
}

#[test]
fn a_history_that_is_not_stored_leaves_no_directory() {
    let pool = Pool::new(&User::current());
    pool.create("alone");
    let place = directory();
    let run = |words: &[&str]| pool.dnf("alone").args(words).directory(place.path()).run();
    run(&["history", "store", "-o", "a/b", "99"])
        .refuses(1, &["No matching transaction ID found, exactly one required."]);
    assert_eq!(fs::read_dir(place.path()).expect("read the directory").count(), 0);
}

#[test]
fn distro_sync_follows_the_repositories_whichever_way() {
    let pool = Pool::new(&User::current());
    pool.create("alone");
    for option in ["--allow-downgrade", "--no-allow-downgrade"] {
        let outcome = pool.dnf("alone").args(["distro-sync", option]).run();
        outcome.refuses(
            2,
            &[&format!("Unknown argument \"{option}\" for command \"distro-sync\".")],
        );
    }
}
