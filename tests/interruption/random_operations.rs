//! Random operations on a family of six nodes: whatever is done in whatever order, the family stays coherent, nothing changes in other
//! nodes than the one that is meant, and what is refused is refused for a reason.
//!
//! `REDPAK_TEST_OPERATIONS` says how many; `REDPAK_TEST_SEED` repeats a run.

mod operations;

use redpak_testing::{Random, User, skip};

use operations::{Family, LEAVES, NODES, explained, family_is_well, node_is_well};

/// In the ordinary run.
const OPERATIONS: usize = 40;

#[test]
fn whatever_is_done_the_family_stays_coherent() {
    if !User::is_root() {
        return skip("plain rpm and dnf5 change their root, which takes root");
    }
    let wanted = std::env::var("REDPAK_TEST_OPERATIONS").map_or(OPERATIONS, |count| count.parse().expect("a number"));
    let mut random = Random::new();
    let mut family = Family::new();
    let sums = operations::run(&mut family, &mut random, wanted).unwrap_or_else(|reason| panic!("{reason}"));
    println!(
        "operations {wanted}, done {}, refused {}: {:?}",
        sums.done, sums.refused, sums.commands
    );
    assert!(sums.done > 0, "nothing was done: {sums:?}");
}

/// The judgement itself finds what must not be.
#[test]
fn what_is_wrong_is_found() {
    if !User::is_root() {
        return skip("plain rpm and dnf5 change their root, which takes root");
    }
    let mut family = Family::new();
    let (parent, leaf) = (NODES[2], LEAVES[0]);
    let node = family.pool.node(leaf);
    family.pool.install(parent, &["library-alpha-1-1.noarch"]);
    family
        .pool
        .install(leaf, &["app-alpha-1-1.noarch", "config-kept-1-1.noarch"]);
    NODES.into_iter().for_each(|node| family.look_at(node));
    family.remember(&NODES);
    let config = node.join("etc/config-kept/main.conf");
    family.edited.insert(config.clone(), "version=1\n".to_owned());
    let judge = |family: &Family| family_is_well(family, leaf).and_then(|()| node_is_well(family, leaf));
    assert_eq!(judge(&family), Ok(()));
    assert_eq!(family.unchanged_elsewhere(None), Ok(()));

    let state = "usr/lib/sysimage/libdnf5/packages.toml";
    let files = ["etc/config-kept/main.conf", state, "stray", ".rednode.journal"];
    for file in files {
        let before = std::fs::read(node.join(file)).ok();
        let more = "\"library-alpha.noarch\" = {reason = \"User\"}\n";
        family.pool.write(
            leaf,
            file,
            [before.as_deref().unwrap_or_default(), more.as_bytes()].concat(),
        );
        assert!(judge(&family).is_err(), "{file}");
        assert!(family.unchanged_elsewhere(Some(parent)).is_err(), "{file}");
        match before {
            Some(before) => family.pool.write(leaf, file, before),
            None => std::fs::remove_file(node.join(file)).expect("remove a file"),
        }
    }
    // The time of the file stays the same.
    let (file, aside) = (node.join("usr/share/app-alpha/data"), family.pool.path().join("aside"));
    std::fs::rename(&file, &aside).expect("move a file away");
    assert!(judge(&family).is_err(), "a file is gone");
    std::fs::rename(&aside, &file).expect("move it back");
    assert_eq!(judge(&family), Ok(()));

    let forced = family
        .pool
        .dnf(leaf)
        .args(["-y", "install", "--forcenode", "library-alpha-2-1.noarch"]);
    forced.run().success();
    family.look_at(leaf);
    assert!(judge(&family).is_err(), "a name at two levels");
    family.note_forced(leaf);
    assert_eq!(judge(&family), Ok(()));
}

/// A command that fails, and that plain dnf5 carries out, has no reason; nor has a refusal that names no other node.
#[test]
fn a_failure_without_a_reason_is_found() {
    if !User::is_root() {
        return skip("plain rpm and dnf5 change their root, which takes root");
    }
    let mut family = Family::new();
    let leaf = LEAVES[0];
    family.pool.install(NODES[1], &["many-1-1.noarch"]);
    NODES.into_iter().for_each(|node| family.look_at(node));
    let judge = |words: &str| {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let outcome = family.pool.dnf(leaf).args(["-y", "--releasever=1"]).args(&words).run();
        assert_eq!(outcome.code(), 1, "{}", outcome.report());
        explained(&family, leaf, &words, &outcome)
    };
    assert_eq!(judge("install unknown-name"), Ok(()));
    assert_eq!(judge("install broken"), Ok(()));
    assert_eq!(judge("remove many"), Ok(()));
    family.pool.write(leaf, ".rednode.journal", "noise");
    let found = judge("install red");
    assert!(found.is_err(), "dnf5 knows nothing of a journal that cannot be read");
}
