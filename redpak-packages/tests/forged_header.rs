//! Headers that say nonsense, and headers that are merely unusual.

mod common;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use common::{Node, generated, with_engine};
use redpak::package::NodePackages;
use redpak_packages::{Error, snapshot};
use redpak_testing::Package;
use rpm_sys as raw;

/// What the snapshot says about a node with one package whose header was changed.
fn read(change: impl FnOnce(raw::Header)) -> Result<NodePackages, Error> {
    let node = Node::empty();
    let package = Package::new("model", "1-1")
        .file("/usr/share/a", "1")
        .file("/usr/share/deeper/b", "2");
    with_engine(|engine| {
        generated::forge(engine, &node.folder(), &package, change);
        snapshot::read(engine, &node.database(engine))
    })
}

#[test]
fn an_unchanged_one_is_read() {
    assert_eq!(read(|_| {}).expect("sound").packages[0].files.len(), 2);
}

#[test]
fn strings_that_are_not_utf8_survive() {
    let packages = read(|header| generated::put_string(header, raw::RPMTAG_NAME, c"caf\xe9"))
        .expect("sound")
        .packages;
    assert_eq!(packages[0].name, OsStr::from_bytes(b"caf\xe9"));
    assert_eq!(packages[0].nevra(), OsStr::from_bytes(b"caf\xe9-1-1.noarch"));
}

#[test]
fn directory_indexes_beyond_the_directories_are_an_error() {
    let error = read(|header| generated::put_numbers(header, raw::RPMTAG_DIRINDEXES, &[0, 77])).expect_err("nonsense");
    assert!(
        matches!(
            error,
            Error::MalformedHeader {
                what: "directory names and indexes",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn lists_of_different_lengths_are_an_error() {
    for tag in [
        raw::RPMTAG_FILEFLAGS,
        raw::RPMTAG_FILEINODES,
        raw::RPMTAG_FILEMTIMES,
        raw::RPMTAG_DIRINDEXES,
    ] {
        let error = read(|header| generated::put_numbers(header, tag, &[1])).expect_err(&format!("{tag}"));
        assert!(matches!(error, Error::MalformedHeader { .. }), "{error}");
        assert!(error.to_string().starts_with("package model-1-1.noarch: "), "{error}");
    }
}
