//! What is found through indexes, without reading headers.

mod common;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use common::{Node, with_engine};
use librpm::Engine;
use redpak::transaction::touch::NameIndex;
use redpak_packages::{FamilyView, Lookup, Origin, ViewCaches};
use redpak_testing::{Package, directory};

fn packages() -> [Package; 2] {
    [
        Package::new("tool", "1-1")
            .file("/usr/bin/tool", "t")
            .file("/usr/share/tool/readme", "r"),
        Package::new("kit", "1-1")
            .requires("(tool if extra)")
            .conflicts("rival")
            .file("/usr/bin/kit", "k")
            .file("/usr/share/kit/tool", "t"),
    ]
}

/// What was found, by the numbers that the packages have in their own node.
fn own(view: &FamilyView, numbers: redpak_packages::Result<BTreeSet<u32>>) -> Vec<Origin> {
    let numbers = numbers.expect("the indexes can be read");
    numbers.into_iter().filter_map(|number| view.origin(number)).collect()
}

fn view(engine: &Engine, leaf: &Node, ancestor: &Node, caches: &Path) -> (FamilyView, Lookup) {
    let caches = ViewCaches {
        views: caches.join("views"),
        bases: caches.join("bases"),
    };
    let ancestors = [ancestor.database(engine)];
    let view = FamilyView::open_or_build(engine, &leaf.database(engine), &ancestors, &caches).expect("a view");
    let lookup = view.lookup().expect("the view's indexes");
    (view, lookup)
}

#[test]
fn packages_are_found_by_name_and_by_file_in_the_whole_family() {
    let (leaf, ancestor, caches) = (Node::with(&packages()[..1]), Node::with(&packages()), directory());
    with_engine(|engine| {
        let (view, lookup) = view(engine, &leaf, &ancestor, caches.path());
        let origin = |node, header_number| Origin { node, header_number };
        let named = |name: &str| own(&view, lookup.named([OsStr::new(name)]));
        assert_eq!(named("tool"), [origin(0, 1), origin(1, 1)]);
        assert_eq!(named("kit"), [origin(1, 2)]);
        assert_eq!(named("ki"), []);
        let may_own = |path: &str| own(&view, lookup.may_own([Path::new(path)]));
        assert_eq!(may_own("/usr/bin/tool"), [origin(0, 1), origin(1, 1), origin(1, 2)]);
        assert_eq!(may_own("/usr/share/tool/readme"), [origin(0, 1), origin(1, 1)]);
        assert_eq!(may_own("/usr/share/kit/readme"), []);
        assert_eq!(may_own("/opt/tool"), []);
        assert_eq!([0, 1, 2].map(|node| view.highest_of(node)), [1, 2, 0]);
    });
}

#[test]
fn names_of_a_node_are_read_from_its_own_rpmdb() {
    let (node, empty) = (Node::with(&packages()), Node::empty());
    with_engine(|engine| {
        let found = |node: &Node, index, wanted: &str| {
            let is_wanted = |_, name: &OsStr| name == wanted;
            node.database(engine).any_name(&[index], &is_wanted)
        };
        for (index, name, expected) in [
            (NameIndex::Requires, "(tool if extra)", true),
            (NameIndex::Requires, "rival", false),
            (NameIndex::Conflicts, "rival", true),
            (NameIndex::Obsoletes, "rival", false),
            (NameIndex::Provides, "kit", true),
            (NameIndex::BaseNames, "readme", true),
            (NameIndex::BaseNames, "/usr/share/tool/readme", false),
        ] {
            assert_eq!(found(&node, index, name), Some(expected), "{index:?} {name}");
            assert_eq!(found(&empty, index, name), Some(false));
        }
        let rpmdb = node.database(engine).directory().join("rpmdb.sqlite");
        std::fs::write(rpmdb, "SQLite format 3\0 and no more").expect("damage the rpmdb");
        assert_eq!(found(&node, NameIndex::Provides, "kit"), None);
    });
}
