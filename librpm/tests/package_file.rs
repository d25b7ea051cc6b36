//! Package files: whole ones, broken ones, signed ones.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::with_engine;
use librpm::{Engine, Error, Keyring, PackageFile, PackageFileProblem, SignatureState, Tag, TagError, Verification};
use redpak_testing::{Entry, Key, Package, build_packages, flip_byte, truncate};
use tempfile::TempDir;

/// A package with a bit of everything, in a directory of its own.
fn built() -> (TempDir, PathBuf) {
    let package = Package::new("full", "2:1.0-3")
        .requires("lib(x) >= 2")
        .requires("(a if b)")
        .provides("cap = 1:3-4")
        .conflicts("enemy < 5")
        .obsoletes("older")
        .file("/usr/share/full/data", "0123456789")
        .entry(
            Entry::program("/usr/bin/full", "#!/bin/sh\n")
                .mode(0o4711)
                .owner("daemon", "games"),
        )
        .entry(Entry::symlink("/usr/bin/link", "full"))
        .entry(Entry::directory("/var/lib/full"))
        .entry(Entry::file("/etc/full.conf", "a=1\n").config_noreplace())
        .entry(Entry::file("/run/full", "").ghost())
        .scriptlet(redpak_testing::Scriptlet::Post, "exit 0")
        .scriptlet_for("<lua>", redpak_testing::Scriptlet::PreTrans, "print(1)");
    let directory = redpak_testing::directory();
    let path = build_packages(&[package], directory.path()).remove(0);
    (directory, path)
}

fn open<'e>(engine: &'e Engine, path: &Path) -> Result<PackageFile<'e>, Error> {
    PackageFile::open(engine, path, Verification::Digests)
}

fn problem(result: Result<impl Sized, Error>) -> PackageFileProblem {
    match result.err().expect("the package is broken") {
        Error::PackageFile { problem, .. } => problem,
        other => panic!("unexpected: {other}"),
    }
}

#[test]
fn absent_and_mistyped_tags_are_different_things() {
    let (_directory, path) = built();
    with_engine(|engine| {
        let file = open(engine, &path).expect("it is sound");
        let header = file.header();
        assert_eq!(header.string(Tag::VENDOR), Err(TagError::Absent { tag: Tag::VENDOR }));
        let wrong = header.number(Tag::NAME).expect_err("a name is no number");
        assert_eq!(wrong.to_string(), "Name holds strings, not numbers");
        assert!(matches!(header.string(Tag::EPOCH), Err(TagError::WrongType { .. })));
        assert_eq!(header.number(Tag::EPOCH), Ok(2));
        let immutable = header.get(Tag::HEADERIMMUTABLE).expect("every header has it");
        assert!(immutable.bytes().expect("it is binary").len() > 1000);
    });
}

#[test]
fn the_payload_is_listed_from_the_payload_itself() {
    let (_directory, path) = built();
    with_engine(|engine| {
        let file = open(engine, &path).expect("it is sound");
        for _ in 0..2 {
            let mut paths = file.payload().expect("it can be read");
            paths.sort();
            let expected = [
                "/etc/full.conf",
                "/usr/bin/full",
                "/usr/bin/link",
                "/usr/share/full/data",
                "/var/lib/full",
            ];
            assert_eq!(paths, expected.map(PathBuf::from), "all but the ghost");
        }
        file.verify(Verification::Digests)
            .expect("the payload's digest is right");
    });
}

#[test]
fn a_truncated_package_is_told_by_the_part_it_ends_in() {
    let (_directory, path) = built();
    let bytes = fs::read(&path).expect("it exists");
    let whole = bytes.len() as u64;
    let second = bytes
        .windows(4)
        .rposition(|window| window == [0x8e, 0xad, 0xe8, 0x01])
        .expect("two headers") as u64;
    with_engine(|engine| {
        truncate(&path, whole - 1);
        let file = open(engine, &path).expect("the header is whole");
        assert!(matches!(
            problem(file.verify(Verification::Digests)),
            PackageFileProblem::Payload(_)
        ));
        assert!(matches!(problem(file.payload()), PackageFileProblem::Archive(_)));
        let parts = [
            (second + 200, "header"),
            (second + 3, "header"),
            (300, "signature header"),
            (97, "signature header"),
        ];
        for (length, part) in parts {
            truncate(&path, length);
            assert_eq!(
                problem(open(engine, &path)),
                PackageFileProblem::Truncated(part),
                "{length}"
            );
        }
        for length in [95, 3, 0] {
            truncate(&path, length);
            assert!(open(engine, &path).is_err(), "{length}");
        }
    });
}

#[test]
fn what_is_no_package_is_told() {
    let directory = redpak_testing::directory();
    let text = directory.path().join("text.rpm");
    fs::write(
        &text,
        "this is no package, although it is long enough to be one".repeat(20),
    )
    .expect("can be written");
    with_engine(|engine| {
        assert_eq!(problem(open(engine, &text)), PackageFileProblem::NotAPackage);
        let error = open(engine, &text).expect_err("no package");
        assert_eq!(error.to_string(), format!("{}: not an rpm package", text.display()));
        assert!(matches!(
            open(engine, &directory.path().join("none.rpm")),
            Err(Error::Io { .. })
        ));
        // A directory and a pipe neither.
        assert_eq!(problem(open(engine, directory.path())), PackageFileProblem::NotAPackage);
        assert_eq!(
            problem(open(engine, Path::new("/dev/null"))),
            PackageFileProblem::NotAPackage
        );
    });
}

#[test]
fn a_changed_byte_is_noticed_wherever_it_is() {
    let (_directory, path) = built();
    let original = fs::read(&path).expect("can be read");
    with_engine(|engine| {
        let check = || open(engine, &path)?.verify(Verification::Digests);
        check().expect("unchanged it is sound");
        let mut unnoticed = Vec::new();
        for offset in (0..original.len()).step_by(7) {
            flip_byte(&path, i64::try_from(offset).expect("small"));
            if check().is_ok() {
                unnoticed.push(offset);
            }
            fs::write(&path, &original).expect("can be restored");
        }
        // The lead is a relic that nothing reads, and the signature header is reserved space and padding in places.
        let magic = [0x8e, 0xad, 0xe8, 0x01];
        let header = original
            .windows(4)
            .rposition(|window| window == magic)
            .expect("two headers");
        let beyond: Vec<_> = unnoticed.iter().filter(|offset| **offset >= header).collect();
        assert!(beyond.is_empty(), "{beyond:?}");
    });
}

#[test]
fn signatures_are_judged_with_the_given_keys_only() {
    let (_directory, path) = built();
    let (key, stranger) = (
        Key::new("Tests <tests@redpak.invalid>"),
        Key::new("Other <other@redpak.invalid>"),
    );
    with_engine(|engine| {
        let keyring = |keys: &[&Key]| {
            let mut keyring = Keyring::new(engine).expect("can be made");
            keys.iter()
                .for_each(|key| keyring.add_file(key.public()).expect("can be read"));
            keyring
        };
        let state = |keyring: &Keyring<'_>| {
            PackageFile::open(engine, &path, Verification::Signatures(keyring)).map(|file| file.signature())
        };
        assert_eq!(
            state(&keyring(&[&key])).expect("digests are fine"),
            SignatureState::Unsigned
        );
        key.sign_packages(std::slice::from_ref(&path));
        assert_eq!(
            open(engine, &path).expect("sound").signature(),
            SignatureState::NotChecked
        );
        assert!(open(engine, &path).expect("sound").header().has_signature());
        assert_eq!(state(&keyring(&[&key])).expect("good"), SignatureState::Good);
        assert_eq!(
            state(&keyring(&[&stranger, &key, &key])).expect("good"),
            SignatureState::Good
        );
        assert_eq!(
            state(&keyring(&[&stranger])).expect("undecided"),
            SignatureState::UnknownKey
        );
        assert_eq!(state(&keyring(&[])).expect("undecided"), SignatureState::UnknownKey);
        let no_key = redpak_testing::directory().path().join("none.asc");
        assert!(keyring(&[]).add_file(&no_key).is_err());
    });
}
