//! Checks over packages, on packages that are written down here.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;
use crate::package::{DigestAlgorithm, File, FileFlags, FileState, Package, Verified};

pub fn package(name: &str, files: Vec<File>) -> Package {
    Package {
        name: name.into(),
        epoch: None,
        version: "1".into(),
        release: "1".into(),
        arch: Some("noarch".into()),
        header_number: 1,
        header_digest: None,
        signed: false,
        provides: Vec::new(),
        requires: Vec::new(),
        conflicts: Vec::new(),
        obsoletes: Vec::new(),
        files,
        scriptlets: Vec::new(),
        expands_macros: false,
    }
}

fn file(path: &str, digest: &str) -> File {
    File {
        path: path.into(),
        mode: 0o100_644,
        size: 3,
        mtime: 0,
        digest: Some(digest.into()),
        digest_algorithm: DigestAlgorithm::Sha256,
        flags: FileFlags(0),
        verified: Verified::ALL,
        has_language: false,
        state: FileState::Normal,
        user: "root".into(),
        group: "root".into(),
        link_target: None,
        hard_link_id: (0, 0),
        color: 0,
        capabilities: None,
    }
}

/// The core OS, a parent and a leaf.
fn family(levels: [Vec<Package>; 3]) -> Vec<Level> {
    let roots = ["/", "/pool/a", "/pool/a/b"];
    let levels = roots.into_iter().zip(levels).map(|(root, packages)| Level {
        root: root.into(),
        is_core_os: root == "/",
        packages,
        forced: BTreeSet::new(),
    });
    levels.collect()
}

fn told(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Holds { warnings } => warnings.iter().map(|warning| format!("warning {warning}")).collect(),
        Outcome::Violated(violations) => violations.iter().map(ToString::to_string).collect(),
        Outcome::CouldNotTell { reason } => vec![format!("could not tell {reason}")],
    }
}

#[test]
fn a_name_may_be_at_one_level_alone() {
    let [one, two] = ["one", "two"].map(|name| package(name, Vec::new()));
    // Twice at one level is that level's business.
    let fine = family([vec![one.clone(), one.clone()], vec![two.clone()], vec![]]);
    assert_eq!(told(&duplicates(&fine)), [""; 0]);
    let mut doubled = family([vec![one.clone()], vec![two.clone()], vec![one, two]]);
    let expected = [
        "duplicates: /pool/a/b: one-1-1.noarch: / has one-1-1.noarch of the same name; remove one of them",
        "duplicates: /pool/a/b: two-1-1.noarch: /pool/a has two-1-1.noarch of the same name; remove one of them",
    ];
    assert_eq!(told(&duplicates(&doubled)), expected);
    doubled[2].forced = ["one".into(), "two".into()].into();
    assert_eq!(
        told(&duplicates(&doubled)),
        expected.map(|line| format!("warning {line}"))
    );
}

#[test]
fn the_files_of_a_forced_package_meet_those_of_its_name_alone() {
    let [above, other] = ["one", "other"].map(|name| package(name, vec![file("/usr/x", "aa")]));
    let below = package("one", vec![file("/usr/x", "bb")]);
    let mut levels = family([vec![above], vec![], vec![below.clone()]]);
    let line = "file-conflicts: /pool/a/b: one-1-1.noarch: /usr/x is different in one-1-1.noarch of /";
    assert_eq!(told(&file_conflicts(&levels)), [line]);
    levels[2].forced = ["one".into()].into();
    assert_eq!(told(&file_conflicts(&levels)), [format!("warning {line}")]);
    levels[0].packages = vec![other];
    assert_eq!(told(&file_conflicts(&levels)).len(), 1);
    assert!(!file_conflicts(&levels).holds());
}

#[test]
fn what_differs_at_one_path_conflicts() {
    let conflict = |other: File| {
        let (above, below) = (
            package("above", vec![file("/usr/x", "aa")]),
            package("below", vec![other]),
        );
        let levels = family([vec![], vec![above.clone()], vec![below.clone()]]);
        let core = family([vec![above], vec![], vec![below]]);
        let found = [told(&file_conflicts(&levels)).len(), told(&file_conflicts(&core)).len()];
        assert_eq!(found[0], found[1], "the core OS counts as a node does");
        found[0] == 1
    };
    assert!(!conflict(file("/usr/x", "aa")), "the same content");
    assert!(conflict(file("/usr/x", "bb")));
    assert!(!conflict(file("/usr/y", "bb")), "another path");
    let with = |change: &dyn Fn(&mut File)| {
        let mut file = file("/usr/x", "bb");
        change(&mut file);
        file
    };
    assert!(!conflict(with(&|file| file.flags = FileFlags(FileFlags::GHOST))));
    assert!(!conflict(with(&|file| file.state = FileState::NotInstalled)));
    assert!(
        conflict(with(&|file| file.mode = 0o040_755)),
        "a directory where there is a file"
    );
    assert!(conflict(with(&|file| {
        file.digest = Some("aa".into());
        file.mode = 0o100_755;
    })));
}

#[test]
fn files_of_two_colours_share_a_place() {
    let conflict = |one: u32, other: u32, kinds: [u32; 2]| {
        let colored = |name: &str, color, mode| {
            let mut file = file("/usr/bin/x", name);
            (file.color, file.mode) = (color, mode);
            if file.is_symlink() {
                file.link_target = Some(name.into());
            }
            package(name, vec![file])
        };
        let levels = family([
            vec![],
            vec![colored("above", one, kinds[0])],
            vec![colored("below", other, kinds[1])],
        ]);
        !file_conflicts(&levels).holds()
    };
    // 1 is ELF of 32 bits and 2 of 64, see rpm's rpmfc.h; everything else has no colour.
    for (one, other, expected) in [
        (0, 0, true),
        (1, 1, true),
        (2, 2, true),
        (1, 0, true),
        (0, 2, true),
        (1, 2, false),
        (2, 1, false),
    ] {
        assert_eq!(conflict(one, other, [0o100_755; 2]), expected, "{one} {other}");
    }
    assert!(!conflict(1, 2, [0o120_777; 2]), "links have colours too");
    assert!(conflict(1, 2, [0o100_755, 0o040_755]), "a directory takes the place");
}

fn link(path: &str, target: &str) -> File {
    let mut link = file(path, "");
    link.mode = 0o120_777;
    link.link_target = Some(target.into());
    link
}

#[test]
fn as_many_links_are_followed_as_the_kernel_follows() {
    for (length, conflict) in [(40, true), (41, false)] {
        // /0 leads to /1, which leads to /2, …, which leads to /usr.
        let target = |n| {
            if n + 1 < length {
                format!("{}", n + 1)
            } else {
                "usr".into()
            }
        };
        let links = (0..length).map(|n| link(&format!("/{n}"), &target(n))).collect();
        let levels = family([
            vec![
                package("filesystem", links),
                package("above", vec![file("/usr/f", "aa")]),
            ],
            vec![],
            vec![package("below", vec![file("/0/f", "bb")])],
        ]);
        assert_eq!(!file_conflicts(&levels).holds(), conflict, "{length}");
    }
}

#[test]
fn a_place_is_the_same_by_another_path() {
    let conflicts = |links: &[(&str, &str)], above: &str, below: &str| {
        let links = links.iter().map(|(path, target)| link(path, target)).collect();
        let (one, other) = (file(above, "aa"), file(below, "bb"));
        let core = family([
            vec![package("filesystem", links), package("above", vec![one])],
            vec![],
            vec![package("below", vec![other])],
        ]);
        told(&file_conflicts(&core))
    };
    let merged = [("/lib", "usr/lib"), ("/usr/lib64", "lib/../lib"), ("/abs", "/lib/x")];
    let line = "file-conflicts: /pool/a/b: below-1-1.noarch: /usr/lib/x/f is different in above-1-1.noarch of /";
    for (above, below) in [
        ("/usr/lib/x/f", "/lib/x/f"),
        ("/lib/x/f", "/usr/lib/x/f"),
        ("/usr/lib64/x/f", "/lib/x/f"),
        ("/usr/lib/x/f", "/abs/f"),
    ] {
        assert_eq!(conflicts(&merged, above, below), [line], "{above} {below}");
        assert_eq!(conflicts(&[], above, below), [""; 0], "{above} {below}");
    }
    assert_eq!(conflicts(&merged, "/usr/lib/x/f", "/lib/y/f"), [""; 0]);
    // What is at a path itself may be a link, and links may lead nowhere.
    assert_eq!(
        conflicts(&[("/a", "b")], "/b", "/a").len(),
        1,
        "a link where there is a file"
    );
    for circle in [&[("/a", "a")][..], &[("/a", "b"), ("/b", "a")], &[("/a", "../../a/a")]] {
        assert_eq!(conflicts(circle, "/c/f", "/a/f"), [""; 0]);
    }
}

#[test]
fn shared_directories_and_equal_links_do_not_conflict() {
    let mut directory = file("/usr/x", "");
    directory.mode = 0o040_755;
    let mut link = file("/usr/l", "");
    link.mode = 0o120_777;
    link.link_target = Some(PathBuf::from("x"));
    let levels = |link: File| {
        let above = package("above", vec![directory.clone(), leading(&link, "x")]);
        family([
            vec![],
            vec![above],
            vec![package("below", vec![directory.clone(), link])],
        ])
    };
    assert_eq!(told(&file_conflicts(&levels(link.clone()))), [""; 0]);
    let elsewhere = leading(&link, "y");
    assert_eq!(
        told(&file_conflicts(&levels(elsewhere))),
        ["file-conflicts: /pool/a/b: below-1-1.noarch: /usr/l is different in above-1-1.noarch of /pool/a"]
    );
}

fn leading(link: &File, target: &str) -> File {
    File {
        link_target: Some(target.into()),
        ..link.clone()
    }
}

#[test]
fn each_way_of_not_being_as_packaged_is_named() {
    let there = |mode: u32, size: u64| Found::There {
        mode,
        size,
        link_target: None,
        digest: None,
    };
    let config = |file: File| File {
        flags: FileFlags(FileFlags::CONFIG),
        ..file
    };
    let optional = |file: File| File {
        flags: FileFlags(FileFlags::MISSINGOK),
        ..file
    };
    let plain = || file("/usr/x", "aa");
    let exempt = |what: u32| File {
        verified: Verified(!what),
        ..plain()
    };
    for (file, found, expected) in [
        (plain(), there(0o100_644, 3), None),
        (plain(), Found::Missing, Some("/usr/x is missing")),
        (plain(), Found::LeadsOut, Some("/usr/x leads out of the node")),
        (plain(), there(0o100_644, 4), Some("/usr/x has 4 bytes, not 3")),
        (plain(), there(0o100_600, 3), Some("/usr/x has mode 0600, not 0644")),
        (
            plain(),
            there(0o120_777, 3),
            Some("/usr/x is a symbolic link, not a file"),
        ),
        (config(plain()), there(0o100_644, 99), None),
        (exempt(Verified::SIZE), there(0o100_644, 99), None),
        (exempt(Verified::MODE), there(0o100_600, 3), None),
        (
            exempt(Verified::MODE),
            there(0o100_600, 4),
            Some("/usr/x has 4 bytes, not 3"),
        ),
        (exempt(u32::MAX), Found::Missing, Some("/usr/x is missing")),
        (
            exempt(u32::MAX),
            there(0o040_755, 3),
            Some("/usr/x is a directory, not a file"),
        ),
        (
            config(plain()),
            there(0o100_600, 3),
            Some("/usr/x has mode 0600, not 0644"),
        ),
        (
            config(plain()),
            there(0o040_755, 6),
            Some("/usr/x is a directory, not a file"),
        ),
        (config(plain()), there(0o120_777, 6), None),
        (optional(plain()), Found::Missing, None),
        (
            optional(plain()),
            there(0o100_644, 4),
            Some("/usr/x has 4 bytes, not 3"),
        ),
    ] {
        let levels = family([vec![], vec![], vec![package("p", vec![file])]]);
        let files = [PackageFiles {
            level: 2,
            package: 0,
            found: vec![found],
        }];
        let expected: Vec<String> = expected
            .iter()
            .map(|reason| format!("files-present: /pool/a/b: p-1-1.noarch: {reason}"))
            .collect();
        assert_eq!(told(&files_present(&levels, &files)), expected);
    }
}

#[test]
fn what_cannot_be_looked_at_is_not_known_to_be_wrong() {
    let levels = family([
        vec![],
        vec![],
        vec![package("p", vec![file("/usr/x", "aa"), file("/usr/y", "aa")])],
    ]);
    let unreadable = || Found::Unreadable("Permission denied".into());
    let outcome = |found: [Found; 2]| {
        let files = [PackageFiles {
            level: 2,
            package: 0,
            found: found.into(),
        }];
        told(&files_present(&levels, &files))
    };
    assert_eq!(
        outcome([unreadable(), unreadable()]),
        ["could not tell /pool/a/b: p-1-1.noarch: /usr/x cannot be looked at: Permission denied, and 1 more"]
    );
    // Beside what is wrong it is told as well.
    assert_eq!(
        outcome([unreadable(), Found::Missing]),
        ["/usr/y is missing", "/usr/x cannot be looked at: Permission denied"]
            .map(|reason| format!("files-present: /pool/a/b: p-1-1.noarch: {reason}"))
    );
}

#[test]
fn a_state_that_nothing_explains_counts_for_nothing() {
    let with = |state: FileState, flags: u32| File {
        state,
        flags: FileFlags(flags),
        ..file("/usr/x", "aa")
    };
    let usual = |mut levels: Vec<Level>| {
        explain_states(&mut levels);
        levels[2].packages[0].files[0].state == FileState::Normal
    };
    let alone = |file: File| usual(family([vec![], vec![], vec![package("p", vec![file])]]));
    for state in [FileState::Replaced, FileState::NotInstalled, FileState::WrongColor] {
        assert!(alone(with(state, 0)), "{state:?}");
        assert!(alone(with(state, FileFlags::CONFIG)), "{state:?}");
    }
    for left_out in [
        with(FileState::NotInstalled, FileFlags::DOC),
        with(FileState::NotInstalled, FileFlags::ARTIFACT),
        File {
            has_language: true,
            ..with(FileState::NotInstalled, 0)
        },
    ] {
        assert!(!alone(left_out.clone()), "{left_out:?}");
    }
    // A directory is left out with what is in it.
    let folder = File {
        mode: 0o040_755,
        ..with(FileState::NotInstalled, 0)
    };
    assert!(alone(folder.clone()));
    let holding = |states: &[FileState]| {
        let inside = states.iter().enumerate().map(|(number, state)| File {
            state: *state,
            ..file(&format!("/usr/x/{number}"), "aa")
        });
        let files = std::iter::once(folder.clone()).chain(inside);
        usual(family([vec![], vec![], vec![package("p", files.collect())]]))
    };
    assert!(!holding(&[FileState::NotInstalled, FileState::WrongColor]));
    assert!(holding(&[FileState::NotInstalled, FileState::Normal]));
    // Documentation is left out; nothing takes its place.
    assert!(alone(with(FileState::Replaced, FileFlags::DOC)));
    let taken = |state, path: &str| {
        let link = File {
            mode: 0o120_777,
            link_target: Some("usr".into()),
            ..file("/link", "")
        };
        let other = package("q", vec![file(path, "bb"), link]);
        usual(family([
            vec![],
            vec![],
            vec![package("p", vec![with(state, 0)]), other],
        ]))
    };
    for state in [FileState::Replaced, FileState::WrongColor] {
        assert!(!taken(state, "/usr/x"), "{state:?}");
        assert!(!taken(state, "/link/x"), "by a link: {state:?}");
        assert!(taken(state, "/usr/y"), "{state:?}");
    }
    assert!(taken(FileState::NotInstalled, "/usr/x"));
    // The link may be an ancestor's package's.
    let link = File {
        mode: 0o120_777,
        link_target: Some("usr".into()),
        ..file("/link", "")
    };
    let file_of = |path| package("q", vec![file(path, "bb")]);
    let replaced_one = package("p", vec![with(FileState::Replaced, 0)]);
    let above = vec![package("filesystem", vec![link])];
    assert!(!usual(family([above, vec![], vec![replaced_one, file_of("/link/x")]])));
    // What is in another node, or is not there itself, takes no place.
    let replaced = |name| package(name, vec![with(FileState::Replaced, 0)]);
    let above = package("q", vec![file("/usr/x", "aa")]);
    for (core_os, parent, other) in [
        (vec![above.clone()], vec![], vec![]),
        (vec![], vec![above], vec![]),
        (vec![], vec![], vec![replaced("q")]),
        (
            vec![],
            vec![],
            vec![package("q", vec![with(FileState::Normal, FileFlags::GHOST)])],
        ),
    ] {
        let levels = family([core_os, parent, [vec![replaced("p")], other].concat()]);
        assert!(usual(levels.clone()), "{levels:?}");
    }
}

#[test]
fn content_counts_where_users_do_not_change_it() {
    let outcome = |flags: u32, digest: Result<String, String>| judged(flags, Verified::ALL, digest);
    assert_eq!(judged(0, Verified(!Verified::DIGEST), Ok("bb".into())), "");
    assert_eq!(outcome(0, Ok("aa".into())), "");
    assert!(outcome(0, Ok("bb".into())).ends_with("/usr/x has another content"));
    assert_eq!(
        outcome(0, Err("it is gone".into())),
        "could not tell /pool/a/b: p-1-1.noarch: /usr/x cannot be read: it is gone"
    );
    // Users change configuration: that is reported and no error.
    assert_eq!(outcome(FileFlags::CONFIG, Ok("aa".into())), "");
    let changed = outcome(FileFlags::CONFIG, Ok("bb".into()));
    assert!(
        changed.contains("/usr/x is a configuration file that was changed"),
        "{changed}"
    );
    assert!(changed.starts_with("warning"), "{changed}");
}

/// What `files-digest` says of a file with this digest on the disk.
fn judged(flags: u32, verified: Verified, digest: Result<String, String>) -> String {
    let file = File {
        flags: FileFlags(flags),
        verified,
        ..file("/usr/x", "aa")
    };
    let levels = family([vec![], vec![], vec![package("p", vec![file])]]);
    let found = Found::There {
        mode: 0o100_644,
        size: 3,
        link_target: None,
        digest: Some(digest),
    };
    let files = [PackageFiles {
        level: 2,
        package: 0,
        found: vec![found],
    }];
    told(&files_digest(&levels, &files)).join("\n")
}

#[test]
fn broken_dependencies_name_node_package_and_other() {
    let levels = family([
        vec![package("core", vec![])],
        vec![package("lib", vec![])],
        vec![package("app", vec![])],
    ]);
    let broken = |relation, package: &str, other: Option<&str>| Broken {
        relation,
        package: package.into(),
        dependency: "x >= 1".into(),
        other: other.map(Into::into),
    };
    let outcomes = dependencies(
        &levels,
        &[
            broken(Relation::Requires, "app-1-1.noarch", None),
            broken(Relation::Requires, "app-1-1.noarch", None),
            broken(Relation::Conflicts, "lib-1-1.noarch", Some("core-1-1.noarch")),
            broken(Relation::Obsoletes, "unheard-of", Some("lib-1-1.noarch")),
        ],
    );
    let lines: Vec<String> = outcomes.iter().flat_map(|(_, outcome)| told(outcome)).collect();
    let expected = [
        "requires: /pool/a/b: app-1-1.noarch: needs x >= 1, which nothing in the family provides",
        "conflicts: /pool/a: lib-1-1.noarch: conflicts with x >= 1, which core-1-1.noarch of / provides",
        "obsoletes: /: unheard-of: obsoletes x >= 1, which lib-1-1.noarch of /pool/a is",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn each_state_of_a_signature_is_judged() {
    let levels = family([vec![], vec![], vec![package("p", vec![])]]);
    for (signature, word) in [
        (Signature::Good, None),
        (Signature::Unsigned, Some("is not signed")),
        (Signature::UnknownKey, Some("neither the node nor an ancestor has")),
        (Signature::NotTrusted, Some("expired")),
        (Signature::Wrong("bad".into()), Some("has a wrong signature: bad")),
    ] {
        let lines = told(&signatures(&levels, &[(2, 0, signature)]));
        assert_eq!(!lines.is_empty(), word.is_some());
        assert!(word.is_none_or(|word| lines[0].contains(word)), "{lines:?}");
    }
}

#[test]
fn what_is_missing_changed_or_unreadable_is_doubtful() {
    let there = |digest: Result<String, String>| Found::There {
        mode: 0o100_644,
        size: 3,
        link_target: None,
        digest: Some(digest),
    };
    let files = ["/a", "/b", "/c", "/d"].map(|path| file(path, "aa"));
    let levels = family([vec![], vec![], vec![package("p", files.into())]]);
    let found = [
        Found::Missing,
        there(Ok("bb".into())),
        there(Err("it is gone".into())),
        there(Ok("aa".into())),
    ];
    let files = PackageFiles {
        level: 2,
        package: 0,
        found: found.into(),
    };
    let reasons: Vec<String> = doubtful_files(&levels, &[files])
        .into_iter()
        .map(|violation| violation.reason)
        .collect();
    assert_eq!(
        reasons,
        [
            "/a is missing",
            "/b has another content",
            "/c cannot be read: it is gone"
        ]
    );
}
