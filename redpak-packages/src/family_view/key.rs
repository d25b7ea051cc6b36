//! What a cached database was made from.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;

use crate::error::Result;
use crate::node_database::NodeDatabase;

/// To be raised whenever the content of views or bases, or the files beside them, change their meaning.
const LAYOUT: u32 = 1;

/// Everything that a cached database depends on, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Which family it is for: the folders of its rpmdbs. Of one family only the newest state is kept.
    family: String,
    /// The state of those rpmdbs.
    state: String,
}

impl Key {
    pub(super) fn of_base(ancestors: &[NodeDatabase]) -> Result<Self> {
        Self::of("base", ancestors.iter())
    }

    pub(super) fn of_view(leaf: &NodeDatabase, ancestors: &[NodeDatabase]) -> Result<Self> {
        Self::of("view", std::iter::once(leaf).chain(ancestors))
    }

    fn of<'n>(kind: &str, nodes: impl Iterator<Item = &'n NodeDatabase>) -> Result<Self> {
        let (mut folders, mut state) = (Vec::new(), String::new());
        // The tables depend on the library.
        let _ = writeln!(state, "{kind} layout {LAYOUT} librpm {}", librpm::version());
        for node in nodes {
            folders.extend_from_slice(node.directory().as_os_str().as_bytes());
            folders.push(0);
            state.push_str(node.fingerprint()?.as_str());
        }
        Ok(Self {
            family: format!("{kind}-{:016x}", fnv1a(&folders)),
            state,
        })
    }

    /// Prefix of the names of all cached databases of this family.
    pub(super) fn family(&self) -> &str {
        &self.family
    }

    /// The name under which the database is kept. Different states may share a name; the state itself is compared.
    pub(super) fn name(&self) -> String {
        format!("{}-{:016x}", self.family, fnv1a(self.state.as_bytes()))
    }

    pub(super) fn state(&self) -> &str {
        &self.state
    }
}

/// The Fowler-Noll-Vo hash: makes short names, and is the same in each process.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
