//! A package as a plain value of the core.

mod common;

use std::path::{Path, PathBuf};

use common::with_engine;
use librpm::{Engine, PackageFile, Verification};
use redpak::package::{Comparison, DigestAlgorithm, Scriptlet};
use redpak_packages::snapshot;
use redpak_testing::{Entry, Key, Package, build_packages};
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

fn open<'e>(engine: &'e Engine, path: &Path) -> PackageFile<'e> {
    PackageFile::open(engine, path, Verification::Digests).expect("it is sound")
}

#[test]
fn a_package_reads_as_it_was_described() {
    let (_directory, path) = built();
    with_engine(|engine| {
        let file = open(engine, &path);
        let package = snapshot::package(file.header()).expect("its header is sound");
        assert_eq!(package.nevra(), "full-2:1.0-3.noarch");
        assert_eq!(package.header_number, 0);
        assert_eq!(package.header_digest.as_ref().map(String::len), Some(64));
        assert!(!package.signed);
        let text = |dependencies: &[redpak::package::Dependency]| -> Vec<String> {
            dependencies
                .iter()
                .map(|d| d.to_os_string().into_string().expect("UTF-8"))
                .collect()
        };
        assert!(
            text(&package.requires).contains(&"lib(x) >= 2".into()),
            "{:?}",
            package.requires
        );
        assert!(text(&package.requires).contains(&"(a if b)".into()));
        assert!(text(&package.provides).contains(&"cap = 1:3-4".into()));
        assert!(text(&package.provides).contains(&"full = 2:1.0-3".into()));
        assert_eq!(text(&package.conflicts), ["enemy < 5"]);
        assert_eq!(text(&package.obsoletes), ["older"]);
        assert_eq!(package.obsoletes[0].comparison, Comparison::Any);
        assert_eq!(package.scriptlets, [Scriptlet::PreTransaction, Scriptlet::PostInstall]);
    });
}

#[test]
fn files_read_as_they_were_described() {
    let (_directory, path) = built();
    with_engine(|engine| {
        let package = snapshot::package(open(engine, &path).header()).expect("it is sound");
        let file = |path: &str| {
            package
                .files
                .iter()
                .find(|file| file.path == Path::new(path))
                .expect(path)
        };
        assert_eq!(package.files.len(), 6);
        let data = file("/usr/share/full/data");
        assert_eq!(
            (data.mode, data.size, data.digest_algorithm),
            (0o100_644, 10, DigestAlgorithm::Sha256)
        );
        let digest = "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";
        assert_eq!(data.digest.as_deref(), Some(digest));
        let program = file("/usr/bin/full");
        assert_eq!(
            (program.mode, program.user.to_str(), program.group.to_str()),
            (0o104_711, Some("daemon"), Some("games"))
        );
        let link = file("/usr/bin/link");
        assert!(link.is_symlink() && link.digest.is_none());
        assert_eq!(link.link_target.as_deref(), Some(Path::new("full")));
        assert!(file("/var/lib/full").is_directory());
        assert!(file("/etc/full.conf").flags.is_config());
        assert!(file("/run/full").flags.is_ghost());
    });
}

#[test]
fn a_package_tells_whether_it_is_signed() {
    let (_directory, path) = built();
    Key::new("Tests <tests@redpak.invalid>").sign_packages(std::slice::from_ref(&path));
    with_engine(|engine| {
        let package = snapshot::package(open(engine, &path).header()).expect("sound");
        assert!(package.signed);
    });
}
