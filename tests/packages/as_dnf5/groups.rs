//! Groups of packages.

use redpak_testing::{Group, Package, Pool, Repository, Tree, User};

use crate::case::{After, Case};

fn repository() -> Repository {
    let names = ["editor", "viewer", "painter"];
    let packages = names.map(|name| Package::new(name, "1-1").file(&format!("/usr/bin/{name}"), name));
    let repository = Repository::new(&packages);
    repository.groups(&[Group::new("office", "Office", &["editor", "viewer"]).optional("painter")]);
    repository
}

#[test]
fn groups() {
    let repository = repository();
    for case in [
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "@office"],
            after: After::Leaf(&["editor-1-1.noarch", "viewer-1-1.noarch"]),
        },
        Case {
            platform: &["editor"],
            leaf: &[],
            command: &["install", "@office"],
            after: After::Leaf(&["viewer-1-1.noarch"]),
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

/// What an ancestor has of a group is the ancestor's, however the group came and goes. In dnf5's one root it would go too.
#[test]
fn a_group_that_an_ancestor_has_a_part_of() {
    let repository = repository();
    for (install, remove) in [
        (["install", "@office"].as_slice(), ["remove", "@office"].as_slice()),
        (&["group", "install", "office"], &["group", "remove", "office"]),
    ] {
        let pool = Pool::with(&User::current(), &repository, &["platform", "platform/leaf"]);
        pool.install("platform", &["editor"]);
        let above = Tree::except(pool.path(), &["platform/leaf"]);
        let leaf = |words: &[&str]| pool.dnf("platform/leaf").arg("-y").args(words).run();
        leaf(install).success();
        assert_eq!(pool.installed("platform/leaf"), ["viewer-1-1.noarch"]);
        leaf(&["group", "list", "--installed"]).success().prints("office");
        leaf(&["group", "upgrade", "office"]).success();
        leaf(remove).success();
        assert_eq!(pool.installed("platform/leaf"), [""; 0]);
        leaf(&["group", "list", "--installed"]).success().never_says("office");
        above.unchanged();
        leaf(&["mark", "group", "office", "editor"]).refuses(1, &["editor-1-1.noarch", "ancestor platform"]);
    }
}
