//! Groups of packages.

use redpak_testing::{Group, Package, Repository};

use crate::case::{After, Case};

#[test]
fn groups() {
    let names = ["editor", "viewer", "painter"];
    let packages = names.map(|name| Package::new(name, "1-1").file(&format!("/usr/bin/{name}"), name));
    let repository = Repository::new(&packages);
    repository.groups(&[Group::new("office", "Office", &["editor", "viewer"]).optional("painter")]);
    for case in [
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "@office"],
            after: After::Leaf(&["editor-1-1.noarch", "viewer-1-1.noarch"]),
        },
        Case {
            platform: &[],
            leaf: &["@office"],
            command: &["remove", "@office"],
            after: After::Leaf(&[]),
        },
    ] {
        case.check(&repository);
    }
}
