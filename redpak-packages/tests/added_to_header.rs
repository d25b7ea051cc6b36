//! What is added to a header in an rpmdb takes the place of what was built and signed, says librpm, whose digest still fits.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use common::Node;
use redpak_testing::Package;
use rusqlite::Connection;

/// Types of rpm's tags.
const INT16: i32 = 3;
const INT32: i32 = 4;
const STRING: i32 = 6;
const STRING_ARRAY: i32 = 8;

/// A tag with its type, how many values it has, and their bytes.
type Entry = (u32, i32, u32, Vec<u8>);

/// The header of a package's only row, taken apart: entries (tag, type, offset, count) and data.
fn take_apart(blob: &[u8]) -> (Vec<[u32; 4]>, Vec<u8>) {
    let word = |at: usize| u32::from_be_bytes(blob[at..at + 4].try_into().expect("4 bytes"));
    let count = word(0) as usize;
    let entry = |index: usize| [0, 4, 8, 12].map(|at| word(8 + 16 * index + at));
    ((0..count).map(entry).collect(), blob[8 + 16 * count..].to_vec())
}

fn put_together(entries: &[[u32; 4]], data: &[u8]) -> Vec<u8> {
    let lengths = [entries.len(), data.len()].map(|length| u32::try_from(length).expect("small"));
    let words = lengths.iter().chain(entries.iter().flatten());
    let mut blob: Vec<u8> = words.flat_map(|word| word.to_be_bytes()).collect();
    blob.extend(data);
    blob
}

/// Changes the header of the node's only package.
fn change(node: &Node, change: impl FnOnce(&mut Vec<[u32; 4]>, &mut Vec<u8>)) {
    let database = Connection::open(node.file()).expect("an rpmdb");
    let blob: Vec<u8> = database
        .query_row("SELECT blob FROM Packages", [], |row| row.get(0))
        .expect("one package");
    let (mut entries, mut data) = take_apart(&blob);
    change(&mut entries, &mut data);
    let blob = put_together(&entries, &data);
    database
        .execute("UPDATE Packages SET blob = ?1", [blob])
        .expect("written");
}

/// Adds entries behind those that rpm made.
fn add(node: &Node, added: &[Entry]) {
    change(node, |entries, data| {
        for (tag, kind, count, bytes) in added {
            data.resize(data.len().next_multiple_of(4), 0);
            let offset = u32::try_from(data.len()).expect("small");
            entries.push([*tag, u32::try_from(*kind).expect("positive"), offset, *count]);
            data.extend(bytes);
        }
    });
}

/// The ids that `redwrap-check` finds violated, and whether librpm's own check of the header finds nothing.
fn violated(node: &Node) -> Vec<String> {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redwrap-check"));
        command.args(arguments).arg(node.path()).output().expect("it starts")
    };
    assert_eq!(run(&[]).status.code(), Some(0), "librpm finds the digest good");
    let output = run(&["--family"]);
    let line = output.stdout.split(|byte| *byte == b'\n').next().expect("a report");
    let report: serde_json::Value = serde_json::from_slice(line).expect("JSON");
    let checks = report["checks"].as_array().expect("checks");
    let violated = checks.iter().filter(|check| check["outcome"] == "violated");
    violated
        .map(|check| check["id"].as_str().expect("a string").to_owned())
        .collect()
}

fn node() -> Node {
    let package = Package::new("app", "1-1")
        .requires("missing")
        .file("/usr/share/app", "content\n");
    Node::with(&[package])
}

#[test]
fn requirements_are_those_that_were_built() {
    let node = node();
    assert_eq!(violated(&node), ["requires"]);
    let none = [
        (rpm_sys::RPMTAG_REQUIRENAME, STRING_ARRAY, 1, b"app\0".to_vec()),
        (rpm_sys::RPMTAG_REQUIREVERSION, STRING_ARRAY, 1, b"\0".to_vec()),
        (rpm_sys::RPMTAG_REQUIREFLAGS, INT32, 1, vec![0; 4]),
    ];
    add(&node, &none);
    assert_eq!(violated(&node), ["requires"]);
}

#[test]
fn modes_are_those_that_were_built() {
    let node = node();
    let file = node.path().join("usr/share/app");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o4755)).expect("ours");
    let mode = 0o104_755_u16.to_be_bytes().to_vec();
    add(&node, &[(rpm_sys::RPMTAG_FILEMODES, INT16, 1, mode)]);
    assert_eq!(violated(&node), ["requires", "files-present"]);
}

#[test]
fn a_package_does_not_become_a_key() {
    let node = node();
    add(&node, &[(rpm_sys::RPMTAG_NAME, STRING, 1, b"gpg-pubkey\0".to_vec())]);
    assert_eq!(violated(&node), ["requires"]);
}

#[test]
fn a_file_is_not_left_out_because_the_rpmdb_says_so() {
    let node = node();
    fs::remove_file(node.path().join("usr/share/app")).expect("ours");
    for state in 1..=4 {
        change(&node, |entries, data| {
            let states = entries.iter().find(|entry| entry[0] == rpm_sys::RPMTAG_FILESTATES);
            data[states.expect("rpm notes them")[2] as usize] = state;
        });
        assert_eq!(violated(&node), ["requires", "files-present"], "state {state}");
    }
}
