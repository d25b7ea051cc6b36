//! Opening rpmdbs as what most of them are: sqlite databases.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::Error;

/// Opens a database that is only looked at.
pub(crate) fn open_read_only(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    harden(&connection)?;
    Ok(connection)
}

/// A database may come from somebody who wants to make sqlite run what its schema says, or stumble over bad pages.
pub(crate) fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

pub(crate) fn view_error(path: &Path) -> impl Fn(rusqlite::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::View {
        path: path.clone(),
        source,
    }
}

/// Whether an rpmdb lacks its table of headers, or has none in it. One that cannot be read at all is not called empty.
pub(crate) fn has_no_header(file: &Path) -> bool {
    let look = || -> rusqlite::Result<bool> {
        let connection = open_read_only(file)?;
        let query = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'Packages'";
        let tables: u32 = connection.query_row(query, [], |row| row.get(0))?;
        Ok(tables == 0 || connection.query_row("SELECT count(*) = 0 FROM Packages", [], |row| row.get(0))?)
    };
    look().unwrap_or(false)
}
