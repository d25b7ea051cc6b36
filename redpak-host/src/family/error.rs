//! What is wrong with a family, all of it at once.

use std::fmt;
use std::path::{Path, PathBuf};

use redpak::display;
use redpak::node::files;
use redpak::yaml::Problem;

use crate::dir::PathError;
use crate::report;

/// One thing that keeps a family from being read.
#[derive(Debug, thiserror::Error)]
pub enum FamilyError {
    /// The redpath does not start at the root.
    #[error("the redpath '{}' is not absolute; write it from the root, for example /var/redpesk/app", display::path(.0))]
    Relative(PathBuf),
    /// The redpath is a directory, but no node.
    #[error("{} is not a node, it has no {}{}", display::path(.path), files::STATUS, nearest(.above.as_deref()))]
    NotANode {
        /// The redpath.
        path: PathBuf,
        /// The nearest node that encloses it.
        above: Option<PathBuf>,
    },
    /// A file exists under its name and under its older name.
    #[error("both {} and {} exist; keep the one that is meant", display::path(.0), display::path(.1))]
    Both(PathBuf, PathBuf),
    /// A node without its normal config.
    #[error("{} is missing; every node needs its config: restore it or make it anew with 'redconf create --update {}'", display::path(.config), display::path(.node))]
    NoConfig {
        /// The node.
        node: PathBuf,
        /// The file that should be there.
        config: PathBuf,
    },
    /// Something cannot be opened or read.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Something is written wrongly.
    #[error(transparent)]
    Config(#[from] Problem),
}

fn nearest(above: Option<&Path>) -> String {
    match above {
        Some(node) => format!("; the nearest node above it is {}", display::path(node)),
        None => "; make it one with 'redwrap-dnf manager --create' or 'redconf create'".to_owned(),
    }
}

/// All errors of a family, oldest node first.
#[derive(Debug)]
pub struct FamilyErrors(pub Vec<FamilyError>);

impl fmt::Display for FamilyErrors {
    /// One error a line, with its causes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}", report::chain(error))?;
        }
        Ok(())
    }
}

impl std::error::Error for FamilyErrors {}

impl<E: Into<FamilyError>> From<E> for FamilyErrors {
    fn from(error: E) -> Self {
        Self(vec![error.into()])
    }
}

impl From<Vec<Problem>> for FamilyErrors {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems.into_iter().map(FamilyError::from).collect())
    }
}

/// Keeps the value of what succeeded and collects the errors of what did not.
pub(crate) fn collect<T>(result: Result<T, FamilyErrors>, errors: &mut Vec<FamilyError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(failed) => {
            errors.extend(failed.0);
            None
        }
    }
}
