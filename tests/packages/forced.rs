//! `--forcenode`: a second package of a name that an ancestor has. The others that come with it meet the ancestor's as ever.

use redpak_testing::{Group, Outcome, Package, Pool, Repository, Tree, User, package};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

fn dnf(pool: &Pool, node: &str, words: &str) -> Outcome {
    pool.dnf(node)
        .args(["-y", "--releasever=1"])
        .args(words.split(' '))
        .run()
}

#[test]
fn what_comes_with_a_forced_package_meets_the_ancestors_of_its_name() {
    let old = Package::new("base", "1-1").file("/usr/share/base", "1");
    let old = old.provides("impl").conflicts("newcomer").obsoletes("outdated");
    let olds = Repository::new(&[old]);
    let repository = Repository::new(&[
        Package::new("base", "2-1").file("/usr/share/base", "2"),
        Package::new("base", "3-1").provides("impl").conflicts("impl"),
        Package::new("against", "1-1").conflicts("base < 2"),
        Package::new("rich", "1-1").conflicts("(base < 2 with impl)"),
        Package::new("successor", "1-1").obsoletes("base < 2"),
        Package::new("newcomer", "1-1"),
        Package::new("outdated", "1-1"),
        Package::new("thief", "1-1").file("/usr/share/base", "stolen"),
        Package::new("neutral", "1-1")
            .conflicts("base > 5")
            .obsoletes("base < 0.5"),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    pool.repository(PLATFORM, "made", &olds.repo_file("made"));
    dnf(&pool, PLATFORM, "install base-1").success();
    let platform = format!(
        "base-1-1.noarch of ancestor platform ({})",
        pool.node(PLATFORM).display()
    );
    let before = Tree::except(pool.path(), &["platform/application/var", "platform/var"]);
    for (words, refusal) in [
        (
            "base-2 against",
            format!("against-1-1.noarch conflicts with {platform}, which stays beside it"),
        ),
        ("base-2 rich", format!("rich-1-1.noarch conflicts with {platform}")),
        (
            "base-2 newcomer",
            format!("newcomer-1-1.noarch conflicts with {platform}"),
        ),
        ("base-3", format!("base-3-1.noarch conflicts with {platform}")),
        (
            "base-2 successor",
            format!("successor-1-1.noarch would replace {platform}"),
        ),
        (
            "base-2 thief",
            format!("thief-1-1.noarch owns /usr/share/base, which {platform} owns"),
        ),
    ] {
        dnf(&pool, LEAF, &format!("install --forcenode {words}"))
            .refuses(1, &["The transaction is refused, nothing has been changed:", &refusal]);
        assert_eq!(pool.installed(LEAF), [""; 0], "{words}");
    }
    // The solver sees what obsoletes something, and takes it for the best of that name.
    dnf(&pool, LEAF, "install --forcenode base-2 outdated").refuses(1, &["belongs to ancestor platform"]);
    before.unchanged();
    dnf(&pool, LEAF, "install --forcenode base-2 neutral").success();
    dnf(&pool, LEAF, "verify").success();
}

/// The repair is no new decision.
#[test]
fn a_killed_forced_installation_is_finished_without_the_option() {
    let repository = Repository::new(&[
        Package::new("base", "1-1").file("/usr/share/base", "1"),
        Package::new("base", "2-1").file("/usr/share/base", "2"),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, PLATFORM, "install base-1").success();
    for point in ["journal", "installed", "ended"] {
        let killed = pool
            .dnf(LEAF)
            .args(["-y", "--releasever=1", "install", "--forcenode", "base-2"]);
        let killed = killed.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}")).run();
        assert!(killed.code() > 128, "{point}: {}", killed.report());
        dnf(&pool, LEAF, "manager --repair")
            .success()
            .complains("was interrupted");
        assert_eq!(pool.installed(LEAF), ["base-2-1.noarch"], "{point}");
        dnf(&pool, LEAF, "verify").success();
        dnf(&pool, LEAF, "remove base").success();
    }
}

/// It may be the very version that the ancestor has. Going back over it is about the leaf's own.
#[test]
fn the_same_version_comes_and_goes_a_second_time() {
    let repository = Repository::new(&[package("base", 1).file("/usr/share/of-base", "1"), package("app", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, PLATFORM, "install base").success();
    dnf(&pool, LEAF, "install app").success();
    let (alone, both) = (
        ["app-1-1.noarch"].as_slice(),
        ["app-1-1.noarch", "base-1-1.noarch"].as_slice(),
    );
    for (words, installed) in [
        ("install --forcenode base", both),
        ("history undo last", alone),
        ("history redo last-1", alone),
        ("install --forcenode base", both),
        ("remove base", alone),
        ("install --forcenode base-1-1.noarch", both),
        ("history rollback 1", alone),
    ] {
        let outcome = dnf(&pool, LEAF, words);
        let mut present = pool.installed(LEAF);
        present.sort();
        assert_eq!(present, installed, "{words}: {}", outcome.report());
        dnf(&pool, LEAF, "verify").success();
    }
    assert_eq!(pool.installed(PLATFORM), ["base-1-1.noarch"]);
}

/// Of a group comes what the family lacks, and what is asked for by name comes a second time.
#[test]
fn a_group_brings_no_second_package() {
    let repository = Repository::new(&[package("base", 1), package("app", 1)]);
    repository.groups(&[Group::new("tools", "Tools", &["base", "app"])]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, PLATFORM, "install base").success();
    for words in ["group install tools --forcenode", "install @tools --forcenode"] {
        dnf(&pool, LEAF, words).success();
        assert_eq!(pool.installed(LEAF), ["app-1-1.noarch"], "{words}");
        dnf(&pool, LEAF, "history undo last --forcenode").success();
        assert_eq!(pool.installed(LEAF), [""; 0], "{words}");
    }
}
