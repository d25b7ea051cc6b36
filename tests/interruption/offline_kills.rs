//! A transaction that waits is carried out and killed: afterwards it waits as before, or is done by the next command.

use std::fs;
use std::path::Path;

use redpak_testing::{Outcome, Package, Pool, Repository, Scriptlet, Tree, User, directory, package, tool};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";
const BEFORE: [&str; 2] = ["app-1-1.noarch", "lib-1-1.noarch"];
const AFTER: [&str; 3] = ["app-2-1.noarch", "lib-2-1.noarch", "new-lib-1-1.noarch"];

const WRITES: &str = "local file = io.open('/var/configured', 'w')\nfile:write('configured\\n')\nfile:close()";

fn packages() -> Vec<Package> {
    vec![
        package("lib", 1),
        package("lib", 2),
        package("new-lib", 1),
        package("app", 1).requires("lib"),
        // The root of scriptlets lies over the node while it runs.
        package("app", 2)
            .requires("lib >= 2")
            .requires("new-lib")
            .scriptlet_for("<lua>", Scriptlet::Post, WRITES),
    ]
}

fn dnf(pool: &Pool, words: &[&str]) -> Outcome {
    pool.dnf(LEAF).args(["-y", "--releasever=1"]).args(words).run()
}

/// A pool whose leaf has a transaction that waits, and where its packages came from is gone.
fn waiting() -> Pool {
    let repository = Repository::new(&packages());
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, &["install", "app-1", "lib-1"]).success();
    dnf(&pool, &["upgrade", "--offline"]).success();
    pool
}

fn kill(pool: &Pool, words: &[&str], point: &str) {
    let run = pool.dnf(LEAF).args(["-y"]).args(words);
    let killed = run.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}")).run();
    assert!(killed.code() != 0, "{point} was not passed: {}", killed.report());
}

#[test]
fn a_killed_offline_transaction_waits_or_is_done() {
    let pool = waiting();
    let node = pool.node(LEAF);
    let kept = directory();
    let kept = kept.path().join("kept");
    let copy = |from: &Path, to: &Path| tool("cp", [Path::new("-a"), from, to]);
    copy(&node, &kept);
    let stored = ["usr/lib/sysimage/libdnf5/offline", "var/lib/dnf/offline"].map(|path| node.join(path));
    let points = [
        ("locked", false),
        ("resolved", false),
        ("judged", false),
        ("view-dropped", false),
        ("journal", true),
        ("sealed", true),
        ("install:2", true),
        ("installed:3", true),
        ("remove", true),
        ("completed", true),
        ("ended", true),
        ("forgotten", true),
    ];
    for (point, has_begun) in points {
        fs::remove_dir_all(&node).expect("the node can be removed");
        copy(&kept, &node);
        let before = stored.each_ref().map(|path| Tree::of(path));
        kill(&pool, &["offline", "reboot"], point);
        assert_eq!(node.join(".rednode.journal").exists(), has_begun, "{point}");
        if has_begun {
            // The repair is killed too.
            kill(&pool, &["manager", "--repair"], "repair");
            dnf(&pool, &["manager", "--repair"])
                .success()
                .complains("was interrupted");
        } else {
            before.iter().for_each(Tree::unchanged);
            assert_eq!(pool.installed(LEAF), BEFORE, "{point}");
            let status = dnf(&pool, &["offline", "status"]).success();
            status.prints("An offline transaction was initiated by the following command:");
            dnf(&pool, &["offline", "reboot"]).success();
        }
        assert_eq!(pool.installed(LEAF), AFTER, "{point}");
        dnf(&pool, &["verify", "--deep"]).success();
        assert_eq!(
            fs::read_to_string(node.join("var/configured")).ok().as_deref(),
            Some("configured\n")
        );
        let status = dnf(&pool, &["offline", "status"]).success();
        status.prints("No offline transaction is stored.");
        dnf(&pool, &["offline", "reboot"]).refuses(1, &["No offline transaction is stored."]);
        assert!(!stored[0].exists() && !stored[1].join("packages").exists(), "{point}");
        dnf(&pool, &["remove", "app"]).success().never_says("interrupted");
        assert_eq!(
            pool.installed(LEAF),
            ["lib-2-1.noarch"],
            "the reasons are right after {point}"
        );
    }
}

/// Another transaction that was interrupted leaves what waits to be told as outdated.
#[test]
fn the_repair_of_another_transaction_leaves_what_waits() {
    let pool = waiting();
    kill(&pool, &["remove", "app"], "removed");
    dnf(&pool, &["manager", "--repair"])
        .success()
        .complains("was interrupted");
    dnf(&pool, &["offline", "status"])
        .success()
        .prints("is no longer valid");
}
