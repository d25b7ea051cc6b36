//! A node's rpmdb, open for reading.
#![allow(unsafe_code, reason = "asks librpm for the open database's cookie")]

use std::ffi::{OsStr, OsString};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::fcntl::AtFlags;
use nix::unistd::{AccessFlags, faccessat};
use rpm_sys as raw;

use crate::c_string;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::header::Header;
use crate::match_iterator::MatchIterator;
use crate::node_database::{Backend, NodeDatabase, dbpath_for};
use crate::private_copy::PrivateCopy;
use crate::sqlite;
use crate::transaction_set::{TransactionSet, VerifyFlags};

/// A node's rpmdb, open for reading. Nothing in the node is changed by it, not even a lock file is made.
#[derive(Debug)]
pub struct Database<'e> {
    // Declared in this order: the set closes the database before the copy's files go away.
    set: TransactionSet<'e>,
    copy: Option<PrivateCopy>,
    directory: PathBuf,
    is_empty: bool,
}

impl NodeDatabase {
    /// Opens the rpmdb for reading. Each header read from it passes librpm's digest check first.
    ///
    /// A database on a read-only file system, or one that another user can change, is copied first and the copy read.
    /// A node without an rpmdb gives a database without packages.
    pub fn open<'e>(&self, engine: &'e Engine) -> Result<Database<'e>> {
        self.open_with(engine, VerifyFlags::NO_SIGNATURES)
    }

    /// Like [`open`](Self::open), with librpm checking what `flags` leave.
    pub fn open_with<'e>(&self, engine: &'e Engine, flags: VerifyFlags) -> Result<Database<'e>> {
        let mut set = TransactionSet::new(engine)?;
        set.set_verify_flags(flags);
        let directory = self.directory().to_owned();
        let (Some(folder), Some(backend)) = (self.folder(), self.backend()) else {
            return Ok(Database {
                set,
                copy: None,
                directory,
                is_empty: true,
            });
        };
        if backend == Backend::BerkeleyDb {
            let action = format!(
                "cannot open the rpmdb in {}: it is in the Berkeley DB format; convert it with rpmdb --rebuilddb",
                directory.display()
            );
            return Err(Error::Rpm {
                action,
                log: Vec::new(),
            });
        }
        let main = backend.main_file();
        faccessat(folder, main, AccessFlags::R_OK, AtFlags::AT_EACCESS)
            .map_err(Error::errno("read", directory.join(main)))?;
        let copy = if self.can_be_read_in_place() {
            None
        } else {
            Some(PrivateCopy::make(self)?)
        };
        let dbpath = match &copy {
            Some(copy) => copy.path().into(),
            None => dbpath_for(folder.as_fd(), &directory),
        };
        open(engine, &mut set, libc::O_RDONLY, (&dbpath, &directory))?;
        Ok(Database {
            set,
            copy,
            directory,
            is_empty: false,
        })
    }
}

impl NodeDatabase {
    /// Whether librpm was interrupted while it made the tables of a new rpmdb: it cannot be read, and has no header.
    pub fn is_half_made(&self, engine: &Engine) -> bool {
        self.backend() == Some(Backend::Sqlite) && self.open(engine).is_err() && self.has_no_header()
    }

    /// sqlite reads a copy where it may not write beside the database, as librpm does.
    fn has_no_header(&self) -> bool {
        let main = Backend::Sqlite.main_file();
        if self.can_be_read_in_place() {
            return sqlite::has_no_header(&self.directory().join(main));
        }
        PrivateCopy::make(self).is_ok_and(|copy| sqlite::has_no_header(&copy.path().join(main)))
    }

    /// Lets librpm make the rest of them: other programs cannot read the rpmdb without.
    pub fn complete_tables(&self, engine: &Engine) -> Result<()> {
        let Some(folder) = self.folder().filter(|_| self.is_half_made(engine)) else {
            return Ok(());
        };
        let dbpath = dbpath_for(folder, self.directory());
        let mut set = TransactionSet::new(engine)?;
        open(engine, &mut set, libc::O_RDWR, (&dbpath, self.directory()))
    }
}

/// Opens the database at `dbpath`, an absolute path, whatever the configuration says.
fn open(
    engine: &Engine,
    set: &mut TransactionSet<'_>,
    mode: libc::c_int,
    (dbpath, shown): (&OsStr, &Path),
) -> Result<()> {
    let dbpath_macro = engine.macros().push_global("_dbpath", dbpath)?;
    set.open_database(mode, shown)?;
    dbpath_macro.pop();
    Ok(())
}

impl<'e> Database<'e> {
    /// The folder of the rpmdb in the node.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The folder that is really read: the node's own, or that of a private copy. `None` when there is no rpmdb.
    pub(crate) fn directory_read(&self) -> Option<&Path> {
        if self.is_empty {
            return None;
        }
        Some(self.copy.as_ref().map_or(&self.directory, PrivateCopy::path))
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
            match header.and_then(|header| require_digest(&header)) {
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

/// A header without any digest passes librpm's check, as there is nothing to check. Taking the digests out is what
/// somebody would do who changed it. Imported keys have never had one.
pub(crate) fn require_digest(header: &Header<'_>) -> Result<()> {
    let digest = header.digest().map_err(|source| Error::Tag {
        package: header.nevra().to_string_lossy().into(),
        source,
    })?;
    if digest.is_none() && !header.is_public_key() {
        return Err(Error::NoDigest {
            header_number: header.number_in_database(),
        });
    }
    Ok(())
}
