//! `node-state`: nodes are enabled, readable and where they say they are.

use std::path::{Path, PathBuf};

use crate::coherency::{Id, Outcome, Violation};
use crate::display;
use crate::node::{State, Status};

/// What was found of a node's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFacts {
    /// Directory of the node, as the redpath names it.
    pub path: PathBuf,
    /// The same with all links resolved.
    pub realpath: PathBuf,
    /// Its status, or why it cannot be used.
    pub status: Result<Status, Unusable>,
    /// What is wrong with its configs; empty when they parse.
    pub config_problems: Vec<String>,
    /// A transaction that has begun to change it and has not come to its end.
    pub unfinished: Option<Unfinished>,
}

/// A transaction that has begun to change a node and has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfinished {
    /// It goes on; by whom, as far as can be seen.
    Running(String),
    /// It was killed, or the power went.
    Interrupted,
}

impl Unfinished {
    /// Whether a transaction goes on.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    /// What is wrong, and what helps.
    pub fn reason(&self, node: &Path) -> String {
        match self {
            Self::Running(by) => format!("is being changed by {by}; try again when it has finished"),
            Self::Interrupted => format!(
                "a transaction was interrupted and left the node half changed; the next command that changes it repairs it, \
                 'redwrap-dnf --redpath={} manager --repair' does nothing else",
                display::path(node)
            ),
        }
    }
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It was read and is wrong.
    Wrong(Vec<String>),
    /// It could not be read: nothing is known about it.
    Unreadable(String),
}

/// Checks all nodes of a family.
pub fn node_state(nodes: &[NodeFacts]) -> Outcome {
    let unreadable = nodes.iter().find_map(|node| match &node.status {
        Err(Unusable::Unreadable(reason)) => Some(format!("{}: {reason}", display::path(&node.path))),
        _ => None,
    });
    if let Some(reason) = unreadable {
        return Outcome::CouldNotTell { reason };
    }
    let violations: Vec<Violation> = nodes.iter().flat_map(violations).collect();
    match violations.is_empty() {
        true => nodes
            .iter()
            .find_map(changing)
            .unwrap_or_else(|| Outcome::of(violations)),
        false => Outcome::of(violations),
    }
}

/// Nothing is known of a node that is being changed.
fn changing(node: &NodeFacts) -> Option<Outcome> {
    let unfinished = node.unfinished.as_ref().filter(|unfinished| unfinished.is_running())?;
    let reason = format!("{}: {}", display::path(&node.path), unfinished.reason(&node.path));
    Some(Outcome::CouldNotTell { reason })
}

fn violations(node: &NodeFacts) -> Vec<Violation> {
    let status = match &node.status {
        Ok(status) => of_status(status, &node.realpath),
        Err(Unusable::Wrong(problems)) => problems.clone(),
        Err(Unusable::Unreadable(_)) => Vec::new(),
    };
    let reasons = status.into_iter().chain(node.config_problems.iter().cloned());
    let interrupted = node.unfinished.iter().filter(|unfinished| !unfinished.is_running());
    let unfinished = interrupted.map(|unfinished| unfinished.reason(&node.path));
    reasons
        .chain(unfinished)
        .map(|reason| Violation::error(Id::NodeState, &node.path, reason))
        .collect()
}

fn of_status(status: &Status, realpath: &Path) -> Vec<String> {
    let mut reasons = Vec::new();
    let state = status.state.value;
    if state != State::Enable {
        let info = status.info.as_ref().filter(|info| !info.is_empty());
        let info = info.map_or_else(String::new, |info| format!(" ({})", display::text(info)));
        reasons.push(format!("the node's state is {state}{info}, not {}", State::Enable));
    }
    let written = &status.realpath.value.0;
    if written != realpath {
        let (from, to) = (display::path(written), display::path(realpath));
        reasons.push(format!(
            "the node was made at '{from}' and is at '{to}' now; move it back or run 'manager --create --update' in it"
        ));
    }
    reasons
}
