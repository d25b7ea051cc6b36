//! The nodes below a directory.

use std::fs::{DirEntry, ReadDir};
use std::path::{Path, PathBuf};

use redpak::node::files;

use crate::dir::PathError;

/// Deepest directory looked into: a path may have 4,096 bytes, nobody nests families a tenth as deep.
pub const MAX_DEPTH: usize = 128;
/// Most entries looked at; a full desktop installation has half a million.
pub const MAX_ENTRIES: usize = 10_000_000;

/// What lies below a directory.
#[derive(Debug, Default)]
pub struct Descendants {
    /// Nodes, parents before their children, siblings sorted by name.
    pub nodes: Vec<PathBuf>,
    /// Directories that could not be looked into: nodes in them stay unknown.
    pub unreadable: Vec<PathError>,
}

/// Finds the nodes below a directory, itself not counted. Symlinks are not followed.
///
/// # Errors
/// When the directory itself cannot be read, or holds more than [`MAX_ENTRIES`].
pub fn descendants(path: &Path) -> Result<Descendants, PathError> {
    descendants_outside(path, &[])
}

/// The same without looking into some of the directories.
///
/// # Errors
/// As [`descendants`].
pub fn descendants_outside(path: &Path, passed_by: &[PathBuf]) -> Result<Descendants, PathError> {
    let mut walk = Walk {
        found: Descendants::default(),
        passed_by,
        entries: 0,
        limit: MAX_ENTRIES,
    };
    let entries = std::fs::read_dir(path).map_err(|error| PathError::new("look into", path, error))?;
    walk.directory(path, entries, 0)?;
    walk.found.nodes.sort();
    Ok(walk.found)
}

struct Walk<'w> {
    found: Descendants,
    passed_by: &'w [PathBuf],
    entries: usize,
    limit: usize,
}

impl Walk<'_> {
    fn directory(&mut self, path: &Path, entries: ReadDir, depth: usize) -> Result<(), PathError> {
        let mut below = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(path, &entry, depth, &mut below)?,
                Err(error) => {
                    self.found.unreadable.push(PathError::new("look into", path, error));
                    break;
                }
            }
        }
        // The open directory is closed before its subdirectories are opened: depth costs no descriptors.
        below.into_iter().try_for_each(|path| self.descend(&path, depth + 1))
    }

    fn entry(
        &mut self,
        path: &Path,
        entry: &DirEntry,
        depth: usize,
        below: &mut Vec<PathBuf>,
    ) -> Result<(), PathError> {
        self.entries += 1;
        if self.entries > self.limit {
            let reason = format!("it holds more than {} entries", self.limit);
            return Err(PathError::new(
                "look for nodes below",
                path,
                std::io::Error::other(reason),
            ));
        }
        if depth > 0 && entry.file_name() == files::STATUS {
            self.found.nodes.push(path.to_path_buf());
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below.extend(Some(entry.path()).filter(|path| !self.passed_by.contains(path)));
        }
        Ok(())
    }

    fn descend(&mut self, path: &Path, depth: usize) -> Result<(), PathError> {
        let opened = if depth > MAX_DEPTH {
            Err(std::io::Error::other(format!("it lies deeper than {MAX_DEPTH} levels")))
        } else {
            std::fs::read_dir(path)
        };
        match opened {
            Ok(entries) => self.directory(path, entries, depth),
            // Somebody removed it meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => {
                self.found.unreadable.push(PathError::new("look into", path, error));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(path: &Path) {
        std::fs::create_dir_all(path).unwrap();
        std::fs::write(path.join(files::STATUS), "").unwrap();
    }

    #[test]
    fn nodes_below_are_found_through_plain_directories_and_not_through_symlinks() {
        let temporary = tempfile::tempdir().unwrap();
        let pool = temporary.path().join("pool");
        let elsewhere = temporary.path().join("elsewhere");
        for path in [
            &pool,
            &pool.join("a"),
            &pool.join("a/apps/x"),
            &pool.join("b"),
            &elsewhere,
        ] {
            node(path);
        }
        std::os::unix::fs::symlink(&elsewhere, pool.join("link")).unwrap();
        std::os::unix::fs::symlink(&pool, pool.join("a/loop")).unwrap();
        let found = descendants(&pool).unwrap();
        assert_eq!(found.nodes, [pool.join("a"), pool.join("a/apps/x"), pool.join("b")]);
        assert!(found.unreadable.is_empty());
        let found = descendants_outside(&pool, &[pool.join("a")]).unwrap();
        assert_eq!(found.nodes, [pool.join("b")]);
    }

    #[test]
    fn a_walk_without_end_is_stopped() {
        let temporary = tempfile::tempdir().unwrap();
        (0..4).for_each(|n| std::fs::create_dir(temporary.path().join(n.to_string())).unwrap());
        let found = Descendants::default();
        let mut walk = Walk {
            found,
            passed_by: &[],
            entries: 0,
            limit: 3,
        };
        let entries = std::fs::read_dir(temporary.path()).unwrap();
        let error = walk.directory(temporary.path(), entries, 0).unwrap_err();
        assert!(error.source.to_string().contains("more than 3 entries"));
    }

    #[test]
    fn what_lies_too_deep_is_told() {
        let temporary = tempfile::tempdir().unwrap();
        let deep: PathBuf = std::iter::repeat_n("d", MAX_DEPTH + 2).collect();
        std::fs::create_dir_all(temporary.path().join(deep)).unwrap();
        let found = descendants(temporary.path()).unwrap();
        assert_eq!(found.unreadable.len(), 1);
    }
}
