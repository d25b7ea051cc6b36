//! The system node: the top of a tree, in the directory that holds the families.

use std::path::{Path, PathBuf};

use redpak::display;
use redpak::node::Alias;
use rustix::fs::Access;

use crate::create::{CreateError, Creation, NewNode, Template, create, place};
use crate::dir::PathError;
use crate::family;

/// Where the system node of a redpath is or could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemPlace {
    /// The redpath lies below this node already: nothing is to be made.
    Above(PathBuf),
    /// The directory that the redpath lies in, the pool.
    Pool(PathBuf),
    /// That directory must not become a node, for this reason. Template `full` does without a system node.
    Unsuitable(String),
}

/// Finds out where the system node of a redpath is or could be.
///
/// # Errors
/// When the redpath is relative or cannot be looked at.
pub fn system_place(redpath: &Path) -> Result<SystemPlace, CreateError> {
    let path = place(redpath)?;
    let Some(pool) = path.parent() else {
        return Ok(SystemPlace::Unsuitable("the redpath is the root".into()));
    };
    if let Some(node) = family::enclosing(pool)?.pop() {
        return Ok(SystemPlace::Above(node));
    }
    Ok(match unsuitable(pool)? {
        Some(reason) => SystemPlace::Unsuitable(format!("{} {reason}", display::path(pool))),
        None => SystemPlace::Pool(pool.to_path_buf()),
    })
}

/// A node governs all below it, so it must not stand where everybody can make something below it.
fn unsuitable(pool: &Path) -> Result<Option<&'static str>, PathError> {
    if pool.parent().is_none() {
        return Ok(Some("is the root of the core OS"));
    }
    let status = match rustix::fs::stat(pool) {
        Ok(status) => status,
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(PathError::new("look at", pool, error)),
    };
    if status.st_mode & 0o002 != 0 {
        return Ok(Some("is writable by everybody"));
    }
    Ok(rustix::fs::access(pool, Access::WRITE_OK)
        .is_err()
        .then_some("is not writable"))
}

/// Makes a pool the system node of its families.
///
/// # Errors
/// As [`create`].
pub fn create_system(pool: &Path, root: &Path) -> Result<Creation, CreateError> {
    create(&NewNode {
        alias: Some(Alias::from_name("system")),
        config: Some(Template::Named("root".into())),
        root: root.to_path_buf(),
        ..NewNode::new(pool)
    })
}
