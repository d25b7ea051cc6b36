//! Requirements of every kind: versions, capabilities, files, rich and weak ones; conflicts.

use redpak_testing::{Package, Repository};

use crate::case::{After, Case};

fn package(name: &str) -> Package {
    // Files below /etc are in the metadata that is always loaded.
    Package::new(name, "1-1").file(&format!("/etc/{name}.conf"), format!("{name}\n"))
}

fn repository() -> Repository {
    Repository::new(&[
        package("lib").provides("api = 2"),
        package("extra"),
        package("theme"),
        package("by-name").requires("lib"),
        package("by-api").requires("api >= 2"),
        package("by-file").requires("/etc/lib.conf"),
        package("by-newer-api").requires("api >= 3"),
        package("both").requires("(lib and extra)"),
        package("either").requires("(extra or lib)"),
        package("if-there").requires("(extra if lib)"),
        package("else-branch").requires("(theme if missing else lib)"),
        package("same").requires("(lib with api >= 2)"),
        package("not-same").requires("(api without lib)"),
        package("likes").recommends("theme"),
        package("hints").tag("Suggests", "theme"),
        package("desktop"),
        package("supplement").tag("Supplements", "desktop"),
        package("enhancement").tag("Enhances", "desktop"),
        package("enemy").conflicts("lib"),
        package("old-enemy").conflicts("api < 2"),
        package("rich-enemy").conflicts("(lib and extra)"),
        package("lone-enemy").conflicts("(extra unless lib)"),
    ])
}

#[test]
fn what_is_required() {
    let repository = repository();
    for (name, with_lib_above, alone) in [
        ("by-name", vec!["by-name"], vec!["by-name", "lib"]),
        ("by-api", vec!["by-api"], vec!["by-api", "lib"]),
        ("by-file", vec!["by-file"], vec!["by-file", "lib"]),
        ("both", vec!["both", "extra"], vec!["both", "extra", "lib"]),
        ("either", vec!["either"], vec!["either", "extra"]),
        ("if-there", vec!["extra", "if-there"], vec!["if-there"]),
        ("else-branch", vec!["else-branch"], vec!["else-branch", "lib"]),
        ("same", vec!["same"], vec!["lib", "same"]),
    ] {
        for (platform, expected) in [(["lib"].as_slice(), with_lib_above), (&[], alone)] {
            let after: Vec<String> = expected.iter().map(|name| format!("{name}-1-1.noarch")).collect();
            let after: Vec<&str> = after.iter().map(String::as_str).collect();
            let case = Case {
                platform,
                leaf: &[],
                command: &["install", name],
                after: After::Leaf(&after),
            };
            case.check(&repository);
        }
    }
}

#[test]
fn what_nobody_provides() {
    let repository = repository();
    for name in ["by-newer-api", "not-same"] {
        for platform in [["lib"].as_slice(), &[]] {
            let case = Case {
                platform,
                leaf: &[],
                command: &["install", name],
                after: After::Fails,
            };
            case.check(&repository);
        }
    }
}

#[test]
fn weak_dependencies() {
    let repository = repository();
    for case in [
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "likes"],
            after: After::Leaf(&["likes-1-1.noarch", "theme-1-1.noarch"]),
        },
        Case {
            platform: &["theme"],
            leaf: &[],
            command: &["install", "likes"],
            after: After::Leaf(&["likes-1-1.noarch"]),
        },
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "--setopt=install_weak_deps=0", "likes"],
            after: After::Leaf(&["likes-1-1.noarch"]),
        },
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "hints"],
            after: After::Leaf(&["hints-1-1.noarch"]),
        },
        // Something is recommended for what comes, not for what is there.
        Case {
            platform: &["extra"],
            leaf: &[],
            command: &["install", "desktop"],
            after: After::Leaf(&["desktop-1-1.noarch", "supplement-1-1.noarch"]),
        },
        Case {
            platform: &["desktop"],
            leaf: &[],
            command: &["install", "enhancement"],
            after: After::Leaf(&["enhancement-1-1.noarch"]),
        },
    ] {
        case.check(&repository);
    }
}

#[test]
fn conflicts() {
    let repository = repository();
    for (platform, leaf, command) in [
        (["lib"].as_slice(), [].as_slice(), ["install", "enemy"].as_slice()),
        (&["enemy"], &[], &["install", "by-name"]),
    ] {
        let case = Case {
            platform,
            leaf,
            command,
            after: After::Fails,
        };
        case.check(&repository);
    }
    for (leaf, name, after) in [
        ([].as_slice(), "old-enemy", ["old-enemy-1-1.noarch"].as_slice()),
        (&["extra"], "lone-enemy", &["extra-1-1.noarch", "lone-enemy-1-1.noarch"]),
        // Where a rich conflict does hold, libsolv 0.7.40 dies while it describes the problem, in dnf5 too.
        (&[], "rich-enemy", &["rich-enemy-1-1.noarch"]),
    ] {
        let case = Case {
            platform: &["lib"],
            leaf,
            command: &["install", name],
            after: After::Leaf(after),
        };
        case.check(&repository);
    }
}

#[test]
fn what_is_still_needed() {
    let repository = repository();
    for case in [
        // Removing takes what needs it too, in the leaf; what came as a dependency and is of no use goes as well.
        Case {
            platform: &["extra"],
            leaf: &["by-name"],
            command: &["remove", "lib"],
            after: After::Leaf(&[]),
        },
        Case {
            platform: &["lib"],
            leaf: &["by-name", "both"],
            command: &["remove", "both"],
            after: After::Leaf(&["by-name-1-1.noarch"]),
        },
        Case {
            platform: &["lib"],
            leaf: &["by-name"],
            command: &["remove", "lib"],
            after: After::Refused(&["lib-1-1.noarch", "platform"]),
        },
    ] {
        case.check(&repository);
    }
}
