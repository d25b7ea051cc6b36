//! What a transaction was going to do.

use redpak::transaction::recovery::Change;
use serde::{Deserialize, Serialize};

use super::State;
use crate::system_state::Texts;

/// The version that this program writes and understands.
pub const VERSION: u32 = 2;

/// A transaction, resolved and judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Format of this file.
    pub version: u32,
    /// The command line.
    pub command: String,
    /// libdnf5's option `tsflags`, such as `noscripts`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flags: String,
    /// The packages that come and go.
    #[serde(flatten)]
    pub change: Change,
    /// What libdnf5 records when rpm is done.
    #[serde(default)]
    pub state: State,
    /// What libdnf5 had recorded before.
    #[serde(default)]
    pub before: Texts,
}

impl Plan {
    /// Whether scriptlets run at all; rpm runs none with `justdb` (rpmtsSetup).
    pub fn runs_scriptlets(&self) -> bool {
        !self.has_flag("noscripts") && !self.changes_database_only()
    }

    /// Whether the rpmdb alone changes, and no file of a package.
    pub fn changes_database_only(&self) -> bool {
        self.has_flag("justdb")
    }

    fn has_flag(&self, name: &str) -> bool {
        self.flags.split([',', ' ']).any(|flag| flag == name)
    }
}
