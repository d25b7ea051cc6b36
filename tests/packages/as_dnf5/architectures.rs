//! Several architectures in one family.

use redpak_testing::{Package, Repository};

use crate::case::{After, Case};

const SECOND: &str = "i686";

fn library(arch: &str) -> Package {
    Package::new("lib", "1-1")
        .arch(arch)
        .provides(&format!("lib.so({arch})"))
        .file(&format!("/usr/lib-{arch}/lib.so"), arch)
}

fn repository() -> Repository {
    let first = std::env::consts::ARCH;
    let app = |arch: &str| {
        let package = Package::new(&format!("app-{arch}"), "1-1").arch(arch);
        package.requires(&format!("lib.so({arch})"))
    };
    Repository::new(&[
        library(first),
        library(SECOND),
        app(first),
        app(SECOND),
        Package::new("anywhere", "1-1").requires("lib"),
    ])
}

#[test]
#[cfg(target_arch = "x86_64")]
fn multilib() {
    let repository = repository();
    for case in [
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "lib"],
            after: After::Leaf(&["lib-1-1.x86_64"]),
        },
        Case {
            platform: &[],
            leaf: &["lib.x86_64"],
            command: &["install", "app-i686"],
            after: After::Leaf(&["app-i686-1-1.i686", "lib-1-1.i686", "lib-1-1.x86_64"]),
        },
        Case {
            platform: &["lib.x86_64"],
            leaf: &[],
            command: &["install", "app-x86_64"],
            after: After::Leaf(&["app-x86_64-1-1.x86_64"]),
        },
        Case {
            platform: &["lib.i686"],
            leaf: &[],
            command: &["install", "anywhere"],
            after: After::Leaf(&["anywhere-1-1.noarch"]),
        },
        Case {
            platform: &["lib.x86_64", "lib.i686"],
            leaf: &[],
            command: &["install", "app-i686", "app-x86_64"],
            after: After::Leaf(&["app-i686-1-1.i686", "app-x86_64-1-1.x86_64"]),
        },
    ] {
        case.check(&repository);
    }
}
