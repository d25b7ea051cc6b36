//! What holds for every family: merging is deterministic, and a node below never loosens what is above it.

use proptest::prelude::*;

use crate::config::tests::strategy;
use crate::config::{CAPABILITIES, CapabilityName, Tags};
use crate::location::{Located, Location};
use crate::merge::fixture::{family, merge};
use crate::merge::{Entry, Merged, ShareState};
use crate::node::Family;

fn family_of(tags: Vec<Tags>) -> Family {
    let mut made = family(&vec![""; tags.len()]);
    for (node, tags) in made.nodes.iter_mut().zip(tags) {
        node.config.config.tags = Some(Located::new(tags, Location::START));
    }
    made
}

/// Families whose constraints hold are rare among random ones: each node that breaks one is left out.
fn families(tags: impl Strategy<Value = Tags>) -> impl Strategy<Value = Family> {
    prop::collection::vec(tags, 2..7).prop_map(|all| {
        let mut kept: Vec<Tags> = Vec::new();
        for tags in all {
            kept.push(tags);
            if merge(&family_of(kept.clone()), false).is_err() {
                kept.pop();
            }
        }
        family_of(kept)
    })
}

fn without_leaf(family: &Family) -> Family {
    let mut above = family.clone();
    above.nodes.pop();
    above
}

fn shares(merged: &Merged) -> [&Option<Entry<ShareState>>; 6] {
    let share = &merged.tags.share;
    [
        &share.user,
        &share.cgroup,
        &share.net,
        &share.pid,
        &share.ipc,
        &share.time,
    ]
}

/// How strict a share is; no opinion binds nobody.
fn strictness(entry: &Option<Entry<ShareState>>) -> u8 {
    match entry.as_ref().map(|entry| &entry.value) {
        None | Some(ShareState::Shared) => 0,
        Some(ShareState::Join(_)) => 1,
        Some(ShareState::New) => 2,
    }
}

/// Whether the merged list takes a capability away.
fn dropped(merged: &Merged, name: CapabilityName) -> bool {
    let find = |name| merged.tags.capabilities.iter().find(|entry| entry.value.name == name);
    find(name)
        .or_else(|| find(CapabilityName::ALL))
        .is_some_and(|entry| !entry.value.add)
}

proptest! {
    #[test]
    fn merging_is_deterministic(configs in prop::collection::vec(strategy::config(), 1..4), admin: bool) {
        let mut made = family(&vec![""; configs.len()]);
        for (node, mut config) in made.nodes.iter_mut().zip(configs) {
            config.headers = node.config.config.headers.clone();
            node.config.config = config;
        }
        let first = merge(&made, admin);
        prop_assert_eq!(merge(&made, admin), first);
    }

    #[test]
    fn a_node_below_never_loosens_a_constraint(family in families(strategy::constraints())) {
        prop_assume!(family.nodes.len() > 1);
        let (above, all) = (merge(&without_leaf(&family), false).unwrap(), merge(&family, false).unwrap());
        for (before, after) in shares(&above).into_iter().zip(shares(&all)) {
            prop_assert!(strictness(before) <= strictness(after), "{before:?} {after:?}");
            if let (Some(ShareState::Join(one)), Some(ShareState::Join(two))) = (before.as_ref().map(|e| &e.value), after.as_ref().map(|e| &e.value)) {
                prop_assert_eq!(one, two);
            }
        }
        for name in CAPABILITIES.iter().chain(&["ALL"]).filter_map(|name| CapabilityName::new(name)) {
            prop_assert!(!dropped(&above, name) || dropped(&all, name), "{name}");
        }
        let checked = |merged: &Merged| merged.tags.gpgcheck.as_ref().is_some_and(|entry| entry.value);
        prop_assert!(!checked(&above) || checked(&all));
        prop_assert_eq!(&all.tags.export_roots[..above.tags.export_roots.len()], &above.tags.export_roots[..]);
    }

    #[test]
    fn limits_of_ancestors_stay_as_they_are(family in families(strategy::mergeable())) {
        prop_assume!(family.nodes.len() > 1);
        let (above, all) = (merge(&without_leaf(&family), false).unwrap(), merge(&family, false).unwrap());
        let held = above.tags.cgroups.len();
        prop_assert_eq!(&all.tags.cgroups[..held], &above.tags.cgroups[..]);
    }

    #[test]
    fn a_child_never_changes_a_unique_tag_of_its_ancestors(family in families(strategy::mergeable())) {
        prop_assume!(family.nodes.len() > 1);
        let (above, all) = (merge(&without_leaf(&family), false).unwrap(), merge(&family, false).unwrap());
        let (above, all) = (above.to_config(true).tags.unwrap().value, all.to_config(true).tags.unwrap().value);
        prop_assert!(above.hostname.is_none() || above.hostname == all.hostname);
        prop_assert!(above.umask.is_none() || above.umask == all.umask);
        prop_assert!(above.map_root_user.is_none() || above.map_root_user == all.map_root_user);
        prop_assert!(above.inherit_env.is_none() || above.inherit_env == all.inherit_env);
    }
}
