//! A transaction is killed and repaired: why packages are installed, and which groups are, is as if it had not been.

use std::fs;
use std::path::Path;

use redpak_testing::{Group, Pool, Repository, Run, User, package, tool};

const REFERENCE: &str = "platform/reference";
const LEAF: &str = "platform/leaf";
const STATE: &str = "usr/lib/sysimage/libdnf5";

fn repository() -> Repository {
    let repository = Repository::new(&[
        package("lib", 1),
        package("app", 1).requires("lib"),
        package("app", 2).requires("lib").requires("new-lib"),
        package("new-lib", 1),
        package("recommended", 1),
        package("tool", 1).recommends("recommended"),
        package("member", 1).requires("needed"),
        package("needed", 1),
    ]);
    repository.groups(&[Group::new("tools", "Tools", &["member"])]);
    repository
}

fn dnf(pool: &Pool, node: &str, words: &str) -> Run {
    pool.dnf(node).args(["-y", "--releasever=1"]).args(words.split(' '))
}

/// Reasons as plain dnf5 sees them, and the groups and environments that libdnf5 keeps.
fn state(node: &Path) -> (Vec<String>, [String; 2]) {
    let root = format!("--installroot={}", node.display());
    let query = [
        root.as_str(),
        "repoquery",
        "--installed",
        "--qf=%{full_nevra} %{reason}\n",
    ];
    let reasons = Run::command("dnf5").args(query).run().success();
    let kept = ["groups.toml", "environments.toml"].map(|file| fs::read_to_string(node.join(STATE).join(file)));
    (reasons.sorted_lines(), kept.map(|text| text.expect("libdnf5's state")))
}

#[test]
fn what_was_killed_leads_to_the_state_that_was_planned() {
    let repository = repository();
    let pool = Pool::with(&User::current(), &repository, &["platform", REFERENCE, LEAF]);
    let [reference, leaf] = [REFERENCE, LEAF].map(|node| pool.node(node));
    let copy = |from: &Path, to: &Path| {
        fs::remove_dir_all(to).expect("the node can be removed");
        tool("cp", [Path::new("-a"), from, to]);
    };
    let before = redpak_testing::directory();
    let kept = before.path().join("leaf");
    fs::create_dir(&kept).expect("a directory");
    let steps = [
        ("install app-1 tool @tools", ["journal", "installed:3", "completed"]),
        ("upgrade", ["install:2", "remove", "completed"]),
        ("mark dependency app tool", ["journal", "sealed", "completed"]),
        ("mark group tools needed", ["journal", "sealed", "completed"]),
        ("group remove tools", ["journal", "removed", "completed"]),
    ];
    for (words, points) in steps {
        copy(&leaf, &kept);
        dnf(&pool, REFERENCE, words).run().success();
        let wanted = state(&reference);
        for point in points {
            copy(&kept, &leaf);
            let killed = dnf(&pool, LEAF, words).env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}"));
            killed.run().check(|outcome| outcome.code() > 128, "to be killed");
            // A repair is killed too.
            let of_repair: &[&str] = if point == points[2] {
                &["journal", "completed"]
            } else {
                &[]
            };
            for point in of_repair {
                let killed = dnf(&pool, LEAF, "manager --repair");
                let killed = killed.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}"));
                killed.run().check(|outcome| outcome.code() != 0, "to be killed");
            }
            dnf(&pool, LEAF, "manager --repair")
                .run()
                .success()
                .complains("was interrupted");
            assert_eq!(state(&leaf), wanted, "{words} at {point}");
            dnf(&pool, LEAF, "manager --repair")
                .run()
                .success()
                .never_says("interrupted");
        }
    }
}

#[test]
fn what_a_power_cut_left_of_libdnf5s_state_is_put_back() {
    let repository = repository();
    let pool = Pool::with(&User::current(), &repository, &["platform", REFERENCE, LEAF]);
    let [reference, leaf] = [REFERENCE, LEAF].map(|node| pool.node(node));
    for (before, words) in [
        ("install app-1 @tools", "install tool"),
        ("upgrade", "group remove tools"),
    ] {
        for node in [REFERENCE, LEAF] {
            dnf(&pool, node, before).run().success();
        }
        dnf(&pool, REFERENCE, words).run().success();
        let killed = dnf(&pool, LEAF, words).env("REDPAK_TEST_FAILURE_POINT", "kill:ended");
        killed.run().check(|outcome| outcome.code() > 128, "to be killed");
        for file in ["packages.toml", "nevras.toml", "groups.toml"] {
            fs::write(leaf.join(STATE).join(file), "").expect("cut off");
        }
        dnf(&pool, LEAF, "manager --repair")
            .run()
            .success()
            .complains("packages.toml was not whole");
        assert_eq!(state(&leaf), state(&reference), "{words}");
    }
}
