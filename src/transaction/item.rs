//! A resolved transaction as plain data.

use std::fmt;
use std::path::PathBuf;

/// Name, epoch, version, release and architecture of a package.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nevra {
    /// Name.
    pub name: String,
    /// Epoch, `0` when the package has none.
    pub epoch: u64,
    /// Version.
    pub version: String,
    /// Release.
    pub release: String,
    /// Architecture.
    pub arch: String,
}

impl fmt::Display for Nevra {
    /// `name-[epoch:]version-release.arch`; an epoch of zero is left out, as dnf5 and rpm do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.name)?;
        if self.epoch != 0 {
            write!(f, "{}:", self.epoch)?;
        }
        write!(f, "{}-{}.{}", self.version, self.release, self.arch)
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
    pub nevra: Nevra,
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
        matches!(
            self,
            Self::Install | Self::Upgrade | Self::Downgrade | Self::Reinstall
        )
    }
}

/// One line of the resolved transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is done.
    pub action: Action,
    /// With which package.
    pub nevra: Nevra,
    /// For a package that is installed before the transaction: the ancestor that has it, `None` when the leaf has it.
    /// Always `None` for inbound packages.
    pub owner: Option<Owner>,
    /// Installed packages whose place an inbound package takes: older or newer versions and what it obsoletes.
    pub replaces: Vec<Installed>,
}

/// Kind of a file in a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// Regular file.
    Regular,
    /// Directory.
    Directory,
    /// Symbolic link and its content.
    Symlink(PathBuf),
    /// Device, pipe or socket.
    Special,
}

/// A file that a package owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path as the package writes it, seen from the root that it is installed in.
    pub path: PathBuf,
    /// Its kind.
    pub kind: FileKind,
    /// Owned but not shipped (`%ghost`).
    pub ghost: bool,
}

/// What the header of a package says, as far as the rules look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Which one.
    pub nevra: Nevra,
    /// Its files, in the header's order.
    pub files: Vec<File>,
    /// Names of its scriptlets and triggers as spec files write them, such as `%post` or `%filetriggerin`.
    pub scriptlets: Vec<String>,
}
