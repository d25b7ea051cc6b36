//! Why a plan could not be carried out.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use redpak::display;
use redpak::plan::ArgumentError;
use redpak_host::report::os;

use super::bubblewrap::VersionError;
use super::prepare::sources::SourceError;
use crate::control_group;

/// Errors of the backends. The program has not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// bubblewrap is missing or must not be used.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A step cannot be prepared.
    #[error("{}{origin}: {error}", check(error))]
    Step {
        /// Where the step was written.
        origin: String,
        /// What failed.
        error: Box<Error>,
    },
    /// A source cannot be opened.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// An `Internal` export names a descriptor that is not open.
    #[error(
        "descriptor {number} of an Internal export is not usable: {reason}; open it in the caller, for example with `{number}<FILE` in a shell", reason = os(source))]
    Descriptor {
        /// The number configured.
        number: i32,
        /// The kernel's reason.
        source: io::Error,
    },
    /// No file in memory.
    #[error("cannot make a file in memory: {0}")]
    MemoryFile(#[source] io::Error),
    /// The plan cannot be written as arguments.
    #[error(transparent)]
    Arguments(#[from] ArgumentError),
    /// A word cannot be handed over.
    #[error("{word:?} holds a NUL byte, which no argument can hold")]
    NulByte {
        /// The word.
        word: OsString,
    },
    /// Only root may become somebody else.
    #[error(
        "cannot run as {what}: only root may; start redwrap as root or as that user, or remove set-user and set-group"
    )]
    NotRoot {
        /// Whom the plan asks for.
        what: String,
    },
    /// A namespace to join cannot be opened.
    #[error("cannot open the namespace {} to join it: {reason}", display::path(path), reason = os(source))]
    Namespace {
        /// The file configured.
        path: PathBuf,
        /// The kernel's reason.
        source: io::Error,
    },
    /// The file to join is of another kind.
    #[error("{} is no namespace; name one below /proc/PID/ns, or a file that one is bound to", display::path(.0))]
    NoNamespace(PathBuf),
    /// A control group cannot be made.
    #[error(transparent)]
    ControlGroup(#[from] control_group::Error),
    /// A system call of the supervision failed.
    #[error("cannot {verb}: {reason}", reason = os(source))]
    System {
        /// What was tried.
        verb: &'static str,
        /// The kernel's reason.
        source: io::Error,
    },
    /// A step between fork and exec failed.
    #[error("cannot {step}: {reason}{hint}", reason = os(source))]
    Child {
        /// What was tried.
        step: String,
        /// The kernel's reason.
        source: io::Error,
        /// What to do, with its separator.
        hint: &'static str,
    },
    /// bubblewrap could not set the namespace up; its message stands on stderr.
    #[error("bubblewrap could not set up the namespace (its reason stands above)")]
    SetUp,
}

/// The check of coherency that a source fails, as it stands before the reason.
fn check(error: &Error) -> &'static str {
    match error {
        Error::Source(SourceError::Missing(_) | SourceError::Leaves { .. } | SourceError::NotAllowed { .. }) => {
            "exports: "
        }
        _ => "",
    }
}

impl Error {
    /// Names the verb of a failed system call.
    pub fn system(verb: &'static str) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::System { verb, source }
    }
}
