//! Packages of module streams: out of sight until their stream is enabled, also when an ancestor has them.

use redpak_testing::{Package, Pool, Repository, Tree, User};

use crate::case::{After, Case};
use crate::shop;

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/leaf";

fn repository() -> Repository {
    let inside = ["one", "two"].map(|stream| Package::new(&format!("inside-{stream}"), "1-1"));
    let users = ["one", "two"].map(|stream| {
        let user = Package::new(&format!("user-of-{stream}"), "1-1");
        user.requires(&format!("inside-{stream}"))
    });
    let repository = Repository::new(&[inside, users].concat());
    repository.modules(&shop::modules());
    repository
}

#[test]
fn the_default_stream_alone_is_in_sight() {
    let repository = repository();
    for case in [
        Case {
            platform: &[],
            leaf: &[],
            command: &["install", "user-of-one"],
            after: After::Leaf(&["inside-one-1-1.noarch", "user-of-one-1-1.noarch"]),
        },
        Case {
            platform: &["inside-one"],
            leaf: &[],
            command: &["install", "user-of-one"],
            after: After::Leaf(&["user-of-one-1-1.noarch"]),
        },
        Case {
            platform: &["inside-one"],
            leaf: &[],
            command: &["install", "user-of-two"],
            after: After::Fails,
        },
    ] {
        case.check(&repository);
    }
}

#[test]
fn a_stream_is_the_choice_of_the_node_that_installs_from_it() {
    let repository = repository();
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let run = |node: &str, words: &[&str]| pool.dnf(node).arg("-y").args(words).run();
    run(PLATFORM, &["module", "enable", "mod:two"]).success();
    run(PLATFORM, &["install", "inside-two"]).success();
    let above = Tree::except(pool.path(), &[LEAF]);
    // What the ancestor has of the stream serves the leaf, whose own choice is another.
    run(LEAF, &["install", "user-of-two", "user-of-one"]).success();
    let mut expected = ["inside-one", "user-of-one", "user-of-two"].map(|name| format!("{name}-1-1.noarch"));
    expected.sort();
    assert_eq!(pool.installed(LEAF), expected);
    above.unchanged();
}
