//! A node's rpmdb, open for reading.

use std::ops::Deref;
use std::os::fd::AsFd;
use std::path::Path;

use librpm::{Engine, VerifyFlags, dbpath_for};
use nix::fcntl::AtFlags;
use nix::unistd::{AccessFlags, faccessat};

use crate::error::{Error, Result};
use crate::node_database::{Backend, NodeDatabase};
use crate::private_copy::PrivateCopy;
use crate::sqlite;

/// A node's rpmdb, open for reading. Nothing in the node is changed by it, not even a lock file is made.
#[derive(Debug)]
pub struct Database<'e> {
    // Declared in this order: the database is closed before the copy's files go away.
    database: librpm::Database<'e>,
    copy: Option<PrivateCopy>,
}

impl<'e> Deref for Database<'e> {
    type Target = librpm::Database<'e>;

    fn deref(&self) -> &Self::Target {
        &self.database
    }
}

impl Database<'_> {
    /// The folder that is really read: the node's own, or that of a private copy. `None` when there is no rpmdb.
    pub(crate) fn directory_read(&self) -> Option<&Path> {
        let own = (!self.database.is_empty()).then(|| self.database.directory());
        own.map(|own| self.copy.as_ref().map_or(own, PrivateCopy::path))
    }
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
        let directory = self.directory();
        let (Some(folder), Some(backend)) = (self.folder(), self.backend()) else {
            let database = librpm::Database::empty(engine, directory)?;
            return Ok(Database { database, copy: None });
        };
        if backend == Backend::BerkeleyDb {
            let action = format!(
                "cannot open the rpmdb in {}: it is in the Berkeley DB format; convert it with rpmdb --rebuilddb",
                directory.display()
            );
            return Err(Error::Rpm(librpm::Error::Rpm {
                action,
                log: Vec::new(),
            }));
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
            None => dbpath_for(folder.as_fd(), directory),
        };
        let database = librpm::Database::open_at(engine, &dbpath, directory, flags)?;
        Ok(Database { database, copy })
    }

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
        librpm::Database::complete_tables(engine, &dbpath, self.directory())?;
        Ok(())
    }
}
