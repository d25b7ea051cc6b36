//! Upgrades, downgrades, epochs, obsoletes.

use redpak_testing::{Package, Repository};

use crate::case::{After, Case};

fn package(name: &str, evr: &str) -> Package {
    Package::new(name, evr).file(&format!("/usr/share/{name}"), format!("{name} {evr}\n"))
}

fn repository() -> Repository {
    Repository::new(&[
        package("lib", "1-1"),
        package("lib", "2-1"),
        package("app", "1-1").requires("lib >= 1"),
        package("app", "2-1").requires("lib >= 1"),
        package("app", "3-1").requires("lib >= 2"),
        // Version 1 with an epoch is newer than version 2 without.
        package("era", "2-1"),
        package("era", "1:1-1"),
        package("old", "1-1"),
        package("new", "1-1").obsoletes("old < 2").provides("old = 2"),
        package("half", "1-1"),
        package("whole", "1-1").obsoletes("half"),
        package("part", "1-1").obsoletes("half"),
        package("user", "1-1").requires("old"),
    ])
}

#[test]
fn upgrades() {
    let repository = repository();
    for case in [
        Case {
            platform: &["lib-1"],
            leaf: &["app-1"],
            command: &["upgrade", "app-2"],
            after: After::Leaf(&["app-2-1.noarch"]),
        },
        Case {
            platform: &["lib-2"],
            leaf: &["app-1"],
            command: &["upgrade"],
            after: After::Leaf(&["app-3-1.noarch"]),
        },
        // The newest application needs a newer library than the platform has.
        Case {
            platform: &["lib-1"],
            leaf: &["app-1"],
            command: &["upgrade", "app-3"],
            after: After::Refused(&["lib", "platform"]),
        },
        Case {
            platform: &["app-1", "lib-1"],
            leaf: &[],
            command: &["upgrade", "app"],
            after: After::Refused(&["app", "platform"]),
        },
        Case {
            platform: &["lib-1"],
            leaf: &["app-2"],
            command: &["downgrade", "app"],
            after: After::Leaf(&["app-1-1.noarch"]),
        },
        Case {
            platform: &["lib-2"],
            leaf: &["app-2"],
            command: &["reinstall", "app"],
            after: After::Leaf(&["app-2-1.noarch"]),
        },
    ] {
        case.check(&repository);
    }
}

#[test]
fn epochs() {
    let repository = repository();
    for case in [
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "era"],
            after: After::Leaf(&["era-1-1.noarch"]),
        },
        Case {
            platform: &["lib-1"],
            leaf: &["era-0:2-1"],
            command: &["upgrade", "era"],
            after: After::Leaf(&["era-1-1.noarch"]),
        },
        Case {
            platform: &["era-0:2-1"],
            leaf: &[],
            command: &["install", "era-1:1-1"],
            after: After::Refused(&["era-2-1.noarch", "platform"]),
        },
    ] {
        case.check(&repository);
    }
}

#[test]
fn obsoletes() {
    let repository = repository();
    for case in [
        Case {
            platform: &["lib-2"],
            leaf: &["old-1-1"],
            command: &["upgrade"],
            after: After::Leaf(&["new-1-1.noarch"]),
        },
        Case {
            platform: &["lib-2"],
            leaf: &["old-1-1"],
            command: &["upgrade", "old"],
            after: After::Leaf(&["new-1-1.noarch"]),
        },
        Case {
            platform: &["lib-2"],
            leaf: &["half"],
            command: &["install", "whole"],
            // All that obsolete a package replace it.
            after: After::Leaf(&["part-1-1.noarch", "whole-1-1.noarch"]),
        },
        Case {
            platform: &["half"],
            leaf: &[],
            command: &["install", "whole"],
            after: After::Refused(&["half-1-1.noarch", "platform"]),
        },
        // What obsoletes a package provides it too: the successor above serves the leaf.
        Case {
            platform: &["new"],
            leaf: &[],
            command: &["install", "user"],
            after: After::Leaf(&["user-1-1.noarch"]),
        },
        // An obsoleted package is replaced by its successor when it is asked for.
        Case {
            platform: &["new"],
            leaf: &[],
            command: &["remove", "new"],
            after: After::Refused(&["new-1-1.noarch", "platform"]),
        },
    ] {
        case.check(&repository);
    }
}
