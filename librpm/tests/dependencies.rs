//! Matching dependencies is librpm's own: versions, files, rich dependencies.

mod common;

use std::ffi::OsStr;
use std::path::Path;

use common::with_engine;
use librpm::{
    Dependency, DependencyKind, DependencySet, Engine, PackageFile, Problem, ProblemKind, TransactionSet, Verification,
};
use redpak_testing::{Package, build_packages};

fn dependency(name: &str, flags: u32, version: &str) -> Dependency {
    Dependency {
        name: name.into(),
        version: version.into(),
        flags,
    }
}

/// What librpm says when all these packages are in one family.
fn check(packages: &[Package]) -> Vec<Problem> {
    let directory = redpak_testing::directory();
    let paths = build_packages(packages, directory.path());
    with_engine(|engine| {
        let mut set = TransactionSet::new(engine).expect("can be made");
        set.use_empty_database().expect("can be made");
        for path in &paths {
            set.add_install(open(engine, path).header()).expect("can be added");
        }
        set.check().expect("can be checked")
    })
}

fn open<'e>(engine: &'e Engine, path: &Path) -> PackageFile<'e> {
    PackageFile::open(engine, path, Verification::Digests).expect("sound")
}

fn text(text: &OsStr) -> &str {
    text.to_str().expect("UTF-8")
}

fn summary(problems: &[Problem]) -> Vec<(ProblemKind, &str, &str)> {
    problems
        .iter()
        .map(|problem| (problem.kind, text(&problem.package), text(&problem.dependency)))
        .collect()
}

#[test]
fn versions_match_as_rpm_compares_them() {
    let directory = redpak_testing::directory();
    let path = build_packages(&[Package::new("lib", "1:2.10-3").provides("cap = 7")], directory.path()).remove(0);
    with_engine(|engine| {
        let file = open(engine, &path);
        for (name, flags, version, provided) in [
            ("lib", 0, "", true),
            ("lib", 12, "1:2.9", true),
            ("lib", 12, "1:2.11", false),
            // Without an epoch it is 0, so this package is newer than any version.
            ("lib", 12, "3", true),
            ("lib", 8, "1:2.10-3", true),
            ("lib", 2, "1:2.10-3", false),
            ("cap", 10, "7", true),
            ("cap", 4, "7", false),
            ("other", 0, "", false),
        ] {
            let wanted = dependency(name, flags, version);
            let set = DependencySet::single(engine, DependencyKind::Requires, wanted.borrow()).expect("understood");
            assert_eq!(set.is_provided_by(file.header()), provided, "{wanted:?}");
        }
    });
}

#[test]
fn two_single_dependencies_overlap_or_not() {
    with_engine(|engine| {
        let single = |kind, flags, version: &str| {
            DependencySet::single(engine, kind, dependency("cap", flags, version).borrow()).expect("understood")
        };
        let provided = single(DependencyKind::Provides, 8, "5");
        assert!(provided.overlaps(&single(DependencyKind::Requires, 12, "4")));
        assert!(!provided.overlaps(&single(DependencyKind::Requires, 12, "6")));
        assert!(provided.overlaps(&single(DependencyKind::Conflicts, 10, "5")));
    });
}

#[test]
fn what_fits_has_no_problems() {
    let problems = check(&[
        Package::new("app", "1-1")
            .requires("lib >= 2")
            .requires("/usr/bin/tool")
            .requires("(sound or silence)"),
        Package::new("lib", "2-1").conflicts("lib-old"),
        Package::new("tools", "1-1").file("/usr/bin/tool", ""),
        Package::new("silence", "1-1"),
    ]);
    assert_eq!(problems, []);
}

#[test]
fn requirements_and_conflicts_are_found_with_who_has_them() {
    let problems = check(&[
        Package::new("app", "1-1")
            .requires("lib >= 3")
            .requires("/usr/bin/tool"),
        Package::new("lib", "2-1").conflicts("silence < 2"),
        Package::new("silence", "1-1"),
    ]);
    let expected = [
        (ProblemKind::Requires, "app-1-1.noarch", "/usr/bin/tool"),
        (ProblemKind::Requires, "app-1-1.noarch", "lib >= 3"),
        (ProblemKind::Conflicts, "lib-2-1.noarch", "silence < 2"),
    ];
    let mut found = summary(&problems);
    found.sort_by_key(|(_, package, dependency)| (*package, *dependency));
    assert_eq!(found, expected);
    assert!(
        problems
            .iter()
            .any(|p| p.text == "lib >= 3 is needed by app-1-1.noarch"),
        "{problems:?}"
    );
}

#[test]
fn rich_dependencies_are_understood() {
    let app = Package::new("app", "1-1")
        .requires("(lib if sound)")
        .requires("(a and b)");
    let rest = [Package::new("a", "1-1"), Package::new("b", "1-1")];
    assert_eq!(check(&[std::slice::from_ref(&app), rest.as_slice()].concat()), []);
    let problems = check(&[&[app, Package::new("sound", "1-1")], rest.as_slice()].concat());
    assert_eq!(
        summary(&problems),
        [(ProblemKind::Requires, "app-1-1.noarch", "(lib if sound)")]
    );
}
