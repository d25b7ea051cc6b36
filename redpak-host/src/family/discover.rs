//! Which directories are nodes: those that enclose a path, and those below one.

use std::path::{Path, PathBuf};

use redpak::node::files;

use crate::dir::{Dir, PathError};
use crate::family::FamilyError;

/// The real path of a redpath, symlinks resolved: a node's ancestors are the directories that really enclose it.
///
/// # Errors
/// When it is relative or no directory.
pub fn resolve(redpath: &Path) -> Result<PathBuf, FamilyError> {
    if !redpath.is_absolute() {
        return Err(FamilyError::Relative(redpath.to_path_buf()));
    }
    let path = std::fs::canonicalize(redpath).map_err(|error| PathError::new("find the redpath", redpath, error))?;
    // A file is told apart from a directory that is no node.
    Dir::open(&path)?;
    Ok(path)
}

/// Whether a directory is a node.
///
/// # Errors
/// When it cannot be told.
pub fn is_node(directory: &Path) -> Result<bool, PathError> {
    match std::fs::symlink_metadata(directory.join(files::STATUS)) {
        Ok(_) => Ok(true),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(PathError::new("look at", directory.join(files::STATUS), error)),
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// The directories from the root to a real path that are nodes, oldest first; the path itself counts.
///
/// # Errors
/// When it cannot be told of one of them.
pub fn enclosing(path: &Path) -> Result<Vec<PathBuf>, PathError> {
    let mut nodes = Vec::new();
    for directory in path.ancestors() {
        if is_node(directory)? {
            nodes.push(directory.to_path_buf());
        }
    }
    nodes.reverse();
    Ok(nodes)
}

/// The nodes of the family of a real path: those that enclose it, and itself as the last.
///
/// # Errors
/// When the path is no node.
pub fn lineage(path: &Path) -> Result<Vec<PathBuf>, FamilyError> {
    let mut nodes = enclosing(path)?;
    if nodes.last().map(PathBuf::as_path) == Some(path) {
        return Ok(nodes);
    }
    let path = path.to_path_buf();
    let above = nodes.pop();
    Err(FamilyError::NotANode { path, above })
}
