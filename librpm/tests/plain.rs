//! The layer alone, on a database that rpm made.

mod common;

use std::ffi::OsStr;

use common::with_engine;
use librpm::{Database, Error, Tag};
use redpak_testing::{Package, build_packages, register_with_rpm};

#[test]
fn a_database_of_rpm_is_read() {
    let (root, built) = (redpak_testing::directory(), redpak_testing::directory());
    let packages = [
        Package::new("lib", "1:2.10-3").provides("cap = 7"),
        Package::new("app", "1-1").requires("cap >= 5").file("/usr/bin/app", ""),
    ];
    register_with_rpm(root.path(), &build_packages(&packages, built.path()));
    with_engine(|engine| {
        let directory = root.path().join("var/lib/rpm");
        let database = Database::open(engine, &directory).expect("it can be read");
        assert_eq!(database.directory(), directory);
        assert!(!database.is_empty());
        let headers = database.headers().expect("headers").collect::<Result<Vec<_>, _>>();
        let mut names: Vec<_> = headers.expect("sound").iter().map(|header| header.nevra()).collect();
        names.sort();
        assert_eq!(names, ["app-1-1.noarch", "lib-1:2.10-3.noarch"]);
        let provider = database.providing(OsStr::new("cap")).expect("an index").next();
        let provider = provider.expect("one").expect("sound");
        assert_eq!(provider.string(Tag::NAME).expect("a name"), "lib");
        provider.require_digest().expect("rpm builds them with digests");
        let number = provider.number_in_database();
        let same = database.header(number).expect("can be read").expect("is there");
        assert_eq!(same.nevra(), provider.nevra());
        let owner = database.owning("/usr/bin/app".as_ref()).expect("an index").count();
        assert_eq!(
            (owner, database.named(OsStr::new("none")).expect("an index").count()),
            (1, 0)
        );
        assert!(database.header(number + 100).expect("can be asked").is_none());
    });
}

#[test]
fn a_path_that_rpm_would_expand_is_taken_literally() {
    let (root, built) = (redpak_testing::directory(), redpak_testing::directory());
    register_with_rpm(
        root.path(),
        &build_packages(&[Package::new("lib", "1-1")], built.path()),
    );
    let odd = root.path().join("100%{_dbpath}");
    std::fs::rename(root.path().join("var/lib/rpm"), &odd).expect("renamed");
    with_engine(|engine| {
        let database = Database::open(engine, &odd).expect("it can be read");
        assert_eq!(database.headers().expect("headers").count(), 1);
    });
}

#[test]
fn what_is_no_database_is_an_error() {
    let directory = redpak_testing::directory();
    with_engine(|engine| {
        let none = directory.path().join("none");
        assert!(matches!(Database::open(engine, &none), Err(Error::Io { .. })));
        let empty = Database::empty(engine, &none).expect("opens nothing");
        assert_eq!(empty.headers().expect("none").count(), 0);
        assert!(empty.is_empty() && empty.header(1).expect("none").is_none());
    });
}
