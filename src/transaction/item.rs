//! A resolved transaction as plain data.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::package::Package;

/// A package by its name and by its full name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// Name (`hello`).
    pub name: OsString,
    /// Name, version, release and architecture as dnf5 and rpm print them (`hello-1:2.0-3.noarch`).
    pub nevra: OsString,
}

impl From<&Package> for Identity {
    fn from(package: &Package) -> Self {
        Self {
            name: package.name.clone(),
            nevra: package.nevra(),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.nevra.display())
    }
}

/// The level of the family that a package belongs to, seen from the leaf.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The running system, oldest ancestor of every family.
    CoreOs,
    /// An ancestor node.
    Node {
        /// Its alias.
        alias: String,
        /// Its directory.
        path: PathBuf,
    },
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CoreOs => f.write_str("the core OS"),
            Self::Node { alias, path } => write!(f, "ancestor {alias} ({})", path.display()),
        }
    }
}

/// A package that is installed somewhere in the family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Which one.
    pub package: Identity,
    /// The number of its header in the rpmdb of its node.
    pub header_number: u32,
    /// The ancestor that has it; `None` when it is the leaf's own.
    pub owner: Option<Owner>,
}

/// What a transaction does with a package; the names are libdnf5's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// New in the leaf.
    Install,
    /// Takes the place of a lower version.
    Upgrade,
    /// Takes the place of a higher version.
    Downgrade,
    /// Takes the place of itself.
    Reinstall,
    /// Goes away.
    Remove,
    /// Goes away because another package of the transaction takes its place.
    Replaced,
    /// Stays, and the reason why it is installed changes.
    ReasonChange,
}

impl Action {
    /// The package comes into the leaf.
    pub fn is_inbound(self) -> bool {
        matches!(self, Self::Install | Self::Upgrade | Self::Downgrade | Self::Reinstall)
    }
}

/// One line of the resolved transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is done.
    pub action: Action,
    /// With which package.
    pub package: Identity,
    /// The number of its header in the rpmdb of its node; 0 for inbound packages.
    pub header_number: u32,
    /// For a package that is installed before the transaction: the ancestor that has it, `None` when the leaf has it.
    /// Always `None` for inbound packages.
    pub owner: Option<Owner>,
    /// Installed packages whose place an inbound package takes: older or newer versions and what it obsoletes.
    pub replaces: Vec<Installed>,
}
