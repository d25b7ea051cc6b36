//! What the plan needs to know of the machine: the questions, and the answers that the shell gathers.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::expand::{Command, Environment};
use crate::merge::{Merged, ShareState, Target, VariableValue};
use crate::plan::Account;
use crate::plan::underlay::underlays;

/// What the user asked for on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Program and arguments.
    pub program: Vec<OsString>,
    /// A missing export source is an error.
    pub strict: bool,
    /// `--user`, instead of the tag `set-user`.
    pub user: Option<OsString>,
    /// `--group`, instead of the tag `set-group`.
    pub group: Option<OsString>,
    /// `--smack`, instead of the tag `smack`.
    pub smack: Option<OsString>,
}

/// What has to be looked up before a plan can be made. Each answer goes into [`Facts`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// Paths whose kind is asked, sorted, without duplicates.
    pub sources: Vec<PathBuf>,
    /// Commands whose output is asked, sorted, without duplicates.
    pub commands: Vec<Command>,
    /// A user, name or number.
    pub user: Option<OsString>,
    /// A group, name or number.
    pub group: Option<OsString>,
    /// Whether the directory of the launcher's own control group is needed.
    pub own_cgroup: bool,
}

/// The answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// User id of the launcher.
    pub uid: u32,
    /// The launcher's environment.
    pub environment: Environment,
    /// Kinds of the paths asked for. A path that is not there counts as missing.
    pub sources: BTreeMap<PathBuf, Kind>,
    /// Outputs of the commands asked for, or why there is none.
    pub outputs: BTreeMap<Command, Result<Vec<u8>, String>>,
    /// The user asked for, or why there is none.
    pub user: Option<Result<Account, String>>,
    /// The group asked for, or why there is none.
    pub group: Option<Result<u32, String>>,
    /// Directory of the launcher's own control group, or why it cannot have children.
    pub own_cgroup: Option<Result<PathBuf, String>>,
    /// Whether the kernel has time namespaces.
    pub time_namespaces: bool,
    /// Whether the kernel enforces SMACK labels.
    pub smack: bool,
}

/// Kind of a path outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It does not exist.
    Missing,
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A device, a socket, a pipe.
    Special,
}

/// Paths that the plan of a family depends on: export sources, and places that other exports need to be there.
pub fn sources(merged: &Merged) -> Vec<PathBuf> {
    let exports = merged.exports.iter().filter_map(|entry| match &entry.value.target {
        Target::Path(path) => Some(path.clone()),
        _ => None,
    });
    let mut paths: Vec<_> = exports
        .chain(underlays(merged).into_iter().map(|underlay| underlay.path))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Everything that has to be looked up.
pub fn questions(merged: &Merged, request: &Request) -> Questions {
    let accounts = &merged.tags.accounts;
    let value = |asked: &Option<OsString>, tag: &Option<crate::merge::Entry<OsString>>| {
        asked.clone().or_else(|| tag.as_ref().map(|entry| entry.value.clone()))
    };
    Questions {
        sources: sources(merged),
        commands: commands(merged),
        user: value(&request.user, &accounts.user),
        group: value(&request.group, &accounts.group),
        own_cgroup: !merged.tags.cgroups.is_empty() && merged.tags.cgrouproot.is_none(),
    }
}

fn commands(merged: &Merged) -> Vec<Command> {
    let exports = merged.exports.iter().filter_map(|entry| match &entry.value.target {
        Target::Command(command) => Some(command),
        _ => None,
    });
    let variables = merged.environ.iter().filter_map(|entry| match &entry.value.value {
        VariableValue::Command(command) => Some(command),
        _ => None,
    });
    let mut commands: Vec<_> = exports.chain(variables).cloned().collect();
    commands.sort();
    commands.dedup();
    commands
}

/// Whether the user namespace is the launcher's.
pub(super) fn shares_user(merged: &Merged) -> bool {
    matches!(&merged.tags.share.user, Some(entry) if entry.value == ShareState::Shared)
}
