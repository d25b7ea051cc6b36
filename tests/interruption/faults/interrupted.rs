//! What an interrupted transaction leaves, beyond what `kill_points` tries.

use std::fs;

use redpak_testing::{directory, truncate};

use crate::pool;

#[test]
fn an_interrupted_parent_is_told_and_its_child_not_changed() {
    let (pool, repository) = pool(&["one", "two"]);
    pool.create("node/leaf");
    pool.repository("node/leaf", "made", &repository.repo_file("made"));
    let kill = pool.dnf("node").args(["install", "-y", "one"]);
    let killed = kill.env("REDPAK_TEST_FAILURE_POINT", "kill:installed").run();
    assert!(pool.node("node/.rednode.journal").exists(), "{}", killed.report());
    let words = ["was interrupted", "manager --repair"];
    pool.dnf("node/leaf")
        .args(["install", "-y", "two"])
        .run()
        .refuses(1, &words);
    pool.dnf("node/leaf")
        .args(["verify"])
        .run()
        .check(|run| run.code() == 1, "incoherent")
        .prints("was interrupted");
    pool.dnf("node/leaf")
        .args(["list", "--installed"])
        .run()
        .complains("was interrupted");
    pool.redwrap("node/leaf")
        .args(["--", "true"])
        .run()
        .refuses(125, &words);
    pool.dnf("node")
        .args(["manager", "--repair"])
        .run()
        .success()
        .complains("is finished now");
    pool.install("node/leaf", &["two"]);
    assert_eq!(pool.installed("node"), ["one-1-1.noarch"]);
}

/// A user's file lies where a package that is not begun would put its own.
#[test]
fn what_was_there_before_survives_a_repair_without_packages() {
    let (pool, repository) = pool(&["one", "two"]);
    let node = pool.node("node");
    pool.write("node", "usr/share/one", "mine");
    pool.write("node", "usr/share/two", "mine");
    let kill = pool.dnf("node").args(["install", "-y", "one", "two"]);
    kill.env("REDPAK_TEST_FAILURE_POINT", "kill:sealed").run();
    for entry in fs::read_dir(node.join("var/cache/libdnf5"))
        .expect("the cache")
        .flatten()
    {
        let _ = fs::remove_dir_all(entry.path().join("packages"));
    }
    let repair = pool.dnf("node").args(["manager", "--repair"]).run().success();
    let repair = repair.complains("their files are gone");
    for name in ["one", "two"] {
        let text = fs::read_to_string(node.join("usr/share").join(name));
        assert!(text.is_ok_and(|text| text == "mine"), "{}", repair.report());
    }
    assert_eq!(pool.installed("node"), [""; 0]);
    drop(repository);
}

/// What a power cut leaves: the header is on the disk, the files are not.
#[test]
fn files_that_never_reached_the_disk_are_installed_again() {
    let (pool, _repository) = pool(&["one"]);
    let kill = pool.dnf("node").args(["install", "-y", "one"]);
    kill.env("REDPAK_TEST_FAILURE_POINT", "kill:completed").run();
    let file = pool.node("node").join("usr/share/one");
    truncate(&file, 0);
    let repair = pool.dnf("node").args(["manager", "--repair"]).run().success();
    repair.complains("installed again");
    assert_eq!(fs::read_to_string(&file).expect("there"), "one");
    assert_eq!(pool.installed("node"), ["one-1-1.noarch"]);
    pool.dnf("node").args(["verify", "--deep"]).run().success();
}

/// A journal with escapes for the terminal, and with places outside the node.
#[test]
fn a_forged_journal_does_no_harm() {
    let (pool, _repository) = pool(&["one"]);
    let outside = directory();
    let victim = outside.path().join("victim");
    fs::write(&victim, "x").expect("written");
    let mtime = fs::metadata(&victim)
        .and_then(|status| status.modified())
        .expect("a time");
    let mtime = mtime
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let up = "/..".repeat(20);
    let path = format!("{up}{}", victim.display());
    let plan = format!(
        "{{\"version\":2,\"command\":\"a\\u001b[2Jb\",\"inbound\":[{{\"nevra\":\"e\\u001b[2J\",\"digest\":null,\
         \"path\":\"/dev/zero\",\"files\":[{{\"path\":\"{path}\",\"size\":1,\"mtime\":{mtime}}}]}}],\"outbound\":[]}}\n\
         {{\"step\":\"install\",\"package\":\"e\\u001b[2J\"}}\n"
    );
    pool.write("node", ".rednode.journal", plan);
    let repair = pool.dnf("node").args(["manager", "--repair"]).run().success();
    assert!(!repair.err().contains('\u{1b}'), "{}", repair.report());
    assert!(victim.exists(), "{}", repair.report());
    pool.write("node", ".rednode.journal", "{");
    let told = pool.dnf("node").args(["install", "-y", "one"]).run();
    told.refuses(1, &["cannot read the journal", "remove"]);
    // The same in what is said of groups and reasons.
    pool.create("node/leaf");
    pool.write(
        "node/leaf",
        ".rednode.journal",
        state(&format!("{up}{}/escaped", outside.path().display())),
    );
    let names = || pool.path().read_dir().expect("the pool").count() + outside.path().read_dir().expect("it").count();
    let before = names();
    fs::remove_file(pool.node("node/.rednode.journal")).expect("removed");
    let repair = pool.dnf("node/leaf").args(["manager", "--repair"]).run();
    assert!(!repair.err().contains('\u{1b}'), "{}", repair.report());
    assert_eq!(names(), before, "{}", repair.report());
}

/// A journal that is over but for groups and reasons.
fn state(id: &str) -> String {
    let definition =
        format!("<comps><group><id>{id}</id><name>a\\u001b[2J</name><description/><packagelist/></group></comps>");
    format!(
        "{{\"version\":2,\"command\":\"a\",\"inbound\":[],\"outbound\":[],\"state\":{{\
         \"reasons\":[{{\"nevra\":\"e\\u001b[2J\",\"reason\":\"User\"}}],\
         \"groups\":[{{\"id\":\"{id}\",\"action\":\"Install\",\"reason\":\"User\",\"repo_id\":\"a\\u001b[2J\",\
         \"definition\":\"{definition}\"}}]}}}}\n"
    )
}

#[test]
fn every_query_warns_of_what_it_sees() {
    let (pool, repository) = pool(&["one"]);
    pool.create("node/leaf");
    pool.repository("node/leaf", "made", &repository.repo_file("made"));
    pool.write("node", ".rednode.journal", "{");
    let queries = [
        "list",
        "info one",
        "repoquery one",
        "search one",
        "provides one",
        "check",
        "check-upgrade",
        "sbom",
        "why one",
        "leaves",
        "changelog one",
        "status",
        "repoclosure",
        "advisory list",
        "group list",
        "environment list",
        "module list",
        "history list",
        "offline status",
        "system-upgrade status",
        "offline-upgrade status",
        "offline-distrosync status",
        "download --resolve --url one",
    ];
    for node in ["node", "node/leaf"] {
        for query in queries {
            let outcome = pool.dnf(node).args(query.split(' ')).run();
            outcome.complains("/node: a transaction was interrupted");
        }
    }
    let others = [
        "repo list",
        "makecache",
        "config-manager setvar --create-missing-dir stream=9",
    ];
    for other in others {
        let outcome = pool.dnf("node/leaf").args(other.split(' ')).run();
        outcome.success().never_says("interrupted");
    }
}
