//! Errors of libdnf5: their kind for programs, libdnf5's own names, and the text that dnf5 would print.

use std::ffi::{OsStr, OsString};
use std::fmt;

use dnf5_sys as raw;

use super::handle::Owned;
use super::strings::view;

/// An error of a callback.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Result of this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

number_enum! {
    /// What went wrong.
    #[non_exhaustive]
    pub enum ErrorKind {
        /// Something that is not an exception class was thrown.
        Unknown = RDNF5_ERROR_UNKNOWN,
        /// The shim was called in a way that it does not allow.
        Argument = RDNF5_ERROR_ARGUMENT,
        /// The loaded libdnf5 is not of the version that this program was built with.
        Version = RDNF5_ERROR_VERSION,
        /// The libdnf5 that this program was built with does not have it.
        Unsupported = RDNF5_ERROR_UNSUPPORTED,
        /// Out of memory.
        Memory = RDNF5_ERROR_MEMORY,
        /// A callback asked to stop.
        Callback = RDNF5_ERROR_CALLBACK,
        /// libdnf5 is in a state that should not be, or was called in the wrong order.
        Assertion = RDNF5_ERROR_ASSERTION,
        /// A system call or file operation failed.
        System = RDNF5_ERROR_SYSTEM,
        /// An unknown option or a value that it does not take.
        Option = RDNF5_ERROR_OPTION,
        /// A configuration file is missing or malformed.
        Config = RDNF5_ERROR_CONFIG,
        /// A repository could not be loaded.
        Repo = RDNF5_ERROR_REPO,
        /// Metadata is not in the cache and downloads are off.
        CacheOnly = RDNF5_ERROR_CACHE_ONLY,
        /// A download failed.
        Download = RDNF5_ERROR_DOWNLOAD,
        /// A signature or a key is bad or missing.
        Pgp = RDNF5_ERROR_PGP,
        /// A package file or the rpm database could not be read.
        Rpm = RDNF5_ERROR_RPM,
        /// The transaction could not be resolved.
        Resolve = RDNF5_ERROR_RESOLVE,
        /// The transaction could not be carried out.
        Transaction = RDNF5_ERROR_TRANSACTION,
        /// Any other exception of libdnf5.
        Libdnf = RDNF5_ERROR_LIBDNF,
        /// Any other standard exception.
        Std = RDNF5_ERROR_STD,
    }
    else Unknown
}

/// One exception of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Where it comes from, such as `libdnf5::repo`.
    pub domain: OsString,
    /// What libdnf5 calls it, such as `RepoDownloadError`.
    pub name: OsString,
    /// Its own text.
    pub message: OsString,
}

/// An error of libdnf5 or of a callback.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    errno: i32,
    message: OsString,
    causes: Vec<Cause>,
    source: Option<BoxError>,
}

impl Error {
    /// What went wrong: the kind of the innermost cause that has a specific one.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The error number of an error of kind [`ErrorKind::System`].
    pub fn errno(&self) -> Option<i32> {
        (self.errno != 0).then_some(self.errno)
    }

    /// The whole text as dnf5 prints it: a cause a line, each a space further in.
    pub fn message(&self) -> &OsStr {
        &self.message
    }

    /// The exceptions, outermost first.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The error that a callback returned, for an error of kind [`ErrorKind::Callback`].
    pub fn into_callback_error(self) -> std::result::Result<BoxError, Self> {
        match self {
            Self {
                source: Some(source), ..
            } => Ok(source),
            other => Err(other),
        }
    }

    pub(crate) fn argument(message: &str) -> Self {
        Self {
            kind: ErrorKind::Argument,
            errno: 0,
            message: message.into(),
            causes: Vec::new(),
            source: None,
        }
    }

    pub(crate) fn no_object() -> Self {
        Self::argument("the shim returned no object")
    }

    pub(crate) fn with_source(mut self, source: Option<BoxError>) -> Self {
        self.source = source;
        self
    }

    fn from_raw(error: &Owned<raw::Rdnf5Error>) -> Self {
        let error = error.raw();
        // SAFETY: the error lives until this function returns, and every view is copied at once.
        unsafe {
            Self {
                kind: ErrorKind::from_number(raw::rdnf5_error_kind(error)),
                errno: raw::rdnf5_error_errno(error),
                message: view(raw::rdnf5_error_message_view(error)).to_owned(),
                causes: (0..raw::rdnf5_error_cause_count(error))
                    .map(|index| cause(error, index))
                    .collect(),
                source: None,
            }
        }
    }
}

/// # Safety
/// `error` lives during the call.
unsafe fn cause(error: *const raw::Rdnf5Error, index: usize) -> Cause {
    // SAFETY: the caller promises that the error lives; every view is copied at once.
    unsafe {
        Cause {
            domain: view(raw::rdnf5_error_cause_domain_view(error, index)).to_owned(),
            name: view(raw::rdnf5_error_cause_name_view(error, index)).to_owned(),
            message: view(raw::rdnf5_error_cause_message_view(error, index)).to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.message.display())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Takes over an error of the shim.
pub(crate) fn check(error: *mut raw::Rdnf5Error) -> Result<()> {
    // SAFETY: the shim returns null or an error that is ours to free.
    match unsafe { Owned::from_raw(error) } {
        None => Ok(()),
        Some(error) => Err(Error::from_raw(&error)),
    }
}

/// A version of libdnf5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 5 of 5.4.6.0.
    pub prime: u16,
    /// 4 of 5.4.6.0.
    pub major: u16,
    /// 6 of 5.4.6.0.
    pub minor: u16,
    /// 0 of 5.4.6.0.
    pub micro: u16,
}

impl Version {
    fn from_raw(version: raw::Rdnf5Version) -> Self {
        Self {
            prime: version.prime,
            major: version.major,
            minor: version.minor,
            micro: version.micro,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}.{}", self.prime, self.major, self.minor, self.micro)
    }
}

/// The libdnf5 that this program was built with.
pub fn built_version() -> Version {
    // SAFETY: takes and returns plain numbers.
    Version::from_raw(unsafe { raw::rdnf5_version_built() })
}

/// The libdnf5 that is loaded.
pub fn running_version() -> Version {
    // SAFETY: takes and returns plain numbers.
    Version::from_raw(unsafe { raw::rdnf5_version_running() })
}

/// Whether this program can use that libdnf5. [`Base::new`](super::Base::new) asks it about the loaded one.
pub fn check_version(running: Version) -> Result<()> {
    let Version {
        prime,
        major,
        minor,
        micro,
    } = running;
    call!(rdnf5_version_check(raw::Rdnf5Version {
        prime,
        major,
        minor,
        micro
    }))
}
