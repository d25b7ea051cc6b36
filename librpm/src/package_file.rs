//! A package file: what it says, and whether it is whole and genuine.
#![allow(unsafe_code, reason = "reads package files through librpm")]

use std::ffi::CString;
use std::fmt;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rpm_sys as raw;

use crate::c_string;
use crate::engine::{Engine, errors_first};
use crate::error::{Error, Result, because};
use crate::header::Header;
use crate::keyring::Keyring;
use crate::log::LogRecord;
use crate::signature::SignatureState;
use crate::transaction_set::{TransactionSet, VerifyFlags};

mod archive;
mod descriptor;
mod layout;
mod verify;

use descriptor::Descriptor;

/// What is checked when a package file is opened.
#[derive(Debug, Clone, Copy)]
pub enum Verification<'k, 'e> {
    /// The digests of the header.
    Digests,
    /// The digests of the header, and the signatures over it with these keys.
    Signatures(&'k Keyring<'e>),
}

/// Why a package file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackageFileProblem {
    /// It does not begin as package files do.
    NotAPackage,
    /// It ends too early; this is the part that it ends in.
    Truncated(&'static str),
    /// The header is damaged, or a digest or signature over it is wrong.
    Header(Vec<LogRecord>),
    /// A digest or signature over the payload is wrong.
    Payload(Vec<LogRecord>),
    /// The payload cannot be read to its end.
    Archive(String),
}

impl fmt::Display for PackageFileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPackage => f.write_str("not an rpm package"),
            Self::Truncated(part) => write!(f, "the package is truncated: it ends within its {part}"),
            Self::Header(log) => write!(f, "the package's header does not pass the checks{}", because(log)),
            Self::Payload(log) => write!(f, "the package does not pass the checks{}", because(log)),
            Self::Archive(reason) => write!(f, "the package's payload cannot be read: {reason}"),
        }
    }
}

/// A package file that was opened, with its header.
#[derive(Debug)]
pub struct PackageFile<'e> {
    engine: &'e Engine,
    path: PathBuf,
    /// The path as librpm puts it into messages.
    c_path: CString,
    file: File,
    header: Header<'e>,
    signature: SignatureState,
}

impl<'e> PackageFile<'e> {
    /// Opens a package file and reads its header, which has to pass the checks asked for.
    pub fn open(engine: &'e Engine, path: &Path, verification: Verification<'_, '_>) -> Result<Self> {
        let c_path = c_string::to_c(path.as_os_str().as_bytes(), "the package's path")?;
        // Without waiting should it be a pipe.
        let mut options = File::options();
        let file = options
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)
            .map_err(Error::io("open", path))?;
        layout::check(&file).map_err(|failure| failure.at(path))?;
        let mut set = TransactionSet::new(engine)?;
        match verification {
            Verification::Digests => set.set_verify_flags(VerifyFlags::NO_SIGNATURES),
            Verification::Signatures(keyring) => set.set_keyring(keyring),
        }
        let (header, state) = read_header(engine, &set, &file, path, &c_path)?;
        let signature = match verification {
            Verification::Digests => SignatureState::NotChecked,
            Verification::Signatures(_) => state,
        };
        Ok(Self {
            engine,
            path: path.into(),
            c_path,
            file,
            header,
            signature,
        })
    }

    /// The file's path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The header, as it would come to stand in an rpmdb.
    pub fn header(&self) -> &Header<'e> {
        &self.header
    }

    /// What is known about the signatures.
    pub fn signature(&self) -> SignatureState {
        self.signature
    }

    fn problem(&self, problem: PackageFileProblem) -> Error {
        Error::PackageFile {
            path: self.path.clone(),
            problem,
        }
    }
}

/// Reads the header from the beginning of `file`; librpm leaves it standing at the payload.
fn read_header<'e>(
    engine: &'e Engine,
    set: &TransactionSet<'e>,
    file: &File,
    path: &Path,
    c_path: &CString,
) -> Result<(Header<'e>, SignatureState)> {
    let descriptor = Descriptor::rewound(file).map_err(Error::io("read", path))?;
    let mut header = std::ptr::null_mut();
    let (status, log) = engine.capture(|| {
        // SAFETY: set, descriptor and path are valid; the header comes back as a reference of ours or null.
        unsafe { raw::rpmReadPackageFile(set.as_raw(), descriptor.as_raw(), c_path.as_ptr(), &raw mut header) }
    });
    // SAFETY: as above.
    let header = unsafe { Header::adopt(header) };
    let state = header.as_ref().and_then(|header| SignatureState::of(status, header));
    header.zip(state).ok_or_else(|| header_problem(path, log))
}

fn header_problem(path: &Path, log: Vec<LogRecord>) -> Error {
    Error::PackageFile {
        path: path.into(),
        problem: PackageFileProblem::Header(errors_first(log)),
    }
}
