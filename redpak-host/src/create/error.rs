//! Why a node was not made.

use std::path::{Path, PathBuf};

use redpak::display;
use redpak::node::Alias;
use redpak::yaml::Problem;

use crate::dir::PathError;
use crate::family::{FamilyError, FamilyErrors};

/// Why a node was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The path does not start at the root.
    #[error("the path '{}' is not absolute; write it from the root, for example /var/redpesk/app", display::path(.0))]
    Relative(PathBuf),
    /// The path has `..` where nothing is yet.
    #[error("the path '{}' leads through '..' below a directory that does not exist", display::path(.0))]
    NoWay(PathBuf),
    /// It is a node.
    #[error("{} is a node already; refresh it with --update", display::path(.0))]
    IsNode(PathBuf),
    /// A config lies there, and another one was asked for.
    #[error("{} exists; leave out the template to use it as it is, or replace it with --update", display::path(.0))]
    ConfigExists(PathBuf),
    /// The config that lies there has another alias than asked for.
    #[error("{} has the alias '{found}', not '{asked}'; change it with --update", display::path(.file))]
    OtherAlias {
        /// The config.
        file: PathBuf,
        /// Its alias.
        found: Alias,
        /// The one asked for.
        asked: Alias,
    },
    /// Another node of the redpath has the alias.
    #[error("the alias '{alias}' is already used by {}; choose another one with --alias", display::path(.by))]
    AliasTaken {
        /// The alias.
        alias: Alias,
        /// Who has it.
        by: PathBuf,
    },
    /// No template has that name.
    #[error("there is no template '{}'; there are {known}, or name a file by a path with '/' or ending in .yaml", display::text(.name))]
    NoTemplate {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The directory may not be written.
    #[error("cannot make a node in {}; {}", display::path(.directory), advice(.directory, .source))]
    NotWritable {
        /// The directory.
        directory: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A template or an existing config is wrong.
    #[error("{}", lines(.0))]
    Config(Vec<Problem>),
    /// The family above or the node itself is wrong.
    #[error(transparent)]
    Family(#[from] FamilyErrors),
    /// Something cannot be made, read or written.
    #[error(transparent)]
    Path(PathError),
}

impl From<PathError> for CreateError {
    fn from(error: PathError) -> Self {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        let writing = matches!(error.verb, "write" | "make the directory");
        match (error.path.parent(), error.source.kind()) {
            (Some(directory), PermissionDenied | ReadOnlyFilesystem)
                if writing && error.source.raw_os_error().is_some() =>
            {
                Self::NotWritable {
                    directory: directory.to_path_buf(),
                    source: error.source,
                }
            }
            _ => Self::Path(error),
        }
    }
}

impl From<FamilyError> for CreateError {
    fn from(error: FamilyError) -> Self {
        Self::Family(error.into())
    }
}

fn advice(directory: &Path, error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::ReadOnlyFilesystem {
        return "choose a place on a writable file system".to_owned();
    }
    format!(
        "make it yours with 'sudo chown $USER {}', or choose a pool that is yours",
        display::path(directory)
    )
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}
