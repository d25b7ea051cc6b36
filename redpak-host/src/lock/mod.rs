//! The family's own lock: two transactions on one family never run at the same time.
//!
//! A transaction holds its leaf exclusively and the leaf's ancestors shared. So one on a node excludes those on the
//! same node and on every node above and below it, while siblings go on side by side. Locks are taken from the oldest
//! node down, which rules out deadlocks.
//!
//! What is locked (flock(2)) is the node's *directory*, not a file in it: an ancestor may be read-only or another's,
//! nothing is created in a node that is only read, nothing is left behind by a process that was killed, and deleting
//! a node needs no further step. Who may read a node may lock it shared and so hold up its owner; whoever waits is
//! told for whom.

mod holder;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use redpak::display;
use rustix::fs::{FlockOperation, Mode as Permissions, OFlags};
use rustix::io::Errno;

use crate::dir::PathError;
pub use holder::Holder;

/// What the family is locked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The leaf is going to be changed.
    Change,
    /// The family is going to be read, and nobody may change it meanwhile.
    Read,
}

/// A node that others hold, and who they are as far as can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The node.
    pub node: PathBuf,
    /// Processes that hold it; empty when they are not visible from here.
    pub holders: Vec<Holder>,
}

impl fmt::Display for Waiting {
    /// For example `process 42 (redwrap-dnf install jq), which holds /var/redpesk/app`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.holders.is_empty() {
            f.write_str("a process that is not visible from here")?;
        }
        for (index, holder) in self.holders.iter().enumerate() {
            write!(f, "{}{holder}", if index == 0 { "" } else { " and " })?;
        }
        let verb = if self.holders.len() > 1 { "hold" } else { "holds" };
        write!(f, ", which {verb} {}", display::path(&self.node))
    }
}

/// Why a family is not locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it, and waiting was not wanted.
    #[error("the family is in use by {0}; try again when it has finished")]
    Busy(Waiting),
    /// A node cannot be locked.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// A locked family; dropping it, or ending the process in any way, unlocks.
#[derive(Debug)]
pub struct FamilyLock {
    _nodes: Vec<File>,
}

impl FamilyLock {
    /// Locks the nodes of a family, oldest first and the leaf last; waits as long as needed.
    ///
    /// `waiting` is called before each wait.
    ///
    /// # Errors
    /// When a node cannot be opened, or a signal handler ran while waiting.
    pub fn acquire(
        lineage: &[PathBuf],
        purpose: Purpose,
        mut waiting: impl FnMut(&Waiting),
    ) -> Result<Self, LockError> {
        Self::each(lineage, purpose, |node, file, shared| {
            if try_lock(node, file, shared)? {
                return Ok(());
            }
            waiting(&who(node, file));
            lock(node, file, shared).map_err(LockError::Path)
        })
    }

    /// As [`Self::acquire`], without waiting.
    ///
    /// # Errors
    /// When a node cannot be opened, or somebody holds it.
    pub fn try_acquire(lineage: &[PathBuf], purpose: Purpose) -> Result<Self, LockError> {
        Self::each(lineage, purpose, |node, file, shared| {
            match try_lock(node, file, shared)? {
                true => Ok(()),
                false => Err(LockError::Busy(who(node, file))),
            }
        })
    }

    fn each(
        lineage: &[PathBuf],
        purpose: Purpose,
        mut take: impl FnMut(&Path, &File, bool) -> Result<(), LockError>,
    ) -> Result<Self, LockError> {
        let leaf = lineage.len().saturating_sub(1);
        let nodes = lineage.iter().enumerate().map(|(index, node)| {
            let shared = purpose == Purpose::Read || index != leaf;
            loop {
                let file = open(node)?;
                take(node, &file, shared)?;
                // Somebody may have removed the node and made it anew while we waited.
                if is_still(node, &file)? {
                    return Ok(file);
                }
            }
        });
        Ok(Self {
            _nodes: nodes.collect::<Result<_, LockError>>()?,
        })
    }
}

fn open(node: &Path) -> Result<File, PathError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(node, flags, Permissions::empty())
        .map(File::from)
        .map_err(|error| fail(node, error))
}

fn fail(node: &Path, error: Errno) -> PathError {
    PathError::new("lock", node, error)
}

fn try_lock(node: &Path, file: &File, shared: bool) -> Result<bool, PathError> {
    let operation = if shared {
        FlockOperation::NonBlockingLockShared
    } else {
        FlockOperation::NonBlockingLockExclusive
    };
    match rustix::fs::flock(file, operation) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(fail(node, error)),
    }
}

fn lock(node: &Path, file: &File, shared: bool) -> Result<(), PathError> {
    let operation = if shared {
        FlockOperation::LockShared
    } else {
        FlockOperation::LockExclusive
    };
    // A signal that the program handles is a wish to stop, so it is not waited on.
    rustix::fs::flock(file, operation).map_err(|error| fail(node, error))
}

fn is_still(node: &Path, file: &File) -> Result<bool, PathError> {
    let here = rustix::fs::stat(node).map_err(|error| fail(node, error))?;
    let ours = rustix::fs::fstat(file).map_err(|error| fail(node, error))?;
    Ok((here.st_dev, here.st_ino) == (ours.st_dev, ours.st_ino))
}

fn who(node: &Path, file: &File) -> Waiting {
    Waiting {
        node: node.to_path_buf(),
        holders: holder::holders(file),
    }
}
