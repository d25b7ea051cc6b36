//! A transaction set (`rpmts`): the handle through which librpm opens a database and checks dependencies.
#![allow(unsafe_code, reason = "owns an rpmts")]

use std::ops::BitOr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use rpm_sys as raw;
use tempfile::TempDir;

use crate::c_string;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::header::Header;
use crate::keyring::Keyring;
use crate::problem::{self, Problem};
use crate::transaction_handle::TransactionHandle;

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading.
    Read,
    /// Reading and writing; what it lacks of its tables is made.
    Write,
    /// Like [`Write`](Self::Write); a database that is not there is made.
    Create,
}

impl OpenMode {
    /// As open(2) has it.
    fn flags(self) -> libc::c_int {
        match self {
            Self::Read => libc::O_RDONLY,
            Self::Write => libc::O_RDWR,
            Self::Create => libc::O_RDWR | libc::O_CREAT,
        }
    }
}

/// What librpm leaves unchecked when it reads headers and packages (`RPMVSF_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyFlags(raw::rpmVSFlags);

impl VerifyFlags {
    /// Check everything that is there.
    pub const ALL: Self = Self(raw::RPMVSF_DEFAULT);
    /// Check digests, not signatures; no keyring is loaded then.
    pub const NO_SIGNATURES: Self = Self(raw::RPM_SYS_VSF_NOSIGNATURES);
    /// Check signatures, not digests.
    pub const NO_DIGESTS: Self = Self(raw::RPM_SYS_VSF_NODIGESTS);
    /// Do not check headers as they come out of a database.
    pub const NO_HEADER_CHECK: Self = Self(raw::RPMVSF_NOHDRCHK);
}

impl BitOr for VerifyFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A transaction set.
#[derive(Debug)]
pub struct TransactionSet<'e> {
    engine: &'e Engine,
    raw: NonNull<raw::rpmts_s>,
    /// The files of an empty database; removed after the set has closed it.
    scratch: Option<TempDir>,
}

impl<'e> TransactionSet<'e> {
    /// A transaction set on the root `/`.
    pub fn new(engine: &'e Engine) -> Result<Self> {
        // SAFETY: the engine exists, so librpm is configured.
        let (raw, log) = engine.capture(|| unsafe { raw::rpmtsCreate() });
        let raw = NonNull::new(raw).ok_or_else(|| Error::Rpm {
            action: "cannot create a transaction set".into(),
            log,
        })?;
        // These sets check and read, they never install. Plugins would be loaded all the same, and rpm's fapolicyd
        // one crashes on a package without a file behind it.
        // SAFETY: the set is valid.
        unsafe { raw::rpmtsSetFlags(raw.as_ptr(), raw::RPMTRANS_FLAG_NOPLUGINS as raw::rpmtransFlags) };
        Ok(Self {
            engine,
            raw,
            scratch: None,
        })
    }

    pub(crate) fn engine(&self) -> &'e Engine {
        self.engine
    }

    pub(crate) fn as_raw(&self) -> raw::rpmts {
        self.raw.as_ptr()
    }

    /// Sets the root below which librpm looks for the database.
    pub fn set_root(&mut self, root: &Path) -> Result<()> {
        let c_root = c_string::to_c(root.as_os_str().as_bytes(), "the root directory")?;
        self.engine.require(
            || format!("cannot use {} as the root of a transaction", root.display()),
            // SAFETY: the set is valid; librpm copies the string.
            || unsafe { raw::rpmtsSetRootDir(self.as_raw(), c_root.as_ptr()) } == 0,
        )
    }

    /// Sets what is left unchecked when headers and packages are read.
    pub fn set_verify_flags(&mut self, flags: VerifyFlags) {
        // SAFETY: the set is valid.
        unsafe { raw::rpmtsSetVSFlags(self.as_raw(), flags.0) };
    }

    /// Sets what [`PackageFile::verify`](crate::PackageFile) leaves unchecked, and demands nothing beyond what is there.
    pub(crate) fn set_package_verification(&mut self, flags: VerifyFlags) {
        // SAFETY: the set is valid.
        unsafe {
            raw::rpmtsSetVfyFlags(self.as_raw(), flags.0);
            raw::rpmtsSetVfyLevel(self.as_raw(), 0);
        }
    }

    /// Uses these keys instead of the ones that librpm's configuration points to.
    pub fn set_keyring(&mut self, keyring: &Keyring<'_>) {
        // SAFETY: both are valid; librpm takes its own reference.
        unsafe { raw::rpmtsSetKeyring(self.as_raw(), keyring.as_raw()) };
    }

    /// Opens a new database without packages, so that only what is added counts in checks.
    ///
    /// librpm 6.1 has a number for "no database", with which rpmtsCheck crashes.
    pub fn use_empty_database(&mut self) -> Result<()> {
        let directory =
            TempDir::with_prefix("librpm-empty-").map_err(Error::io("make a directory in", std::env::temp_dir()))?;
        let dbpath = self.engine.macros().push_global("_dbpath", directory.path())?;
        self.set_root(Path::new("/"))?;
        self.open_database(OpenMode::Create, directory.path())?;
        dbpath.pop();
        self.scratch = Some(directory);
        Ok(())
    }

    /// Opens the database where `_dbpath` says, below the root. Messages call it `place`.
    ///
    /// # Errors
    /// When librpm cannot open it.
    pub fn open_database(&mut self, mode: OpenMode, place: &Path) -> Result<()> {
        self.engine.require(
            || format!("cannot open the rpmdb in {}", place.display()),
            // SAFETY: the set is valid.
            || unsafe { raw::rpmtsOpenDB(self.as_raw(), mode.flags()) } == 0,
        )
    }

    /// Closes the database, so that nothing is left in its write-ahead log. Messages call it `place`.
    ///
    /// # Errors
    /// When librpm says that it could not.
    pub fn close_database(&mut self, place: &Path) -> Result<()> {
        self.engine.require(
            || format!("cannot close the rpmdb in {}", place.display()),
            // SAFETY: the set is valid; closing a closed database does nothing.
            || unsafe { raw::rpmtsCloseDB(self.as_raw()) } == 0,
        )
    }

    /// Takes rpm's transaction lock for writing.
    pub fn begin(&mut self) -> Result<TransactionHandle<'_, 'e>> {
        TransactionHandle::begin(self)
    }

    /// Adds a package as one to be installed, for [`check`](Self::check).
    pub fn add_install(&mut self, header: &Header<'_>) -> Result<()> {
        self.engine.require(
            || format!("cannot add {} to a transaction", header.nevra().display()),
            || {
                // SAFETY: set and header are valid; librpm takes its own reference. No key, since nothing is unpacked.
                let status = unsafe {
                    raw::rpmtsAddInstallElement(
                        self.as_raw(),
                        header.as_raw(),
                        std::ptr::null(),
                        0,
                        std::ptr::null_mut(),
                    )
                };
                status == 0
            },
        )
    }

    /// Adds an installed package as one to be removed, for [`check`](Self::check).
    pub fn add_erase(&mut self, header: &Header<'_>) -> Result<()> {
        self.engine.require(
            || {
                format!(
                    "cannot add the removal of {} to a transaction",
                    header.nevra().display()
                )
            },
            // SAFETY: set and header are valid; librpm takes its own reference. The offset is unused by librpm.
            || unsafe { raw::rpmtsAddEraseElement(self.as_raw(), header.as_raw(), -1) } == 0,
        )
    }

    /// librpm's own check of the dependencies of everything added, against each other and the database: requirements
    /// and conflicts, rich ones too.
    ///
    /// Obsoletes among the added packages are not found: adding a package makes librpm drop what it obsoletes.
    pub fn check(&mut self) -> Result<Vec<Problem>> {
        self.engine.require(
            || "cannot check the dependencies".into(),
            // SAFETY: the set is valid.
            || unsafe { raw::rpmtsCheck(self.as_raw()) } == 0,
        )?;
        // SAFETY: the set is valid; the problems are a reference of ours, freed by `collect`.
        let problems = unsafe { problem::collect(raw::rpmtsProblems(self.as_raw())) };
        // SAFETY: the set is valid.
        unsafe { raw::rpmtsCleanProblems(self.as_raw()) };
        Ok(problems)
    }
}

impl Drop for TransactionSet<'_> {
    fn drop(&mut self) {
        // Freeing closes the database, which may log.
        self.engine.capture(|| {
            // SAFETY: gives back the reference that `new` got.
            unsafe { raw::rpmtsFree(self.as_raw()) };
        });
    }
}
