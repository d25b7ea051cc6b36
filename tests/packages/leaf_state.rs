//! libdnf5's state of a leaf says why its own packages are installed, and nothing of an ancestor's.

use std::fs;

use redpak_testing::{Group, Outcome, Package, Pool, Repository, User, directory};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

fn package(name: &str) -> Package {
    Package::new(name, "1-1").file(&format!("/usr/share/{name}"), name)
}

fn repository() -> Repository {
    let repository = Repository::new(&[
        package("lib"),
        package("own-lib"),
        package("app").requires("lib").requires("own-lib"),
        package("member"),
        package("other-member"),
    ]);
    repository.groups(&[Group::new("tools", "Tools", &["member", "other-member"])]);
    repository
}

fn dnf(pool: &Pool, node: &str, words: &str) -> Outcome {
    pool.dnf(node)
        .args(["-y", "--releasever=1"])
        .args(words.split(' '))
        .run()
}

const PACKAGES: &str = "usr/lib/sysimage/libdnf5/packages.toml";

/// What libdnf5 keeps of the leaf, line by line.
fn reasons(pool: &Pool) -> Vec<String> {
    let text = fs::read_to_string(pool.node(LEAF).join(PACKAGES)).expect("libdnf5's state");
    let lines = text.lines().filter(|line| line.contains("reason"));
    lines.map(str::to_owned).collect()
}

/// What libdnf5 keeps in a plain root is replayed over an ancestor that has a part of it by now.
#[test]
fn redo_gives_reasons_to_the_leafs_own_alone() {
    let repository = repository();
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, LEAF, "install app").success();
    dnf(&pool, LEAF, "group install tools").success();
    dnf(&pool, LEAF, "mark user own-lib").success();
    dnf(&pool, LEAF, "group remove tools").success();
    dnf(&pool, LEAF, "remove app").success();
    assert_eq!(pool.installed(LEAF), ["own-lib-1-1.noarch"]);
    dnf(&pool, PLATFORM, "install lib member").success();
    dnf(&pool, LEAF, "history redo 1")
        .success()
        .check(
            |outcome| outcome.err().matches("Repositories loaded.").count() == 1,
            "one loading told",
        )
        .check(
            |outcome| !outcome.out().contains("\n lib "),
            "no word of the ancestor's package",
        );
    assert_eq!(
        reasons(&pool),
        [
            "\"app.noarch\" = {reason = \"User\"}",
            "\"own-lib.noarch\" = {reason = \"Dependency\"}"
        ]
    );
    dnf(&pool, LEAF, "history redo 2").success();
    dnf(&pool, LEAF, "group remove tools").success();
    dnf(&pool, LEAF, "remove app").success();
    assert_eq!(pool.installed(LEAF), [""; 0]);
    assert_eq!(pool.installed(PLATFORM), ["lib-1-1.noarch", "member-1-1.noarch"]);
}

#[test]
fn what_is_replayed_does_not_hinder_later() {
    let repository = repository();
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let store = directory();
    let path = store.path().join("stored").display().to_string();
    dnf(&pool, LEAF, &format!("install app @tools --store={path}")).success();
    dnf(&pool, PLATFORM, "install lib member").success();
    dnf(&pool, LEAF, &format!("replay --ignore-installed {path}")).success();
    dnf(&pool, LEAF, "group remove tools").success();
    dnf(&pool, LEAF, "remove app").success();
    assert_eq!(pool.installed(LEAF), [""; 0]);
    assert_eq!(pool.installed(PLATFORM), ["lib-1-1.noarch", "member-1-1.noarch"]);
}

/// Whoever wrote it: a clean-up is the leaf's own.
#[test]
fn an_ancestors_package_is_no_unused_dependency_whatever_the_leafs_state_says() {
    let repository = repository();
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, PLATFORM, "install lib").success();
    dnf(&pool, LEAF, "install app").success();
    let state = fs::read_to_string(pool.node(LEAF).join(PACKAGES)).expect("libdnf5's state");
    let line = "[packages]\n\"lib.noarch\" = {reason = \"Dependency\"}\n";
    pool.write(LEAF, PACKAGES, state.replace("[packages]\n", line));
    dnf(&pool, LEAF, "remove app").success();
    assert_eq!(pool.installed(LEAF), [""; 0]);
    assert_eq!(pool.installed(PLATFORM), ["lib-1-1.noarch"]);
}

/// A group has a package that an ancestor has too.
#[test]
fn a_repair_gives_reasons_to_the_leafs_own_alone() {
    let repository = repository();
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, PLATFORM, "install member").success();
    let install = pool
        .dnf(LEAF)
        .args(["-y", "--releasever=1", "group", "install", "tools"]);
    let killed = install.env("REDPAK_TEST_FAILURE_POINT", "kill:completed").run();
    killed.check(|outcome| outcome.code() > 128, "to be killed");
    let repaired = dnf(&pool, LEAF, "manager --repair").success();
    assert_eq!(reasons(&pool), [""; 0], "{}", repaired.report());
    dnf(&pool, LEAF, "group remove tools").success();
    assert_eq!(pool.installed(LEAF), [""; 0]);
    assert_eq!(pool.installed(PLATFORM), ["member-1-1.noarch"]);
}
