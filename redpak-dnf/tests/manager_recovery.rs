//! A node whose transaction was killed is repaired by the next command, which says so.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use redpak_testing::{Entry, Package, Pool, Repository, User, built_program};

/// It is there while a transaction runs.
const JOURNAL: &str = ".rednode.journal";

/// Enough files that a kill falls among them.
fn package(name: &str, version: u32) -> Package {
    let content = format!("{name} {version}\n").repeat(500);
    let file = |number: u32| Entry::file(&format!("/usr/share/{name}/{number}"), content.clone());
    (0..200).fold(Package::new(name, &format!("{version}-1")), |package, number| {
        package.entry(file(number))
    })
}

/// When a command is killed: a while after its start, or after its transaction has begun.
enum Moment {
    Start,
    Transaction,
}

/// Starts a command and kills it a while after a moment.
fn kill_after(node: &Path, arguments: &[&str], (moment, pause): (Moment, Duration)) {
    let mut command = Command::new(built_program("redwrap-dnf"));
    command.arg("--redpath").arg(node).args(arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    let mut child = command.spawn().unwrap();
    let begun = || matches!(moment, Moment::Start) || node.join(JOURNAL).exists();
    while !begun() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(pause);
    // It may have ended already.
    let _ = child.kill();
    child.wait().unwrap();
}

fn rpm(node: &Path, arguments: &[&str]) -> String {
    let output = Command::new("rpm")
        .arg("--root")
        .arg(node)
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Every file belongs to a package and every package is whole.
fn assert_consistent(node: &Path, round: usize) {
    let names = rpm(node, &["-qa", "--qf", "%{NAME}\n"]);
    let mut sorted: Vec<_> = names.lines().collect();
    sorted.sort_unstable();
    let packages = sorted.len();
    sorted.dedup();
    assert_eq!(
        sorted.len(),
        packages,
        "round {round}: a package is there twice: {names}"
    );
    assert_eq!(rpm(node, &["-Va", "--nouser", "--nogroup"]), "", "round {round}");
    let shared = node.join("usr/share");
    for name in ["one", "two"] {
        let files = std::fs::read_dir(shared.join(name)).map_or(0, Iterator::count);
        let expected = if sorted.contains(&name) { 200 } else { 0 };
        assert_eq!(files, expected, "round {round}: files of {name}");
    }
}

#[test]
fn killed_at_any_moment_the_next_command_repairs() {
    let repository = Repository::new(&[
        package("one", 1),
        package("two", 1),
        package("one", 2),
        package("two", 2),
    ]);
    let pool = Pool::new(&User::current());
    pool.create("node");
    pool.repository("node", "made", &repository.repo_file("made"));
    let node = pool.node("node");
    let steps: [&[&str]; 3] = [
        &["install", "-y", "one-1", "two-1"],
        &["upgrade", "-y"],
        &["remove", "-y", "one", "two"],
    ];
    let mut repaired = 0;
    for round in 0..18 {
        let spread = round as u64 * 7 % 18;
        let moment = match round % 2 {
            0 => (Moment::Transaction, Duration::from_millis(3 * spread)),
            _ => (Moment::Start, Duration::from_millis(30 + 37 * spread)),
        };
        kill_after(&node, steps[round % steps.len()], moment);
        let interrupted = node.join(JOURNAL).exists();
        // A command that wants something impossible, so that the repair is all it does.
        let next = pool.dnf("node").args(["install", "-y", "nothing-of-this-name"]).run();
        assert_eq!(next.err().contains("was interrupted"), interrupted, "{}", next.report());
        assert!(!node.join(JOURNAL).exists(), "{}", next.report());
        assert_consistent(&node, round);
        repaired += usize::from(interrupted);
    }
    assert!(repaired > 0, "no kill fell into a transaction");
}
