//! A node's rpmdb as something that sqlite can copy rows from.

use librpm::{Engine, OpenMode, TransactionSet, dbpath_for};
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::assembly::Schema;
use super::cache::DATABASE;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::node_database::{Backend, NodeDatabase};

/// A database file in this librpm's own layout, and how to get from its header numbers to the node's.
#[derive(Debug)]
pub(super) struct Source<'e> {
    pub(super) file: PathBuf,
    /// Pairs of a number in the file and the node's own number; `None` when they are the same.
    pub(super) numbers: Option<Vec<(u32, u32)>>,
    #[expect(dead_code, reason = "keeps the file: a private copy may be behind it")]
    database: Database<'e>,
    #[expect(dead_code, reason = "keeps the file of an imported database")]
    imported: Option<TempDir>,
}

impl<'e> Source<'e> {
    /// `None` for a node without an rpmdb.
    pub(super) fn open(engine: &'e Engine, node: &NodeDatabase, schema: &Schema) -> Result<Option<Self>> {
        let database = node.open(engine)?;
        let Some(directory) = database.directory_read() else {
            return Ok(None);
        };
        let file = directory.join(DATABASE);
        if node.backend() == Some(Backend::Sqlite) && schema.is_that_of(&file)? {
            return Ok(Some(Self {
                file,
                numbers: None,
                database,
                imported: None,
            }));
        }
        let imported =
            TempDir::with_prefix("redpak-import-").map_err(Error::io("make a directory in", std::env::temp_dir()))?;
        let numbers = import(engine, &database, imported.path())?;
        let file = imported.path().join(DATABASE);
        Ok(Some(Self {
            file,
            numbers: Some(numbers),
            database,
            imported: Some(imported),
        }))
    }
}

/// Makes a new, empty rpmdb in this librpm's layout.
pub(super) fn create(engine: &Engine, directory: &Path) -> Result<()> {
    import_all(engine, directory, |_| Ok(()))
}

/// Adds all packages of `database` to a new rpmdb, and tells which number became which.
fn import(engine: &Engine, database: &Database<'_>, directory: &Path) -> Result<Vec<(u32, u32)>> {
    let mut numbers = Vec::new();
    import_all(engine, directory, |set| {
        let mut transaction = set.begin()?;
        for header in database.headers()? {
            let header = header?;
            let own = header.number_in_database();
            // Importing gives the header its new number.
            numbers.push((transaction.import(&header)?, own));
        }
        Ok(())
    })?;
    Ok(numbers)
}

/// Opens a new sqlite rpmdb for writing, has `fill` fill it, and closes it.
fn import_all(
    engine: &Engine,
    directory: &Path,
    fill: impl FnOnce(&mut TransactionSet<'_>) -> Result<()>,
) -> Result<()> {
    let macros = engine.macros();
    let folder = File::open(directory).map_err(Error::io("open", directory))?;
    let dbpath = PathBuf::from(dbpath_for(folder.as_fd(), directory));
    let _dbpath = macros.push_global("_dbpath", &dbpath)?;
    let _backend = macros.push_global("_db_backend", "sqlite")?;
    let _lock = macros.push_global("_rpmlock_path", dbpath.join(".rpm.lock"))?;
    let mut set = TransactionSet::new(engine)?;
    set.open_database(OpenMode::Create, directory)?;
    fill(&mut set)?;
    Ok(set.close_database(directory)?)
}
