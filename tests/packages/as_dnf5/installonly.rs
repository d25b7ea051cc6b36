//! Packages of which several versions live side by side.

use redpak_testing::{Package, Repository};

use crate::case::{After, Case};

fn kernel(version: u32) -> Package {
    let evr = format!("{version}-1");
    Package::new("kernel", &evr).file(&format!("/usr/lib/modules/{evr}/vmlinuz"), evr)
}

#[test]
fn installonly_packages() {
    let repository = Repository::new(&[kernel(1), kernel(2), kernel(3)]);
    for case in [
        Case {
            platform: &[],
            leaf: &["kernel-1"],
            command: &["upgrade", "kernel"],
            after: After::Leaf(&["kernel-1-1.noarch", "kernel-3-1.noarch"]),
        },
        Case {
            platform: &[],
            leaf: &["kernel-1", "kernel-2"],
            command: &["--setopt=installonly_limit=2", "upgrade"],
            after: After::Leaf(&["kernel-2-1.noarch", "kernel-3-1.noarch"]),
        },
    ] {
        case.check(&repository);
    }
}
