//! The table, and the checks that live here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use crate::node::{State, Status};

#[test]
fn ids_are_unique_described_and_in_the_order_of_the_table() {
    let texts: BTreeSet<_> = TABLE.iter().map(|(_, text, _)| text).collect();
    assert_eq!(texts.len(), TABLE.len());
    for (id, text, description) in TABLE {
        assert_eq!((id.as_str(), id.description()), (*text, *description));
        assert!(
            text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{text}"
        );
        assert!(!description.is_empty() && !description.ends_with('.'), "{text}");
    }
    assert!(TABLE.is_sorted_by_key(|(id, ..)| *id));
    assert_eq!(TABLE.iter().filter(|(id, ..)| !id.is_quick()).count(), 1);
}

fn node(state: State) -> NodeFacts {
    let path = PathBuf::from("/pool/a");
    let status = Status::new(state, &path, 0, "by hand");
    NodeFacts {
        realpath: path.clone(),
        path,
        status: Ok(status),
        config_problems: Vec::new(),
        unfinished: None,
    }
}

fn reasons(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Violated(violations) => violations.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_enabled_node_at_its_place_holds() {
    assert!(node_state(&[node(State::Enable)]).holds());
}

#[test]
fn each_other_state_is_named() {
    for state in [State::Disable, State::Unknown, State::Error] {
        let expected = format!("node-state: /pool/a: the node's state is {state} (by hand), not Enable");
        assert_eq!(reasons(&node_state(&[node(State::Enable), node(state)])), [expected]);
    }
}

#[test]
fn a_moved_node_is_violated() {
    let moved = NodeFacts {
        realpath: "/pool/b".into(),
        ..node(State::Enable)
    };
    let expected = "node-state: /pool/a: the node was made at '/pool/a' and is at '/pool/b' now; move it back or run 'manager --create --update' in it";
    assert_eq!(reasons(&node_state(&[moved])), [expected]);
}

#[test]
fn a_node_that_is_half_changed_is_not_coherent() {
    let half = |unfinished| NodeFacts {
        unfinished: Some(unfinished),
        ..node(State::Enable)
    };
    let running = half(Unfinished::Running(
        "process 42 (redwrap-dnf), which holds /pool/a".into(),
    ));
    let expected =
        "/pool/a: is being changed by process 42 (redwrap-dnf), which holds /pool/a; try again when it has finished";
    assert_eq!(
        node_state(&[running]),
        Outcome::CouldNotTell {
            reason: expected.into()
        }
    );
    let found = reasons(&node_state(&[half(Unfinished::Interrupted)]));
    assert!(
        found[0].contains("redwrap-dnf --redpath=/pool/a manager --repair"),
        "{found:?}"
    );
}

#[test]
fn files_that_are_wrong_violate_and_files_that_cannot_be_read_leave_it_open() {
    let wrong = Unusable::Wrong(vec!["x.yaml:1:1: odd".into()]);
    let odd = NodeFacts {
        status: Err(wrong),
        config_problems: vec!["y.yaml:2:2: odd".into()],
        ..node(State::Enable)
    };
    let found = reasons(&node_state(std::slice::from_ref(&odd)));
    assert_eq!(
        found,
        [
            "node-state: /pool/a: x.yaml:1:1: odd",
            "node-state: /pool/a: y.yaml:2:2: odd"
        ]
    );
    let unreadable = NodeFacts {
        status: Err(Unusable::Unreadable("permission denied".into())),
        ..node(State::Enable)
    };
    let reason = "/pool/a: permission denied".into();
    assert_eq!(node_state(&[odd, unreadable]), Outcome::CouldNotTell { reason });
}

#[test]
fn merge_errors_name_the_node_to_change() {
    let family = crate::merge::fixture::family(&["config: {share_net: Disabled}", "config: {share_net: Enabled}"]);
    let merged = crate::merge::fixture::merge(&family, false);
    let found = reasons(&config_merge(&family, &merged));
    let expected = format!("config-merge: {}: ", Path::new("/pool/n0/n1").display());
    assert!(
        found.len() == 1 && found[0].starts_with(&expected) && found[0].contains("share_net"),
        "{found:?}"
    );
    let family = crate::merge::fixture::family(&["config: {share_net: Disabled}"]);
    assert!(config_merge(&family, &crate::merge::fixture::merge(&family, false)).holds());
}
