//! Launches, verifies and queries while a node changes: nothing is called wrong that is merely half done.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use redpak_testing::{Package, Pool, Repository, Scriptlet, User};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/leaf";
/// Transactions on the leaf; about as many looks of each kind happen meanwhile.
const TRANSACTIONS: usize = 12;

fn packages() -> Vec<Package> {
    // So many files that a check takes a while, and a scriptlet that makes a transaction cover the leaf.
    let many = (0..400).fold(Package::new("many", "1-1"), |package, number| {
        package.file(&format!("/usr/share/many/{number}"), format!("{number}\n"))
    });
    vec![
        many.file("/opt/many/file", "x").scriptlet(Scriptlet::Post, "true"),
        Package::new("stays", "1-1").file("/usr/share/stays", "stays\n"),
        Package::new("shell", "1-1").provides("/bin/sh"),
    ]
}

/// Changes the leaf until it has done so often enough, and looks as long as it does.
fn meanwhile(pool: &Pool, look: impl Fn() + Sync) {
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        let looking = scope.spawn(|| {
            while !ends.load(Ordering::Relaxed) {
                look();
            }
        });
        for number in 0..TRANSACTIONS {
            let command = if number % 2 == 0 { "install" } else { "remove" };
            let run = pool.dnf(LEAF).args([command, "-y", "many"]).run();
            // The verdict of a launch is not to be remembered from one round to the next.
            let _ = fs::remove_file(pool.node(LEAF).join(".rednode.verdict"));
            if run.code() != 0 {
                ends.store(true, Ordering::Relaxed);
                run.success();
            }
        }
        ends.store(true, Ordering::Relaxed);
        looking.join().expect("what was seen is right");
    });
}

fn pool() -> (Pool, Repository) {
    let repository = Repository::new(&packages());
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    pool.install(PLATFORM, &["shell"]);
    pool.install(LEAF, &["stays"]);
    (pool, repository)
}

#[test]
fn a_launch_names_the_change_and_nothing_else() {
    let (pool, _repository) = pool();
    meanwhile(&pool, || {
        let outcome = pool.redwrap(LEAF).args(["--", "true"]).run();
        if outcome.code() != 0 {
            outcome.refuses(125, &["node-state: "]).never_says("files-present");
        }
    });
}

#[test]
fn verify_does_not_call_a_change_incoherent() {
    let (pool, _repository) = pool();
    meanwhile(&pool, || {
        let outcome = pool.dnf(LEAF).arg("verify").run();
        assert!(
            [0, 2].contains(&outcome.code()),
            "{}\n{}\n{}",
            outcome.code(),
            outcome.out(),
            outcome.err()
        );
    });
}

#[test]
fn queries_answer() {
    let (pool, _repository) = pool();
    meanwhile(&pool, || {
        let listed = pool.dnf(LEAF).args(["repoquery", "--installed", "stays"]).run();
        listed.success().prints("stays");
    });
}
