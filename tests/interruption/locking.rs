//! Two transactions on one family never run at the same time: the second waits and says for whom.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use redpak_testing::{Package, Pool, Repository, User};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

/// What is started holds the family until it is answered.
fn asking(pool: &Pool, node: &str) -> (std::process::Child, tempfile::TempDir) {
    let (mut asking, home) = pool.dnf(node).args(["install", "one"]).spawn();
    let mut shown = String::new();
    let mut byte = [0];
    let out = asking.stderr.as_mut().expect("piped");
    while !shown.ends_with("[y/N]: ") {
        assert_eq!(out.read(&mut byte).expect("read"), 1, "{shown}");
        shown.push(char::from(byte[0]));
    }
    (asking, home)
}

/// What a command says that waits for this one: its process id, its command line as ps(1) shows it up to 80 characters, and
/// the node that both need.
fn waiting_for(holder: &std::process::Child, pool: &Pool, node: &str) -> String {
    let arguments = std::fs::read(format!("/proc/{}/cmdline", holder.id())).expect("it runs");
    let line = String::from_utf8(arguments).expect("UTF-8").replace('\0', " ");
    let line = line.trim_end();
    assert!(line.contains("redwrap-dnf") && line.contains("install one"), "{line:?}");
    let shown = match line.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    };
    let node = pool.node(node);
    format!(
        "Waiting for process {} ({shown}), which holds {}.",
        holder.id(),
        node.display()
    )
}

#[test]
fn who_writes_the_configuration_waits_too() {
    let one = Package::new("one", "1-1").file("/usr/share/one", "one");
    let repository = Repository::new(&[one]);
    let pool = Pool::new(&User::current());
    for node in [PLATFORM, LEAF] {
        pool.create(node);
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    let writing = [
        "versionlock add one",
        "versionlock exclude one",
        "versionlock delete one",
        "versionlock clear",
        "config-manager setopt best=1",
        "config-manager setvar --create-missing-dir stream=9",
        "repo add other http://redpak.invalid/",
        "repo enable made",
        "repo disable other",
        "repo remove other",
    ];
    let reading = ["versionlock list", "repo list", "history list"];
    let (mut holder, _home) = asking(&pool, LEAF);
    let told = waiting_for(&holder, &pool, LEAF);
    for command in reading {
        let outcome = pool.dnf(LEAF).args(command.split(' ')).run();
        outcome.success().never_says("Waiting for");
    }
    let mut waiting = Vec::new();
    for command in writing {
        let (mut child, home) = pool.dnf(LEAF).args(command.split(' ')).spawn();
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let line = lines.next().expect("it says something").expect("UTF-8");
        assert_eq!(line, told, "{command}");
        waiting.push((command, child, lines, home));
    }
    for (command, child, ..) in &mut waiting {
        assert!(child.try_wait().expect("a child").is_none(), "{command} does not go on");
    }
    holder.stdin.take().expect("piped").write_all(b"n\n").expect("answered");
    holder.wait().expect("reaped");
    for (_, mut child, lines, _home) in waiting {
        lines.for_each(drop);
        child.wait().expect("reaped");
    }
}

#[test]
fn the_second_transaction_waits_and_says_for_whom() {
    for owner in User::owners() {
        let packages = ["one", "two"].map(|name| Package::new(name, "1-1").file(&format!("/usr/share/{name}"), name));
        let repository = Repository::new(&packages);
        let pool = Pool::new(&owner);
        for node in [PLATFORM, LEAF] {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        // A parent and its child, in both orders: the first stands at its question and holds the family.
        for (first, second, shared) in [
            (PLATFORM, LEAF, PLATFORM),
            (LEAF, PLATFORM, PLATFORM),
            (LEAF, LEAF, LEAF),
        ] {
            let (mut asking, _home) = asking(&pool, first);
            let (mut waiting, _home) = pool.dnf(second).args(["install", "-y", "two"]).spawn();
            let mut lines = BufReader::new(waiting.stderr.take().expect("piped")).lines();
            let told = lines.next().expect("it says something").expect("UTF-8");
            let expected = waiting_for(&asking, &pool, shared);
            assert_eq!(told, expected);
            assert!(waiting.try_wait().expect("a child").is_none(), "it does not go on");
            asking.stdin.take().expect("piped").write_all(b"n\n").expect("answered");
            assert_eq!(asking.wait().expect("reaped").code(), Some(1));
            let rest: Vec<String> = lines.map(|line| line.expect("UTF-8")).collect();
            assert!(waiting.wait().expect("reaped").success(), "{rest:?}");
            pool.dnf(second).args(["remove", "-y", "two"]).run().success();
        }
    }
}
