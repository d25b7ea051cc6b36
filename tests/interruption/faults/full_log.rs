//! A write-ahead log of sqlite that cannot grow, where everything else still can.

use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Outcome, Package, Pool, Repository, Run, User, directory, tool};

/// Where rpm registers packages.
const RPMDB: &str = "rpmdb.sqlite-wal";
/// Where libdnf5 writes its history.
const HISTORY: &str = "transaction_history.sqlite-wal";

/// A library that, loaded before the others, lets writes to a log fail for lack of space.
struct FullLog {
    library: PathBuf,
    count: PathBuf,
    _directory: tempfile::TempDir,
}

impl FullLog {
    fn new() -> Self {
        let directory = directory();
        let [library, count] = ["full_log.so", "count"].map(|name| directory.path().join(name));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/interruption/faults/full_log.c");
        tool(
            "cc",
            ["-shared", "-fPIC", "-o", library.to_str().expect("UTF-8"), source],
        );
        Self {
            library,
            count,
            _directory: directory,
        }
    }

    /// So many writes to the log succeed.
    fn after(&self, writes: u64, log: &str, run: Run) -> Outcome {
        fs::write(&self.count, "").expect("the count");
        let run = run.env("LD_PRELOAD", &self.library).env("REDPAK_TEST_LOG", log);
        let run = run.env("REDPAK_TEST_LOG_WRITES", writes.to_string());
        run.env("REDPAK_TEST_LOG_COUNT", &self.count).run()
    }

    /// How many were tried the last time.
    fn tried(&self) -> u64 {
        fs::metadata(&self.count).expect("the count").len()
    }
}

/// Where the log ends, the old state can be read afterwards, the message names the file system and what is left there, and the next
/// command brings the node in order.
#[test]
fn a_log_of_sqlite_that_cannot_grow_leaves_the_old_state() {
    let large = (0..300).fold(Package::new("large", "1-1"), |package, number| {
        package.file(&format!("/usr/share/large/{number}"), "x")
    });
    let repository = Repository::new(&[large, Package::new("small", "1-1").file("/usr/share/small", "small")]);
    let pool = Pool::new(&User::current());
    pool.create("node");
    pool.repository("node", "made", &repository.repo_file("made"));
    pool.install("node", &["small"]);
    let node = pool.node("node");
    let full = FullLog::new();
    let install = |writes: u64, log: &str| full.after(writes, log, pool.dnf("node").args(["install", "-y", "large"]));
    let remove = || pool.dnf("node").args(["remove", "-y", "large"]).run().success();
    for log in [RPMDB, HISTORY] {
        // The first time more is written: tables are made.
        let mut all = 0;
        for _ in 0..2 {
            install(u64::MAX >> 1, log).success();
            all = full.tried();
            remove();
        }
        assert!(all > 2, "{log} is written {all} times");
        // The last ones are no longer of the transaction: statistics, for one.
        for writes in [0, all / 4, all / 2] {
            let outcome = install(writes, log);
            let words = if log == RPMDB { "disk is full" } else { "\"ROLLBACK\"" };
            let left = format!("The file system of {} has ", node.display());
            let outcome = outcome
                .refuses(1, &[words, &left, " bytes"])
                .never_says("another program");
            assert!(full.tried() > writes, "{log}: the write after {writes} never came");
            is_in_order(&pool, &node, &outcome);
        }
    }
    pool.install("node", &["large"]);
}

/// The old state is there; after a repair, where one is due, the new one or the old one is. It ends with the old one.
fn is_in_order(pool: &Pool, node: &Path, outcome: &Outcome) {
    let listed = || {
        let query = pool.dnf("node").args(["repoquery", "--installed", "--qf", "%{name}\n"]);
        query.run().success().out()
    };
    assert!(listed().contains("small"), "{}", outcome.report());
    if node.join(".rednode.journal").exists() {
        pool.dnf("node").args(["manager", "--repair"]).run().success();
    }
    let is_installed = listed().contains("large");
    let files = fs::read_dir(node.join("usr/share/large")).map_or(0, Iterator::count);
    assert_eq!(files, if is_installed { 300 } else { 0 }, "{}", outcome.report());
    pool.dnf("node").args(["verify", "--deep"]).run().success();
    if is_installed {
        pool.dnf("node").args(["remove", "-y", "large"]).run().success();
    }
}
