//! Why a transaction is refused, and what would work instead.

use std::fmt;
use std::path::PathBuf;

use super::item::{Identity, Owner};

/// A package that the rules of a family do not let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The package that is refused.
    pub package: Identity,
    /// Why.
    pub reason: Reason,
}

/// Which rule speaks against a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It would be removed from an ancestor.
    RemovesFromAncestor(Owner),
    /// It would be installed over a package of an ancestor: an upgrade, downgrade or reinstallation, or it obsoletes it.
    ReplacesInAncestor {
        /// The ancestor's package.
        installed: Identity,
        /// The ancestor.
        owner: Owner,
    },
    /// An ancestor already has a package of this name.
    SameName {
        /// The ancestor's package.
        installed: Identity,
        /// The ancestor.
        owner: Owner,
    },
    /// It is named to be installed, and an ancestor has it.
    AlreadyThere(Owner),
    /// The reason of a package of an ancestor would change.
    MarksInAncestor(Owner),
    /// It owns a file that a package of an ancestor owns.
    FileOfAncestor {
        /// Where both are visible.
        place: PathBuf,
        /// The ancestor's package.
        installed: Identity,
        /// The ancestor.
        owner: Owner,
    },
    /// It conflicts with a package of an ancestor, or that one conflicts with it or obsoletes it.
    ConflictsWithAncestor {
        /// The ancestor's package.
        installed: Identity,
        /// The ancestor.
        owner: Owner,
    },
    /// It owns a file that governs the node.
    Governs(PathBuf),
    /// It owns a file inside another node.
    OtherNode {
        /// The file.
        path: PathBuf,
        /// The other node's directory, seen from the root of this one.
        node: PathBuf,
    },
    /// A path of its payload is not the clean absolute path that rpm writes.
    MalformedPath(PathBuf),
    /// One of its symlinks points above the root of the node.
    SymlinkClimbs {
        /// The symlink.
        path: PathBuf,
        /// Its content.
        target: PathBuf,
    },
    /// One of its files would be written through a symlink that leads out of the node.
    LeavesNode {
        /// The file.
        path: PathBuf,
        /// The symlink on the way.
        link: PathBuf,
        /// Its content.
        target: PathBuf,
    },
    /// Its symlinks lead in a circle.
    SymlinkLoop(PathBuf),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package, self.reason)?;
        match self.reason.advice() {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RemovesFromAncestor(owner) => {
                write!(f, "belongs to {owner} and cannot be removed from here")
            }
            Self::ReplacesInAncestor { installed, owner } => {
                write!(f, "would replace {installed} of {owner}")
            }
            Self::SameName { installed, owner } => {
                write!(f, "has the name of {installed}, which {owner} already has")
            }
            Self::AlreadyThere(owner) => write!(f, "is already installed in {owner}"),
            Self::MarksInAncestor(owner) => {
                write!(f, "belongs to {owner} and cannot be marked from here")
            }
            Self::FileOfAncestor {
                place,
                installed,
                owner,
            } => {
                write!(f, "owns {}, which {installed} of {owner} owns", place.display())
            }
            Self::ConflictsWithAncestor { installed, owner } => {
                write!(f, "conflicts with {installed} of {owner}, which stays beside it")
            }
            Self::Governs(path) => write!(f, "owns {}, which governs the node", path.display()),
            Self::OtherNode { path, node } => {
                write!(
                    f,
                    "owns {}, which lies in another node ({})",
                    path.display(),
                    node.display()
                )
            }
            Self::MalformedPath(path) => write!(
                f,
                "has a malformed path in its payload: {:?}",
                path.display().to_string()
            ),
            Self::SymlinkClimbs { path, target } => {
                write!(
                    f,
                    "has a symlink that leaves the node: {} -> {}",
                    path.display(),
                    target.display()
                )
            }
            Self::LeavesNode { path, link, target } => write!(
                f,
                "would write {} outside the node, through {} -> {}",
                path.display(),
                link.display(),
                target.display()
            ),
            Self::SymlinkLoop(path) => {
                write!(f, "reaches {} through a circle of symlinks", path.display())
            }
        }
    }
}

impl Reason {
    /// What a user can do instead, where there is something.
    fn advice(&self) -> Option<String> {
        match self {
            Self::RemovesFromAncestor(owner) => Some(there("remove", owner)),
            Self::ReplacesInAncestor { owner, .. } | Self::ConflictsWithAncestor { owner, .. } => {
                Some(there("change", owner))
            }
            Self::SameName { owner, .. } | Self::AlreadyThere(owner) => Some(format!(
                "{}, or install a second one here with --forcenode",
                there("upgrade", owner)
            )),
            Self::MarksInAncestor(owner) => Some(there("mark", owner)),
            Self::FileOfAncestor { installed, .. } => Some(format!(
                "use {} as it is, or a build with other paths",
                installed.name.display()
            )),
            Self::LeavesNode { link, .. } => Some(format!(
                "replace {} by a directory, or by a relative link inside the node",
                link.display()
            )),
            Self::Governs(_)
            | Self::OtherNode { .. }
            | Self::MalformedPath(_)
            | Self::SymlinkClimbs { .. }
            | Self::SymlinkLoop(_) => None,
        }
    }
}

/// `verb` it where it lives.
fn there(verb: &str, owner: &Owner) -> String {
    match owner {
        Owner::CoreOs => format!("{verb} it with the core OS's own package manager"),
        Owner::Node { path, .. } => format!("{verb} it there with --redpath={}", path.display()),
    }
}
