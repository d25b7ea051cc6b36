//! The merged configuration of a family.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::config::{CapabilityName, Cgroups, EnvironMode, Export, ExportMode, Toggle, Variable};
use crate::expand::Command;
use crate::merge::finding::{Entry, Finding, Origin};
use crate::node::{Alias, Node};

/// What a family amounts to: the launch plan is made from it and `redconf mergeconfig` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Whether admin configs count.
    pub admin: bool,
    /// The nodes, oldest first, the leaf last.
    pub nodes: Vec<MergedNode>,
    /// The tags.
    pub tags: MergedTags,
    /// The exports, sorted by mount, bytewise.
    pub exports: Vec<Entry<MergedExport>>,
    /// The environment, oldest node first, file order within a node.
    pub environ: Vec<Entry<MergedVariable>>,
    /// What is allowed but worth telling.
    pub warnings: Vec<Finding>,
}

/// A node of the family, for messages and for what depends on its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedNode {
    /// Its alias.
    pub alias: Alias,
    /// Its directory.
    pub path: PathBuf,
}

impl MergedNode {
    pub(super) fn of(node: &Node) -> Self {
        Self {
            alias: node.alias().clone(),
            path: node.path.clone(),
        }
    }
}

/// Where a node keeps its own data; `None` is the usual place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// Directory of the private rpmdb.
    pub rpmdir: Option<Entry<PathBuf>>,
    /// Directory of libdnf5's persistent data.
    pub persistdir: Option<Entry<PathBuf>>,
    /// Directory of libdnf5's cache.
    pub cachedir: Option<Entry<PathBuf>>,
}

/// All tags after their rules were applied. A field that nobody sets is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedTags {
    /// Directories of PATH, leaf first.
    pub path: Vec<Entry<PathBuf>>,
    /// Directories of LD_LIBRARY_PATH, leaf first.
    pub ldpath: Vec<Entry<PathBuf>>,
    /// Directory of the private rpmdb.
    pub rpmdir: Option<Entry<PathBuf>>,
    /// Directory of libdnf5's persistent data.
    pub persistdir: Option<Entry<PathBuf>>,
    /// Directory of libdnf5's cache.
    pub cachedir: Option<Entry<PathBuf>>,
    /// File mode creation mask.
    pub umask: Option<Entry<u32>>,
    /// Who the program runs as.
    pub accounts: Accounts,
    /// SMACK label.
    pub smack: Option<Entry<OsString>>,
    /// Host name.
    pub hostname: Option<Entry<OsString>>,
    /// Working directory.
    pub chdir: Option<Entry<PathBuf>>,
    /// Control group above those of the nodes.
    pub cgrouproot: Option<Entry<PathBuf>>,
    /// Verbosity of the launcher.
    pub verbose: Option<Entry<i64>>,
    /// Packages must be signed.
    pub gpgcheck: Option<Entry<bool>>,
    /// Start although the family is not coherent.
    pub unsafe_: Option<Entry<bool>>,
    /// Keep the launcher's environment.
    pub inherit_env: Option<Entry<bool>>,
    /// Kill the program when the launcher dies.
    pub die_with_parent: Option<Entry<Toggle>>,
    /// New terminal session.
    pub new_session: Option<Entry<Toggle>>,
    /// Namespaces.
    pub share: Shares,
    /// Capabilities, `ALL` first, then by name.
    pub capabilities: Vec<Entry<MergedCapability>>,
    /// Control groups, oldest node first.
    pub cgroups: Vec<MergedCgroup>,
    /// Limits of export sources, oldest first.
    pub export_roots: Vec<ExportRoots>,
}

/// Who the program runs as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// User, name or number.
    pub user: Option<Entry<OsString>>,
    /// Group, name or number.
    pub group: Option<Entry<OsString>>,
    /// The user appears as root inside.
    pub map_root_user: Option<Entry<bool>>,
}

/// Namespaces: what was decided, `None` where nobody has an opinion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shares {
    /// Default for all but time.
    pub all: Option<Entry<ShareState>>,
    /// User namespace, `share_all` already applied; so with the next four.
    pub user: Option<Entry<ShareState>>,
    /// Control group namespace.
    pub cgroup: Option<Entry<ShareState>>,
    /// Network namespace.
    pub net: Option<Entry<ShareState>>,
    /// Process namespace.
    pub pid: Option<Entry<ShareState>>,
    /// IPC namespace.
    pub ipc: Option<Entry<ShareState>>,
    /// Time namespace.
    pub time: Option<Entry<ShareState>>,
}

/// A decided share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareState {
    /// Shared with the launcher.
    Shared,
    /// A new namespace.
    New,
    /// The namespace of this file.
    Join(PathBuf),
}

/// A capability that is added or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedCapability {
    /// Its name.
    pub name: CapabilityName,
    /// Added, else dropped.
    pub add: bool,
}

/// The control group of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedCgroup {
    /// Index of the node.
    pub node: usize,
    /// Its limits, texts expanded.
    pub limits: Cgroups,
    /// Where they are written.
    pub origin: Origin,
}

/// Prefixes that the export sources of all nodes below must lie under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRoots {
    /// Index of the node that sets them; `None` for the main config.
    pub node: Option<usize>,
    /// The prefixes.
    pub prefixes: Vec<PathBuf>,
    /// Where they are written.
    pub origin: Origin,
}

/// An export that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedExport {
    /// What is done.
    pub mode: ExportMode,
    /// Where, inside.
    pub mount: PathBuf,
    /// With what.
    pub target: Target,
    /// The export as it is written.
    pub written: Export,
}

/// What an export is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file or directory outside.
    Path(PathBuf),
    /// Text of a symbolic link.
    Link(PathBuf),
    /// A command whose output it holds.
    Command(Command),
    /// An open descriptor that is read.
    Descriptor(i32),
    /// Nothing: the mode says all.
    None,
}

/// A variable that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedVariable {
    /// Its name.
    pub key: String,
    /// What it is set to.
    pub value: VariableValue,
    /// The variable as it is written.
    pub written: Variable,
}

impl MergedVariable {
    /// What is done with the variable.
    pub fn mode(&self) -> EnvironMode {
        self.written.mode()
    }
}

/// What a variable is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableValue {
    /// This text.
    Text(OsString),
    /// The output of a command, without its final newline.
    Command(Command),
    /// The launcher's value, if it has one.
    Inherit,
    /// It is removed.
    Remove,
}
