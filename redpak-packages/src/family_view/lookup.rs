//! Finding packages through the indexes of a view. No header is read for that.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use super::FamilyView;
use super::cache::DATABASE;
use crate::error::Result;
use crate::sqlite::{open_read_only, view_error};

/// The indexes of a view.
#[derive(Debug)]
pub struct Lookup {
    path: PathBuf,
    connection: Connection,
}

impl FamilyView {
    /// Opens the view's indexes. They have to be read while the view exists.
    pub fn lookup(&self) -> Result<Lookup> {
        let path = self.directory().join(DATABASE);
        let connection = open_read_only(&path).map_err(view_error(&path))?;
        Ok(Lookup { path, connection })
    }
}

impl Lookup {
    /// The header numbers of the packages of these names.
    pub fn named<'n>(&self, names: impl IntoIterator<Item = &'n OsStr>) -> Result<BTreeSet<u32>> {
        let find = || -> rusqlite::Result<_> {
            let _snapshot = self.connection.unchecked_transaction()?;
            let mut statement = self.connection.prepare_cached("SELECT hnum FROM Name WHERE key = ?1")?;
            let mut numbers = BTreeSet::new();
            for name in names {
                numbers.extend(matching(&mut statement, name.as_bytes())?);
            }
            Ok(numbers)
        };
        find().map_err(view_error(&self.path))
    }

    /// The header numbers of the packages that have triggers of any kind.
    pub fn with_triggers(&self) -> Result<BTreeSet<u32>> {
        let query = "SELECT hnum FROM Triggername UNION SELECT hnum FROM Filetriggername \
                     UNION SELECT hnum FROM Transfiletriggername";
        let find = || -> rusqlite::Result<_> {
            let mut statement = self.connection.prepare_cached(query)?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        find().map_err(view_error(&self.path))
    }

    /// The header numbers of all packages that may own one of these files: they have files of its name, and files in its
    /// directory.
    pub fn may_own<'p>(&self, paths: impl IntoIterator<Item = &'p Path>) -> Result<BTreeSet<u32>> {
        let find = || -> rusqlite::Result<_> {
            // One transaction, or each question locks the file anew.
            let _snapshot = self.connection.unchecked_transaction()?;
            let by_directory = "SELECT DISTINCT hnum FROM Dirnames WHERE key = ?1";
            let mut by_directory = self.connection.prepare_cached(by_directory)?;
            let by_name = "SELECT hnum FROM Basenames WHERE key = ?1";
            let mut by_name = self.connection.prepare_cached(by_name)?;
            let mut directories: HashMap<&[u8], BTreeSet<u32>> = HashMap::new();
            let mut owners = BTreeSet::new();
            for path in paths {
                let (directory, name) = split(path);
                let there = match directories.entry(directory) {
                    std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::hash_map::Entry::Vacant(new) => {
                        new.insert(matching(&mut by_directory, directory)?.into_iter().collect())
                    }
                };
                if !there.is_empty() {
                    let named = matching(&mut by_name, name)?;
                    owners.extend(named.into_iter().filter(|number| there.contains(number)));
                }
            }
            Ok(owners)
        };
        find().map_err(view_error(&self.path))
    }
}

fn matching(statement: &mut CachedStatement<'_>, key: &[u8]) -> rusqlite::Result<Vec<u32>> {
    statement.query_map([Text(key)], |row| row.get(0))?.collect()
}

/// The directory of a path with its slash, and the rest, as headers have them.
fn split(path: &Path) -> (&[u8], &[u8]) {
    let path = path.as_os_str().as_bytes();
    let slash = path.iter().rposition(|byte| *byte == b'/');
    path.split_at(slash.map_or(0, |slash| slash + 1))
}

/// librpm gives sqlite its keys as texts, whatever bytes they are made of.
struct Text<'b>(&'b [u8]);

impl ToSql for Text<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::split;
    use std::path::Path;

    #[test]
    fn paths_are_split_as_in_headers() {
        for (path, directory, name) in [("/usr/bin/a", "/usr/bin/", "a"), ("/a", "/", "a"), ("a", "", "a")] {
            assert_eq!(split(Path::new(path)), (directory.as_bytes(), name.as_bytes()));
        }
    }
}
