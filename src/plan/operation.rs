//! The launch plan as a plain value: an ordered list of typed operations and what is done before them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Everything that a backend needs to start a program in the namespace of a family.
///
/// A plan is made by pure functions and carried out by one backend. Two equal plans start the same namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the launcher does to itself before the namespaces are made.
    pub preparation: Preparation,
    /// What is set up in the namespaces, in order.
    pub steps: Vec<Step>,
    /// Program and arguments; never empty.
    pub program: Vec<OsString>,
}

impl Plan {
    fn has(&self, wanted: &Operation) -> bool {
        self.steps.iter().any(|step| step.operation == *wanted)
    }

    /// The program ends with the launcher, whatever ends that.
    pub fn dies_with_launcher(&self) -> bool {
        self.has(&Operation::DieWithParent)
    }

    /// Processes of its own need a first one that reaps them, and locks one that holds them.
    pub fn has_init(&self) -> bool {
        let is_lock = |step: &Step| matches!(step.operation, Operation::LockFile(_));
        self.has(&Operation::Unshare(Namespace::Pid)) || self.steps.iter().any(is_lock)
    }

    /// The program leaves its caller's terminal session.
    pub fn is_in_other_session(&self) -> bool {
        self.has(&Operation::NewSession)
    }

    /// The program's environment, when the launcher was started with `callers`. The backend adds `PWD`.
    pub fn environment(&self, callers: impl Iterator<Item = (OsString, OsString)>) -> BTreeMap<OsString, OsString> {
        let mut variables: BTreeMap<_, _> = callers.collect();
        for step in &self.steps {
            match &step.operation {
                Operation::ClearEnvironment => variables.clear(),
                Operation::SetEnvironment { key, value } => drop(variables.insert(key.clone(), value.clone())),
                Operation::UnsetEnvironment(key) => drop(variables.remove(key)),
                _ => {}
            }
        }
        variables
    }
}

/// One operation and the node that asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub operation: Operation,
    /// Where it was written, as `FILE:LINE`, or the reason why the launcher adds it. For messages only.
    pub origin: String,
}

/// What the launcher does before the namespaces are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preparation {
    /// User to become (`set-user`), if any.
    pub user: Option<Account>,
    /// Group to become (`set-group`), if any.
    pub group: Option<u32>,
    /// SMACK label written to `/proc/self/attr/current`, see smack(7).
    pub smack: Option<OsString>,
    /// File mode creation mask of the program, see umask(2).
    pub umask: Option<u32>,
    /// Namespaces joined with setns(2), in this order.
    pub join: Vec<(Namespace, PathBuf)>,
    /// Start the program in a new time namespace, see time_namespaces(7).
    pub new_time_namespace: bool,
    /// The program shares processes because the leaf alone says so: its signals must stay among what it started, see
    /// `LANDLOCK_SCOPE_SIGNAL` in landlock(7).
    pub confine_signals: bool,
    /// One control group per node, outermost first; empty when no node sets limits.
    pub control_groups: Vec<ControlGroup>,
}

/// A user that the program runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Numeric user id.
    pub uid: u32,
    /// Primary group of the account, used when no group is set explicitly.
    pub gid: u32,
    /// Supplementary groups, sorted, without duplicates.
    pub groups: Vec<u32>,
}

/// A control group (cgroup v2) and the values written to its interface files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlGroup {
    /// Directory, absolute.
    pub directory: PathBuf,
    /// (interface file, value) in the order written, for example (`memory.max`, `512M`).
    pub values: Vec<(&'static str, String)>,
}

/// Kinds of namespace that a plan unshares or joins, see namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Namespace {
    /// user_namespaces(7)
    User,
    /// cgroup_namespaces(7)
    Cgroup,
    /// network_namespaces(7)
    Network,
    /// pid_namespaces(7)
    Pid,
    /// ipc_namespaces(7)
    Ipc,
    /// uts_namespaces(7)
    Uts,
    /// time_namespaces(7)
    Time,
}

/// A file or directory outside the sandbox that is mounted inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Absolute path after expansion and lexical cleaning.
    pub path: PathBuf,
    /// Directory that the path may not leave while it is resolved (`RESOLVE_BENEATH` of openat2(2)):
    /// the node, for a source that lies in a node. `None`: a path of the core OS, resolved as the caller sees it.
    pub beneath: Option<PathBuf>,
    /// Prefixes that the resolved path must lie under (`export_roots`), one list per ancestor that sets it.
    pub allowed_roots: Vec<Vec<PathBuf>>,
    /// The directory is created when it is missing (writable directory exports without `--strict`).
    pub create: bool,
}

/// Content of a file that is made in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What an open descriptor of the launcher yields.
    Descriptor(i32),
}

/// One thing to set up. Each variant names the bubblewrap option that it becomes, see bwrap(1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `--bind`, `--ro-bind`
    Bind {
        /// What is mounted.
        source: Source,
        /// Where, inside.
        mount: PathBuf,
        /// Read-write, else read-only.
        writable: bool,
    },
    /// `--symlink`
    Symlink {
        /// Content of the link.
        target: PathBuf,
        /// Path of the link, inside.
        mount: PathBuf,
    },
    /// `--file`
    File {
        /// What the file holds.
        content: Content,
        /// Path inside.
        mount: PathBuf,
    },
    /// `--dir`
    Directory(PathBuf),
    /// `--tmpfs`
    Tmpfs(PathBuf),
    /// `--dev`
    Devfs(PathBuf),
    /// `--proc`
    Procfs(PathBuf),
    /// `--mqueue`
    Mqueue(PathBuf),
    /// `--lock-file`
    LockFile(PathBuf),
    /// `--clearenv`
    ClearEnvironment,
    /// `--setenv`
    SetEnvironment {
        /// Variable.
        key: OsString,
        /// Value.
        value: OsString,
    },
    /// `--unsetenv`
    UnsetEnvironment(OsString),
    /// `--cap-add`, name as in capabilities(7), or `ALL`
    AddCapability(String),
    /// `--cap-drop`
    DropCapability(String),
    /// `--unshare-uts --hostname`
    Hostname(OsString),
    /// `--chdir`
    ChangeDirectory(PathBuf),
    /// `--die-with-parent`
    DieWithParent,
    /// `--new-session`
    NewSession,
    /// `--unshare-user`, `--unshare-cgroup`, …
    Unshare(Namespace),
    /// `--share-net`
    ShareNetwork,
    /// `--uid`
    Uid(u32),
    /// `--gid`
    Gid(u32),
}
