//! The schema: every section, key and word that a config may hold.

use crate::config::field::{Read, Report};
use crate::config::keyword::{Keyword as _, keyword};
use crate::config::record::record;
use crate::config::scalar::scalar;
use crate::config::schema::Shape;
use crate::config::{Bit, CapabilityName};
use crate::location::Located;
use crate::node::Alias;
use crate::yaml::{Tree, Value};

record! {
    /// A whole config file.
    Config {
        /// Names of the node.
        "headers" headers: Located<Headers>,
        /// Tags: single values that are merged over the family.
        "config" tags: Option<Located<Tags>>,
        /// What is mounted or made in the namespace.
        "exports" exports: Vec<Located<Export>>,
        /// Environment variables of the program.
        "environ" environ: Vec<Located<Variable>>,
    }
}

record! {
    /// Names of a node.
    Headers {
        /// Short name, unique within the redpath.
        "alias" alias: Located<Alias>,
        /// Long name, best unique everywhere.
        "name" name: Option<Located<String>>,
        /// Free text.
        "info" info: Option<Located<String>>,
    }
}

record! {
    /// Tags: single values that are merged over the family.
    Tags {
        /// Directory of the private rpmdb.
        "rpmdir" rpmdir: Option<Located<String>>,
        /// Directory of libdnf5's persistent data.
        "persistdir" persistdir: Option<Located<String>>,
        /// Directory of libdnf5's cache.
        "cachedir" cachedir: Option<Located<String>>,
        /// Directories for PATH, separated by colons.
        "path" path: Option<Located<String>>,
        /// Directories for LD_LIBRARY_PATH, separated by colons.
        "ldpath" ldpath: Option<Located<String>>,
        /// File mode creation mask of the program, octal.
        "umask" umask: Option<Located<String>>,
        /// User that the program runs as, name or number.
        "set-user" set_user: Option<Located<String>>,
        /// Group that the program runs as, name or number.
        "set-group" set_group: Option<Located<String>>,
        /// SMACK label of the program.
        "smack" smack: Option<Located<String>>,
        /// Host name seen by the program, in a UTS namespace of its own.
        "hostname" hostname: Option<Located<String>>,
        /// Working directory of the program.
        "chdir" chdir: Option<Located<String>>,
        /// Control group below which the nodes' groups are made.
        "cgrouproot" cgrouproot: Option<Located<String>>,
        /// Verbosity of the launcher.
        "verbose" verbose: Option<Located<i64>>,
        /// 1: the user appears as root inside.
        "map-root-user" map_root_user: Option<Located<i64>>,
        /// Packages must be signed.
        "gpgcheck" gpgcheck: Option<Located<bool>>,
        /// Start although the family is not coherent.
        "unsafe" unsafe_: Option<Located<bool>>,
        /// Keep the launcher's environment.
        "inherit-env" inherit_env: Option<Located<bool>>,
        /// Kill the program when the launcher dies.
        "die-with-parent" die_with_parent: Option<Located<Toggle>>,
        /// Start the program in a new terminal session.
        "new-session" new_session: Option<Located<Toggle>>,
        /// Default for the user, cgroup, ipc, pid and network namespaces.
        "share_all" share_all: Option<Located<Share>>,
        /// User namespace.
        "share_user" share_user: Option<Located<Share>>,
        /// Control group namespace.
        "share_cgroup" share_cgroup: Option<Located<Share>>,
        /// Network namespace.
        "share_net" share_net: Option<Located<Share>>,
        /// Process namespace.
        "share_pid" share_pid: Option<Located<Share>>,
        /// IPC namespace.
        "share_ipc" share_ipc: Option<Located<Share>>,
        /// Time namespace.
        "share_time" share_time: Option<Located<Share>>,
        /// Capabilities added or dropped.
        "capabilities" capabilities: Vec<Located<Capability>>,
        /// Limits of the node's control group.
        "cgroups" cgroups: Option<Located<Cgroups>>,
        /// Prefixes that the export sources of the nodes below must lie under.
        "export_roots" export_roots: Option<Located<Vec<Located<String>>>>,
        /// Accepted for older configs and ignored.
        "maxage" maxage: Option<Located<String>>,
        /// Accepted for older configs and ignored.
        "inherit" inherit: Option<Located<String>>,
    }
}

record! {
    /// A capability that the program gets or loses.
    Capability {
        /// Name as in capabilities(7), or ALL.
        "cap" cap: Located<CapabilityName>,
        /// 1 adds, 0 drops.
        "add" add: Located<Bit>,
        /// Free text.
        "info" info: Option<Located<String>>,
        /// Told on stderr when the entry is used.
        "warn" warn: Option<Located<String>>,
    }
}

record! {
    /// Something mounted or made in the namespace.
    Export {
        /// What is done.
        "mode" mode: Located<ExportMode>,
        /// Path inside.
        "mount" mount: Located<String>,
        /// Path outside, link target, command or descriptor, by mode; the mount path when missing.
        "path" path: Option<Located<String>>,
        /// Free text.
        "info" info: Option<Located<String>>,
        /// Told on stderr when the entry is used.
        "warn" warn: Option<Located<String>>,
    }
}

record! {
    /// An environment variable of the program.
    Variable {
        /// What is done; Default when missing.
        "mode" mode: Option<Located<EnvironMode>>,
        /// Name of the variable.
        "key" key: Located<String>,
        /// Value, by mode.
        "value" value: Option<Located<String>>,
        /// Free text.
        "info" info: Option<Located<String>>,
        /// Told on stderr when the entry is used.
        "warn" warn: Option<Located<String>>,
    }
}

impl Variable {
    /// The mode, `Default` where none is written.
    pub fn mode(&self) -> EnvironMode {
        self.mode.as_ref().map_or(EnvironMode::Default, |mode| mode.value)
    }
}

record! {
    /// Limits of a control group, see the kernel's cgroup-v2 document.
    Cgroups {
        /// Processors and memory nodes.
        "cpuset" cpuset: Option<Located<Cpuset>>,
        /// Processor time.
        "cpu" cpu: Option<Located<Cpu>>,
        /// Memory.
        "mem" mem: Option<Located<Memory>>,
        /// Block devices.
        "io" io: Option<Located<Io>>,
        /// Processes.
        "pids" pids: Option<Located<Pids>>,
    }
}

record! {
    /// Processors and memory nodes.
    Cpuset {
        /// cpuset.cpus
        "cpus" cpus: Option<Located<String>>,
        /// cpuset.mems
        "mems" mems: Option<Located<String>>,
        /// cpuset.cpus.partition
        "cpus_partition" cpus_partition: Option<Located<String>>,
    }
}

record! {
    /// Processor time.
    Cpu {
        /// cpu.max
        "max" max: Option<Located<String>>,
        /// cpu.weight
        "weight" weight: Option<Located<String>>,
        /// cpu.weight.nice
        "weight_nice" weight_nice: Option<Located<String>>,
    }
}

record! {
    /// Memory.
    Memory {
        /// memory.min
        "min" min: Option<Located<String>>,
        /// memory.low
        "low" low: Option<Located<String>>,
        /// memory.high
        "high" high: Option<Located<String>>,
        /// memory.max
        "max" max: Option<Located<String>>,
        /// memory.oom.group
        "oom_group" oom_group: Option<Located<String>>,
        /// memory.swap.high
        "swap_high" swap_high: Option<Located<String>>,
        /// memory.swap.max
        "swap_max" swap_max: Option<Located<String>>,
    }
}

record! {
    /// Block devices.
    Io {
        /// io.weight
        "weight" weight: Option<Located<String>>,
        /// io.max
        "max" max: Option<Located<String>>,
        /// io.cost.qos
        "cost_qos" cost_qos: Option<Located<String>>,
        /// io.cost.model
        "cost_model" cost_model: Option<Located<String>>,
    }
}

record! {
    /// Processes.
    Pids {
        /// pids.max
        "max" max: Option<Located<String>>,
    }
}

keyword! {
    /// What an export does.
    ExportMode {
        /// A directory, read and write, for the node and those below.
        Public,
        /// A directory, read and write, for the node alone.
        Private,
        /// A file, read and write, for the node and those below.
        PublicFile,
        /// A file, read and write, for the node alone.
        PrivateFile,
        /// A directory, read-only, for the node and those below.
        Restricted,
        /// A directory, read-only, for the node alone.
        PrivateRestricted,
        /// A file, read-only, for the node and those below.
        RestrictedFile,
        /// A symbolic link to `path`.
        Symlink,
        /// A file that holds the output of the command in `path`.
        Execfd,
        /// A file that holds what the descriptor number in `path` yields.
        Internal,
        /// An empty directory, seen by this program alone.
        Anonymous,
        /// An empty tmpfs.
        Tmpfs,
        /// A minimal device file system.
        Devfs,
        /// The processes of the namespace.
        Procfs,
        /// POSIX message queues.
        Mqueue,
        /// A file that is locked while the program runs.
        Lock,
    }
}

impl ExportMode {
    /// Whether the export counts only when its node is the leaf.
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Private | Self::PrivateFile | Self::PrivateRestricted)
    }

    /// For what is bound from outside: whether it is writable inside.
    pub const fn bind(self) -> Option<bool> {
        match self {
            Self::Public | Self::Private | Self::PublicFile | Self::PrivateFile => Some(true),
            Self::Restricted | Self::PrivateRestricted | Self::RestrictedFile => Some(false),
            _ => None,
        }
    }

    /// Whether the source is bound and said to be a file.
    pub const fn is_file(self) -> bool {
        matches!(self, Self::PublicFile | Self::PrivateFile | Self::RestrictedFile)
    }
}

keyword! {
    /// What becomes of an environment variable.
    EnvironMode {
        /// Set to the expanded value.
        Default | "Expanded",
        /// Set to the value as written.
        Static,
        /// Set to the output of the command in `value`, without its final newline.
        Execfd,
        /// Taken from the launcher's environment.
        Inherit,
        /// Removed.
        Remove,
    }
}

keyword! {
    /// A choice that may be left open.
    Toggle {
        /// Yes.
        Enabled,
        /// No.
        Disabled,
        /// No opinion.
        Unset,
    }
}

/// How a namespace is shared with the launcher's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Share {
    /// Shared.
    Enabled,
    /// A new one.
    Disabled,
    /// No opinion.
    Unset,
    /// The namespace of this file, before expansion; joined with setns(2).
    Join(String),
}

const SHARE_EXPECTED: &str = "one of Enabled, Disabled, Unset, or the absolute path of a namespace file";

impl Read for Share {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        let text = scalar(key, tree, report, SHARE_EXPECTED)?;
        match Toggle::from_word(text) {
            Some(Toggle::Enabled) => Some(Self::Enabled),
            Some(Toggle::Disabled) => Some(Self::Disabled),
            Some(Toggle::Unset) => Some(Self::Unset),
            // A variable may expand to an absolute path.
            None if text.starts_with(['/', '$']) => Some(Self::Join(text.to_owned())),
            None => {
                report.unexpected(key, tree, SHARE_EXPECTED);
                None
            }
        }
    }

    fn print(&self) -> Value {
        match self {
            Self::Enabled => Toggle::Enabled.print(),
            Self::Disabled => Toggle::Disabled.print(),
            Self::Unset => Toggle::Unset.print(),
            Self::Join(path) => Value::text(path),
        }
    }

    fn shape() -> Shape {
        let path = Shape::Pattern {
            pattern: "^[/$]",
            description: "absolute path of a namespace file",
        };
        Shape::Either(vec![Toggle::shape(), path])
    }
}
