//! A database of packages, open for reading.
#![allow(unsafe_code, reason = "asks librpm for the open database's cookie")]

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rpm_sys as raw;

use crate::c_string;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::header::Header;
use crate::match_iterator::MatchIterator;
use crate::transaction_set::{OpenMode, TransactionSet, VerifyFlags};

/// A database of packages, open for reading.
#[derive(Debug)]
pub struct Database<'e> {
    set: TransactionSet<'e>,
    directory: PathBuf,
    is_empty: bool,
}

/// Opens the database at `dbpath`, an absolute path, whatever the configuration says.
fn open(engine: &Engine, set: &mut TransactionSet<'_>, mode: OpenMode, (dbpath, shown): (&OsStr, &Path)) -> Result<()> {
    let dbpath_macro = engine.macros().push_global("_dbpath", dbpath)?;
    set.open_database(mode, shown)?;
    dbpath_macro.pop();
    Ok(())
}

/// Where an open directory is; librpm needs it absolute.
fn folder_path(folder: &File, given: &Path) -> PathBuf {
    std::fs::read_link(descriptor_path(folder.as_fd())).unwrap_or_else(|_| given.into())
}

/// A path that leads to an open directory whatever its real path is made of.
fn descriptor_path(directory: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()))
}

/// What to set `_dbpath` to for a folder: its path, or a way around it when rpm would misread that. rpm expands
/// macros in paths, more than once, and differently from version to version. The folder has to stay open as long.
pub fn dbpath_for(folder: BorrowedFd<'_>, real: &Path) -> OsString {
    let misread = |path: &OsStr| path.as_bytes().contains(&b'%');
    if misread(real.as_os_str()) {
        descriptor_path(folder).into()
    } else {
        real.into()
    }
}

impl<'e> Database<'e> {
    /// Opens the database in `directory`. Each header read from it passes librpm's digest check first.
    ///
    /// # Errors
    /// When there is no database that librpm can read.
    pub fn open(engine: &'e Engine, directory: &Path) -> Result<Self> {
        let folder = File::open(directory).map_err(Error::io("open", directory))?;
        let real = folder_path(&folder, directory);
        let dbpath = dbpath_for(folder.as_fd(), &real);
        Self::open_at(engine, &dbpath, directory, VerifyFlags::NO_SIGNATURES)
    }

    /// Opens the database at `dbpath`, which librpm expands as a macro (see [`dbpath_for`]), with librpm checking what `flags`
    /// leave. Messages call it `directory`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_at(engine: &'e Engine, dbpath: &OsStr, directory: &Path, flags: VerifyFlags) -> Result<Self> {
        let mut set = TransactionSet::new(engine)?;
        set.set_verify_flags(flags);
        open(engine, &mut set, OpenMode::Read, (dbpath, directory))?;
        Ok(Self {
            set,
            directory: directory.into(),
            is_empty: false,
        })
    }

    /// A database without packages, which messages call `directory`; nothing is opened.
    ///
    /// # Errors
    /// When librpm has no transaction set left.
    pub fn empty(engine: &'e Engine, directory: &Path) -> Result<Self> {
        Ok(Self {
            set: TransactionSet::new(engine)?,
            directory: directory.into(),
            is_empty: true,
        })
    }

    /// Lets librpm make the tables that a database at `dbpath` lacks, as it does whenever it opens one for writing.
    ///
    /// # Errors
    /// When it cannot be opened for writing.
    pub fn complete_tables(engine: &Engine, dbpath: &OsStr, directory: &Path) -> Result<()> {
        let mut set = TransactionSet::new(engine)?;
        open(engine, &mut set, OpenMode::Write, (dbpath, directory))
    }

    /// Whether it is the database without packages of [`empty`](Self::empty).
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The directory of the database, as it was given.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// All headers, in the order of their numbers. A damaged one is an error in its place.
    pub fn headers(&self) -> Result<MatchIterator<'_, 'e>> {
        if self.is_empty {
            Ok(MatchIterator::empty(&self.set))
        } else {
            MatchIterator::all(&self.set)
        }
    }

    /// The header with this number.
    pub fn header(&self, number: u32) -> Result<Option<Header<'e>>> {
        if self.is_empty {
            return Ok(None);
        }
        MatchIterator::by_number(&self.set, number)?.next().transpose()
    }

    /// The packages of this name.
    pub fn named(&self, name: &OsStr) -> Result<MatchIterator<'_, 'e>> {
        self.find(raw::RPMDBI_NAME, name)
    }

    /// The packages that list `name` among their Provides, in any version.
    pub fn providing(&self, name: &OsStr) -> Result<MatchIterator<'_, 'e>> {
        self.find(raw::RPMDBI_PROVIDENAME, name)
    }

    /// The packages whose file `path` is.
    pub fn owning(&self, path: &Path) -> Result<MatchIterator<'_, 'e>> {
        self.find(raw::RPMDBI_INSTFILENAMES, path.as_os_str())
    }

    fn find(&self, index: raw::rpmDbiTag_e, key: &OsStr) -> Result<MatchIterator<'_, 'e>> {
        let key = c_string::to_c(key.as_bytes(), "the name to look for")?;
        // librpm takes an empty key for "everything".
        if self.is_empty || key.is_empty() {
            return Ok(MatchIterator::empty(&self.set));
        }
        MatchIterator::by_key(&self.set, index, &key)
    }

    /// Reads every header and tells what is wrong with each: librpm's digest check fails, or there is no digest.
    ///
    /// The outer result is whether the packages can be read at all.
    pub fn verify_headers(&self) -> Result<Vec<Error>> {
        let mut problems = Vec::new();
        for header in self.headers()? {
            match header.and_then(|header| header.require_digest()) {
                Ok(()) => {}
                Err(problem) => problems.push(problem),
            }
        }
        Ok(problems)
    }

    /// librpm's checksum over names and numbers of all packages. It changes with each installation and removal.
    pub fn cookie(&self) -> Result<OsString> {
        if self.is_empty {
            return Ok(OsString::new());
        }
        let (cookie, log) = self.set.engine().capture(|| {
            // SAFETY: the set's database is open; librpm allocates the string for us.
            unsafe { c_string::take(raw::rpmdbCookie(raw::rpmtsGetRdb(self.set.as_raw()))) }
        });
        let action = || format!("cannot compute the cookie of the rpmdb in {}", self.directory.display());
        cookie.ok_or_else(|| Error::Rpm { action: action(), log })
    }
}
