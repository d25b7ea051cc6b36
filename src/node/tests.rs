//! Aliases and status files.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<Status, String> {
    Status::parse(text.as_bytes(), Path::new(".rednode.yaml")).map_err(|errors| errors[0].to_string())
}

#[test]
fn aliases_are_checked() {
    for good in ["a", "agl-core", "A+b_c@d:9-"] {
        assert_eq!(
            good.parse::<Alias>().map(|alias| alias.to_string()),
            Ok(good.to_owned())
        );
    }
    for bad in ["", "a b", "a/b", "..", "é", "a\n", "$A", "a.b"] {
        assert_eq!(bad.parse::<Alias>(), Err(BadAlias(bad.to_owned())));
    }
    let shown = "a\u{1b}".parse::<Alias>().unwrap_err().to_string();
    assert_eq!(
        shown,
        "'a\\u{1b}' is not an alias; use letters, digits and '+', '_', '@', ':', '-'"
    );
}

#[test]
fn a_name_makes_an_alias() {
    for (name, expected) in [("agl-core", "agl-core"), ("a.b c", "a_b_c"), ("", "_"), ("é", "_")] {
        assert_eq!(Alias::from_name(name).as_str(), expected);
    }
}

#[test]
fn a_status_reads_as_older_programs_wrote_it() {
    let status =
        parse("state: enable\nrealpath: /var/redpesk/agl\ntimestamp: 1700000000123\ninfo: created by ann\n").unwrap();
    assert_eq!(status.state.value, State::Enable);
    assert_eq!(status.realpath.0, Path::new("/var/redpesk/agl"));
    assert_eq!(status.timestamp.unwrap().value, 1_700_000_000_123);
    assert_eq!(
        parse("{state: Disabled, realpath: /a}").unwrap().state.value,
        State::Disable
    );
}

#[test]
fn no_info_makes_a_status_unreadable() {
    let status = Status::new(State::Enable, Path::new("/a"), 0, "x\u{202e}y\u{1b}z\0\r");
    assert_eq!(parse(&status.to_yaml()).unwrap().info.unwrap().value, "x y z  ");
}

#[test]
fn what_is_wrong_with_a_status_has_its_place() {
    for (text, expected) in [
        (
            "state: On\nrealpath: /a",
            ".rednode.yaml:1:8: state: 'On' is not accepted; expected one of Enable, Disable, Unknown, Error",
        ),
        (
            "state: Enable",
            ".rednode.yaml:1:1: the key 'realpath' is missing; add 'realpath:'",
        ),
        (
            "state: Enable\nrealpath: a",
            ".rednode.yaml:2:11: realpath: 'a' is not accepted; expected an absolute path",
        ),
        (
            "state: Enable\nrealpath: bytes:/%f",
            ".rednode.yaml:2:11: realpath: 'bytes:/%f' is not accepted; expected an absolute path",
        ),
        (
            "state: Enable\nrealpath: /a\nowner: x",
            ".rednode.yaml:3:1: unknown key 'owner'; accepted are state, realpath, timestamp, info",
        ),
    ] {
        assert_eq!(parse(text), Err(expected.to_owned()));
    }
}

#[test]
fn what_governs_a_node_is_listed() {
    for file in [
        files::STATUS,
        files::CONFIG,
        files::CONFIG_LEGACY,
        files::ADMIN,
        files::ADMIN_LEGACY,
        files::RPMDB,
        files::VERDICT,
        files::LOCK,
        files::FORCED,
        files::JOURNAL,
        files::METADATA,
        files::OVERLAY,
    ] {
        assert!(files::GOVERNING.contains(&file), "{file}");
    }
}

proptest! {
    #[test]
    fn a_printed_status_reads_back(bytes in prop::collection::vec(1_u8.., 0..20), timestamp: i64, info in "[ -~é\n\t]{0,20}") {
        let path = Path::new("/").join(PathBuf::from(OsString::from_vec(bytes)));
        let status = Status::new(State::Unknown, &path, timestamp, &info);
        let read = parse(&status.to_yaml()).map_err(|error| TestCaseError::fail(format!("{error}\n{}", status.to_yaml())))?;
        prop_assert_eq!(read, status);
    }
}
