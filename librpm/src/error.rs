//! What can go wrong, with where it went wrong.

use std::io;
use std::path::PathBuf;

use crate::log::LogRecord;
use crate::tag_data::TagError;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of librpm, or of the files that it works on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A second [`Engine`](crate::Engine) was asked for.
    #[error("librpm is already in use in this process; use the engine that exists")]
    EngineInUse,
    /// rpm's configuration could not be read.
    #[error("cannot read rpm's configuration{}", because(.log))]
    Configuration {
        /// What librpm said.
        log: Vec<LogRecord>,
    },
    /// A string given to librpm has a NUL byte in it.
    #[error("{what} contains a NUL byte, which rpm cannot take")]
    NulByte {
        /// What the string is.
        what: &'static str,
    },
    /// A macro could not be expanded or defined.
    #[error("rpm macro {name}: {action} failed{}", because(.log))]
    Macro {
        /// The macro, or the text to expand.
        name: String,
        /// What was tried.
        action: &'static str,
        /// What librpm said.
        log: Vec<LogRecord>,
    },
    /// A call of librpm failed.
    #[error("{action}{}", because(.log))]
    Rpm {
        /// What was tried, such as "cannot open the rpmdb in /srv/node/var/lib/rpm".
        action: String,
        /// What librpm said.
        log: Vec<LogRecord>,
    },
    /// A header of an rpmdb fails librpm's checks, or cannot be read at all.
    #[error("damaged header in the rpmdb{}", because(.log))]
    DamagedHeader {
        /// What librpm said, with the number of the header.
        log: Vec<LogRecord>,
    },
    /// A header lacks the digests by which it could be checked.
    #[error("header {header_number} of the rpmdb has no digest, so it cannot be checked")]
    NoDigest {
        /// The header's number in the rpmdb.
        header_number: u32,
    },
    /// A tag of a header is not what it should be.
    #[error("package {package}")]
    Tag {
        /// The package, as far as its name is known.
        package: String,
        /// What is wrong with the tag.
        #[source]
        source: TagError,
    },
    /// A package file is not what it should be.
    #[error("{}: {problem}", .path.display())]
    PackageFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: crate::package_file::PackageFileProblem,
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
}

impl Error {
    /// An [`Error::Io`] for use with `map_err`.
    pub(crate) fn io(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { verb, path, source }
    }
}

/// `: first message; second message`, or nothing when librpm kept silent.
pub(crate) fn because(log: &[LogRecord]) -> String {
    log.iter().enumerate().fold(String::new(), |mut text, (index, record)| {
        text.push_str(if index == 0 { ": " } else { "; " });
        text.push_str(&record.text());
        text
    })
}
