//! Assembles bases and views by copying rows between sqlite files.

use librpm::Engine;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{Connection, params};

use super::cache::DATABASE;
use super::numbering::Numbering;
use super::source::{self, Source};
use crate::error::{Error, Result};
use crate::node_database::NodeDatabase;
use crate::sqlite::{harden, open_read_only, view_error};

/// rpm's table of headers. All others are indexes into it.
const HEADERS: &str = "Packages";

/// Makes a database with the packages of all ancestors in `directory`.
pub(super) fn base(engine: &Engine, ancestors: &[NodeDatabase], directory: &Path) -> Result<Numbering> {
    source::create(engine, directory)?;
    let file = directory.join(DATABASE);
    let target = Target::open(&file)?;
    let mut numbering = Numbering::default();
    target.without_indexes(|target| {
        for (index, ancestor) in ancestors.iter().enumerate() {
            let Some(source) = Source::open(engine, ancestor, &target.schema)? else {
                continue;
            };
            // Node 0 is the leaf.
            target.append(&source, |highest| numbering.add_ancestor(index + 1, highest))?;
        }
        Ok(())
    })?;
    target.close()?;
    Ok(numbering)
}

/// Copies the base into `directory` and adds the leaf's packages.
pub(super) fn add_leaf(
    engine: &Engine,
    base: &Path,
    ancestors: &Numbering,
    leaf: &NodeDatabase,
    directory: &Path,
) -> Result<Numbering> {
    let (from, to) = (base.join(DATABASE), directory.join(DATABASE));
    std::fs::copy(&from, &to).map_err(Error::io("copy", &from))?;
    let mut numbering = ancestors.clone();
    let target = Target::open(&to)?;
    if let Some(source) = Source::open(engine, leaf, &target.schema)? {
        target.append(&source, |highest| numbering.add_leaf(highest).then_some(0))?;
    }
    target.close()?;
    Ok(numbering)
}

/// Takes packages out of the database in `directory`.
pub(super) fn remove(directory: &Path, header_numbers: &[u32]) -> Result<()> {
    let file = directory.join(DATABASE);
    let target = Target::open(&file)?;
    let tables = target.schema.indexes.iter().map(String::as_str).chain([HEADERS]);
    for table in tables {
        let sql = format!("DELETE FROM {} WHERE hnum = ?1", quoted(table));
        let mut delete = target.connection.prepare(&sql).map_err(view_error(&file))?;
        for number in header_numbers {
            delete.execute(params![number]).map_err(view_error(&file))?;
        }
    }
    target.close()
}

/// The names of rpm's index tables, as this librpm makes them.
#[derive(Debug)]
pub(super) struct Schema {
    indexes: Vec<String>,
}

impl Schema {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut tables = tables(connection)?;
        tables.retain(|table| table != HEADERS);
        Ok(Self { indexes: tables })
    }

    /// Whether the database in `file` has the same tables with the same columns, and they are plain tables.
    pub(super) fn is_that_of(&self, file: &Path) -> Result<bool> {
        let failed = view_error(file);
        let connection = open_read_only(file).map_err(&failed)?;
        let tables = tables(&connection).map_err(&failed)?;
        let has = |table: &str, columns| -> rusqlite::Result<bool> {
            Ok(tables.iter().any(|name| name == table) && self::columns(&connection, table)? == columns)
        };
        if !has(HEADERS, "hnum,blob").map_err(&failed)? {
            return Ok(false);
        }
        for index in &self.indexes {
            if !has(index, "key,hnum,idx").map_err(&failed)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Names of the ordinary tables; views and virtual tables are not among them, nor sqlite's own.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                 AND sql LIKE 'CREATE TABLE%' ORDER BY name";
    connection.prepare(query)?.query_map([], |row| row.get(0))?.collect()
}

/// The columns of a table with commas between them; hidden and generated ones count too.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<String> {
    let query = "SELECT coalesce(group_concat(name, ','), '') FROM pragma_table_xinfo(?1)";
    connection.query_row(query, [table], |row| row.get(0))
}

/// The database that is being assembled.
struct Target<'p> {
    path: &'p Path,
    connection: Connection,
    schema: Schema,
}

impl<'p> Target<'p> {
    fn open(path: &'p Path) -> Result<Self> {
        let open = || {
            let connection = Connection::open(path)?;
            // Not a write-ahead log: a database without one is read without files beside it, on read-only mounts too.
            // Neither a journal nor syncing while it is assembled: an unfinished one is never used.
            connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
            connection.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", "OFF")?;
            harden(&connection)?;
            let schema = Schema::read(&connection)?;
            Ok((connection, schema))
        };
        let (connection, schema) = open().map_err(view_error(path))?;
        Ok(Self {
            path,
            connection,
            schema,
        })
    }

    /// Runs `fill` without sqlite's indexes, which are quicker made once at the end.
    fn without_indexes(&self, fill: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        let indexes = self.drop_indexes().map_err(view_error(self.path))?;
        fill(self)?;
        indexes
            .iter()
            .try_for_each(|sql| self.connection.execute_batch(sql))
            .map_err(view_error(self.path))
    }

    /// Drops sqlite's indexes and returns the statements that make them again.
    fn drop_indexes(&self) -> rusqlite::Result<Vec<String>> {
        let query = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
        let indexes: Vec<(String, String)> = self
            .connection
            .prepare(query)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (name, _) in &indexes {
            self.connection.execute_batch(&format!("DROP INDEX {}", quoted(name)))?;
        }
        Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
    }

    /// Copies all rows of `source`. `reserve` is told the node's highest header number and tells by how much its
    /// numbers are shifted.
    fn append(&self, source: &Source<'_>, reserve: impl FnOnce(u32) -> Option<u32>) -> Result<()> {
        let failed = view_error(&source.file);
        self.attach(source).map_err(&failed)?;
        let highest = self.highest_number(source).map_err(&failed)?;
        let shift = u32::try_from(highest).ok().and_then(reserve);
        let Some(shift) = shift else {
            let reason =
                format!("its header numbers go up to {highest}, which is too high; rpmdb --rebuilddb renumbers");
            return Err(Error::ViewSource {
                path: source.file.clone(),
                reason,
            });
        };
        self.copy_rows(source, shift)
            .and_then(|()| self.detach())
            .map_err(failed)
    }

    fn attach(&self, source: &Source<'_>) -> rusqlite::Result<()> {
        self.connection
            .execute("ATTACH ?1 AS source", [read_only_uri(&source.file)])?;
        self.connection
            .execute_batch("CREATE TEMP TABLE numbers (imported INTEGER PRIMARY KEY, own INTEGER)")?;
        let mut insert = self.connection.prepare("INSERT INTO temp.numbers VALUES (?1, ?2)")?;
        for (imported, own) in source.numbers.iter().flatten() {
            insert.execute(params![imported, own])?;
        }
        Ok(())
    }

    fn detach(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("DROP TABLE temp.numbers; DETACH source")
    }

    fn highest_number(&self, source: &Source<'_>) -> rusqlite::Result<i64> {
        let query = match source.numbers {
            None => "SELECT coalesce(max(hnum), 0) FROM source.Packages",
            Some(_) => "SELECT coalesce(max(own), 0) FROM temp.numbers",
        };
        self.connection.query_row(query, [], |row| row.get(0))
    }

    fn copy_rows(&self, source: &Source<'_>, shift: u32) -> rusqlite::Result<()> {
        let (number, join) = match source.numbers {
            None => ("s.hnum", ""),
            Some(_) => ("n.own", "JOIN temp.numbers AS n ON n.imported = s.hnum"),
        };
        // All or nothing, and one write of the pages that several tables touch.
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute(
            &format!("INSERT INTO main.Packages SELECT {number} + ?1, s.blob FROM source.Packages AS s {join}"),
            [shift],
        )?;
        for index in &self.schema.indexes {
            let index = quoted(index);
            transaction.execute(
                &format!("INSERT INTO main.{index} SELECT s.key, {number} + ?1, s.idx FROM source.{index} AS s {join}"),
                [shift],
            )?;
        }
        transaction.commit()
    }

    fn close(self) -> Result<()> {
        self.connection
            .close()
            .map_err(|(_, error)| view_error(self.path)(error))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The file as a URI that sqlite opens for reading only. Any byte may be in a path.
fn read_only_uri(file: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in file.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            // Writing to a string cannot fail.
            _ => _ = write!(uri, "%{byte:02x}"),
        }
    }
    uri + "?mode=ro"
}

#[cfg(test)]
mod tests {
    use super::read_only_uri;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn any_path_becomes_a_uri() {
        let path = Path::new(OsStr::from_bytes(b"/a b/%41?x#\xff/rpmdb.sqlite"));
        assert_eq!(read_only_uri(path), "file:/a%20b/%2541%3fx%23%ff/rpmdb.sqlite?mode=ro");
    }
}
