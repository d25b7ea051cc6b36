//! Names of capabilities, see capabilities(7).

use std::fmt;

use crate::config::field::{Read, Report};
use crate::config::scalar::scalar;
use crate::config::schema::Shape;
use crate::yaml::{Tree, Value};

/// What the kernel knows as of 6.x, in the order of their numbers, as bubblewrap spells them.
pub const CAPABILITIES: [&str; 41] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
];

/// A capability by its canonical name, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CapabilityName(&'static str);

impl CapabilityName {
    /// All capabilities at once.
    pub const ALL: Self = Self("ALL");

    /// Finds a name in any case, with or without `CAP_`.
    pub fn new(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        let short = name.strip_prefix("CAP_").unwrap_or(&name);
        if name == "ALL" {
            return Some(Self::ALL);
        }
        CAPABILITIES
            .iter()
            .find(|known| &known[4..] == short)
            .map(|known| Self(known))
    }

    /// The canonical name: `CAP_…` in capitals, or `ALL`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// `ALL` first, as bubblewrap must see it before the exceptions; the others by name.
impl Ord for CapabilityName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (*self != Self::ALL, self.0).cmp(&(*other != Self::ALL, other.0))
    }
}

impl PartialOrd for CapabilityName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for CapabilityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

const EXPECTED: &str = "ALL or a name of capabilities(7), for example CAP_NET_ADMIN";

impl Read for CapabilityName {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        let name = Self::new(scalar(key, tree, report, EXPECTED)?);
        if name.is_none() {
            report.unexpected(key, tree, EXPECTED);
        }
        name
    }

    fn print(&self) -> Value {
        Value::text(self.0)
    }

    fn shape() -> Shape {
        let names = ["ALL"].into_iter().chain(CAPABILITIES);
        Shape::Words(names.map(str::to_owned).collect())
    }
}
