//! The program redwrap-check, as redwrap calls it.

mod common;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use common::{Node, other_user};
use redpak_testing::{Package, flip_byte, skip, truncate};

fn small(name: &str) -> Package {
    Package::new(name, "1-1").file(&format!("/usr/share/{name}"), name)
}

fn check(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_redwrap-check"))
        .args(arguments)
        .output()
        .expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn sound_nodes_give_0_and_silence() {
    let (empty, node) = (Node::empty(), Node::with(&[small("one"), small("two")]));
    let before = (empty.listing(), node.listing());
    let output = check(&[empty.path(), node.path()]);
    assert_eq!(
        (output.status.code(), text(&output.stdout), text(&output.stderr)),
        (Some(0), "".into(), "".into())
    );
    assert_eq!((empty.listing(), node.listing()), before, "nothing was touched");
}

#[test]
fn json_is_one_object_with_an_entry_per_node() {
    let node = Node::with(&[small("one"), small("two")]);
    let output = check(&[Path::new("--json"), node.path()]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let expected = serde_json::json!({
        "outcome": "readable",
        "nodes": [{
            "node": node.path(), "directory": node.folder(), "headers": 2, "problems": [], "unknown": null,
        }],
    });
    assert_eq!(report, expected);
}

#[test]
fn the_folder_can_be_given() {
    let (node, elsewhere) = (Node::empty(), Node::with(&[small("one")]));
    let output = check(&[Path::new("--json"), Path::new("--at"), node.path(), &elsewhere.folder()]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&report["nodes"][0]["node"], &report["nodes"][0]["headers"]),
        (&serde_json::json!(node.path()), &1.into())
    );
}

#[test]
fn a_damaged_header_gives_1_and_names_node_and_reason() {
    let summary = "A summary that stands in the header alone";
    let (sound, node) = (
        Node::with(&[small("one")]),
        Node::with(&[small("two").summary(summary), small("three")]),
    );
    let bytes = fs::read(node.file()).expect("there");
    let at = bytes
        .windows(summary.len())
        .rposition(|window| window == summary.as_bytes())
        .expect("in the header");
    flip_byte(&node.file(), i64::try_from(at).expect("small"));
    let output = check(&[sound.path(), node.path(), Path::new("--json")]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(
        stderr.starts_with(&format!("{}: ", node.path().display())) && stderr.contains("BAD"),
        "{stderr}"
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&report["outcome"], &report["nodes"][1]["headers"]),
        (&"damaged".into(), &1.into())
    );
}

#[test]
fn a_header_without_digests_gives_1() {
    let node = Node::empty();
    common::with_engine(|engine| common::generated::fill(engine, &node.folder(), "forged", 1, 3));
    let output = check(&[node.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("has no digest"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn what_cannot_be_told_gives_2() {
    let output = check(&[Path::new("/nonexistent")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).starts_with("/nonexistent: cannot open /nonexistent: "),
        "{}",
        text(&output.stderr)
    );
    for usage in [vec![], vec![Path::new("--what"), Path::new("/")]] {
        assert_eq!(check(&usage).status.code(), Some(2), "{usage:?}");
    }
}

#[test]
fn an_unprivileged_user_checks_the_rpmdb_of_root_and_is_told_what_is_unreadable() {
    let Some(user) = other_user() else {
        return skip("needs root");
    };
    let node = Node::with(&[small("one")]);
    let run = || {
        let mut command = Command::new("setpriv");
        let ids = [format!("--reuid={}", user.uid), format!("--regid={}", user.gid)];
        command
            .args(ids)
            .args(["--clear-groups", env!("CARGO_BIN_EXE_redwrap-check")])
            .arg(node.path());
        command.output().expect("it starts")
    };
    let output = run();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), "".into()));
    fs::set_permissions(node.file(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
    let output = run();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("Permission denied"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let outer = redpak_testing::directory();
    let node = outer.path().join("a\u{1b}[31m\nb");
    fs::create_dir_all(node.join("var/lib/rpm")).expect("ours");
    fs::write(node.join("var/lib/rpm/rpmdb.sqlite"), "no database").expect("ours");
    let output = check(&[&node]);
    let stderr = text(&output.stderr);
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(1), 1), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "{stderr:?}");
}

#[test]
fn hostile_databases_never_crash_it() {
    let node = Node::with(&[small("one"), small("two"), small("three")]);
    let whole = fs::read(node.file()).expect("there");
    let mut refused = 0;
    for round in 0..40_usize {
        let mut bytes = whole.clone();
        // A different page is filled with a different pattern each time.
        let page = 4096 * (round * 7 % (whole.len() / 4096));
        for (index, byte) in bytes[page..page + 4096].iter_mut().enumerate().skip(round % 5 * 20) {
            *byte = ((index * (round + 3)) >> (round % 4)) as u8;
        }
        fs::write(node.file(), &bytes).expect("ours");
        let output = check(&[node.path()]);
        assert_eq!(output.status.signal(), None, "round {round}: {}", text(&output.stderr));
        refused += usize::from(output.status.code() == Some(1));
    }
    // Damage to pages of indexes, which are most, is none to the headers.
    assert!(refused > 0, "none of 40 was noticed");
    fs::write(node.file(), &whole).expect("ours");
    truncate(&node.file(), 6000);
    assert_eq!(check(&[node.path()]).status.code(), Some(1));
}

#[test]
fn a_damaged_header_of_the_core_os_is_found_beside_the_other_checks() {
    let core_os = Node::with(&[small("one").summary("An unmistakable summary")]);
    let node = Node::with(&[small("two").requires("one")]);
    let family = |status: i32| -> serde_json::Value {
        let output = check(&[
            "--family".as_ref(),
            "--core-os".as_ref(),
            core_os.path(),
            "--".as_ref(),
            node.path(),
        ]);
        assert_eq!(output.status.code(), Some(status), "{}", text(&output.stderr));
        let line = output.stdout.split(|byte| *byte == b'\n').next().expect("a report");
        serde_json::from_slice(line).expect("JSON")
    };
    assert!(
        family(0)["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .all(|check| check["outcome"] == "holds")
    );
    let content = fs::read(core_os.file()).expect("readable");
    let mark = b"unmistakable";
    let at = content
        .windows(mark.len())
        .rposition(|window| window == mark)
        .expect("in the header");
    flip_byte(&core_os.file(), i64::try_from(at).expect("small"));
    let report = family(1);
    assert_eq!(
        (&report["checks"][0]["id"], &report["checks"][0]["outcome"]),
        (&"rpmdb-readable".into(), &"violated".into())
    );
    let node = &report["checks"][0]["violations"][0]["node"];
    assert_eq!(node.as_str().map(Path::new), Some(core_os.path()));
}
