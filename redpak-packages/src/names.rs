//! The names in the indexes of a node's rpmdb, read without any header.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use redpak::transaction::touch::NameIndex;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::node_database::{Backend, NodeDatabase};
use crate::private_copy::PrivateCopy;
use crate::sqlite::open_read_only;

impl NodeDatabase {
    /// Whether any name in `indexes` is wanted. A node without an rpmdb has none.
    ///
    /// `None` where that cannot be told without the headers: the rpmdb is in another format, has other tables, or is damaged.
    pub fn any_name(&self, indexes: &[NameIndex], wanted: &dyn Fn(NameIndex, &OsStr) -> bool) -> Option<bool> {
        match self.backend() {
            None => Some(false),
            Some(Backend::Sqlite) => self.any_name_in_sqlite(indexes, wanted),
            Some(Backend::Ndb | Backend::BerkeleyDb) => None,
        }
    }

    fn any_name_in_sqlite(&self, indexes: &[NameIndex], wanted: &dyn Fn(NameIndex, &OsStr) -> bool) -> Option<bool> {
        let copy = if self.can_be_read_in_place() {
            None
        } else {
            Some(PrivateCopy::make(self).ok()?)
        };
        let directory = copy.as_ref().map_or(self.directory(), PrivateCopy::path);
        let connection = open_read_only(&directory.join(Backend::Sqlite.main_file())).ok()?;
        for index in indexes {
            if any(&connection, *index, wanted).ok()? {
                return Some(true);
            }
        }
        Some(false)
    }
}

fn any(
    connection: &Connection,
    index: NameIndex,
    wanted: &dyn Fn(NameIndex, &OsStr) -> bool,
) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare(&format!("SELECT key FROM {}", table(index)))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (ValueRef::Text(name) | ValueRef::Blob(name)) = row.get_ref(0)? else {
            continue;
        };
        if wanted(index, OsStr::from_bytes(name)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// librpm's table for an index.
fn table(index: NameIndex) -> &'static str {
    match index {
        NameIndex::Requires => "Requirename",
        NameIndex::Conflicts => "Conflictname",
        NameIndex::Obsoletes => "Obsoletename",
        NameIndex::Provides => "Providename",
        NameIndex::BaseNames => "Basenames",
    }
}
