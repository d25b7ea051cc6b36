//! What can go wrong, with where it went wrong.

use std::io;
use std::path::PathBuf;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of librpm, or of the files of an rpmdb.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of librpm.
    #[error(transparent)]
    Rpm(#[from] librpm::Error),
    /// Parallel arrays of a header disagree.
    #[error("package {package}: the header's {what} do not fit together")]
    MalformedHeader {
        /// The package, as far as its name is known.
        package: String,
        /// Which part.
        what: &'static str,
    },
    /// A file or directory could not be read or written.
    #[error("cannot {verb} {}", .path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The rpmdb changed again and again while it was copied.
    #[error("the rpmdb in {} keeps changing; wait until the transaction on it has ended", .directory.display())]
    Busy {
        /// The folder of the rpmdb.
        directory: PathBuf,
    },
    /// rpm was interrupted while it put a rebuilt database in place.
    #[error(
        "there is no rpmdb in {}, but {} is there, where rpm --rebuilddb keeps the old one until the new one is in place; \
         if rpm does not run any more, move it back", .directory.display(), .aside.display()
    )]
    MovedAside {
        /// Where the rpmdb belongs.
        directory: PathBuf,
        /// Where it is.
        aside: PathBuf,
    },
    /// Assembling the family view failed.
    #[error("cannot build the family view from {}", .path.display())]
    View {
        /// The database that was being worked on.
        path: PathBuf,
        /// What sqlite said.
        #[source]
        source: rusqlite::Error,
    },
    /// An rpmdb cannot be part of a family view.
    #[error("cannot build the family view from {}: {reason}", .path.display())]
    ViewSource {
        /// The folder of the rpmdb.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl Error {
    /// An [`Error::Io`] for use with `map_err`.
    pub(crate) fn io(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { verb, path, source }
    }

    /// Like [`Error::io`], for the errors of system calls.
    pub(crate) fn errno(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(nix::Error) -> Self {
        let path = path.into();
        move |errno| Self::Io {
            verb,
            path,
            source: errno.into(),
        }
    }
}

impl From<redpak_host::dir::PathError> for Error {
    fn from(error: redpak_host::dir::PathError) -> Self {
        let redpak_host::dir::PathError { verb, path, source } = error;
        Self::Io { verb, path, source }
    }
}
