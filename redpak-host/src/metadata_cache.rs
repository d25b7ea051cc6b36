//! Cached metadata of a repository, taken over from an ancestor's cache.
//!
//! What is taken is copied: each node keeps its own, so that it can be deleted with `rm -rf`, and what runs in one node's transaction
//! can write no other node's cache. Data of another owner is never read: whoever could write a file or a directory on the way to it,
//! beside the owner of both nodes and root, might have written what is in it.

use std::fs::{File, FileTimes};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Dir as Entries, FileType, Mode, OFlags};

use crate::dir::{Dir, PathError};
use crate::write::{Existing, Staged};

/// The parts of a cache that are metadata; `packages` is none.
const PARTS: [&str; 2] = ["repodata", "solv"];
/// Tells how new the metadata is.
const INDEX: &str = "repodata/repomd.xml";
/// More than any repository's metadata has; a cache with more is left alone.
const MOST_BYTES: u64 = 1 << 30;

/// Copies the metadata below `relative` of an ancestor to the same place of a node, when it is newer than what the node has there;
/// `false` when there was nothing to take.
///
/// # Errors
/// When the node's cache cannot be written. What cannot be read or trusted is as good as missing.
pub fn take_over(ancestor: &Path, node: &Path, relative: &Path) -> Result<bool, PathError> {
    let (Some(source), Ok(target)) = (Source::open(ancestor, node, relative), Dir::open(node)) else {
        return Ok(false);
    };
    let own = read_only(&target, &relative.join(INDEX)).and_then(|file| modified(&file));
    let (Some(index), Some(files)) = (source.index(), source.files()) else {
        return Ok(false);
    };
    if own.is_some_and(|own| own >= index) {
        return Ok(false);
    }
    for part in PARTS {
        target.make_directories(&relative.join(part))?;
    }
    // The index comes last: a copy that is cut short is as good as none.
    let (index, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| path == Path::new(INDEX));
    target.remove_file(&relative.join(INDEX));
    for (path, file) in others.into_iter().chain(index) {
        copy(&target, &relative.join(&path), file)?;
    }
    Ok(true)
}

/// A cache that may be believed.
struct Source {
    cache: Dir,
    owner: u32,
}

impl Source {
    fn open(ancestor: &Path, node: &Path, relative: &Path) -> Option<Self> {
        let owner = node.symlink_metadata().ok()?.uid();
        let root = Dir::open(ancestor).ok()?;
        let is_same = root
            .subdirectory(Path::new(""))
            .is_ok_and(|root| belongs(&root, owner, false));
        if !is_same {
            return None;
        }
        let mut walked = PathBuf::new();
        for name in relative {
            walked.push(name);
            let directory = directory(&root, &walked)?;
            if !belongs(&directory, owner, true) {
                return None;
            }
        }
        Some(Self {
            cache: directory(&root, relative)?,
            owner,
        })
    }

    fn index(&self) -> Option<std::time::SystemTime> {
        modified(&read_only(&self.cache, Path::new(INDEX))?)
    }

    /// All files, opened and looked at; `None` when one is not to be believed.
    fn files(&self) -> Option<Vec<(PathBuf, File)>> {
        let (mut files, mut bytes) = (Vec::new(), 0);
        for part in PARTS {
            let Some(directory) = directory(&self.cache, Path::new(part)) else {
                continue;
            };
            if !belongs(&directory, self.owner, true) {
                return None;
            }
            for entry in Entries::read_from(&directory).ok()?.flatten() {
                let name = PathBuf::from(std::ffi::OsStr::from_bytes(entry.file_name().to_bytes()));
                if entry.file_type() != FileType::RegularFile {
                    continue;
                }
                let file = read_only(&directory, &name)?;
                let metadata = file.metadata().ok()?;
                bytes += metadata.len();
                if !metadata.is_file() || !is_owners(&metadata, self.owner, true) || bytes > MOST_BYTES {
                    return None;
                }
                files.push((Path::new(part).join(&name), file));
            }
        }
        Some(files)
    }
}

/// A directory that is no symlink.
fn directory(dir: &Dir, relative: &Path) -> Option<Dir> {
    let is_link = dir
        .path()
        .join(relative)
        .symlink_metadata()
        .ok()?
        .file_type()
        .is_symlink();
    if is_link { None } else { dir.subdirectory(relative).ok() }
}

fn belongs(dir: &Dir, owner: u32, root_too: bool) -> bool {
    let Ok(file) = dir.open_file(Path::new("."), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()) else {
        return false;
    };
    let metadata = file.and_then(|file| file.metadata().ok());
    metadata.is_some_and(|metadata| is_owners(&metadata, owner, root_too))
}

/// Nobody but the owner, and root where that is said, can have written it.
fn is_owners(metadata: &std::fs::Metadata, owner: u32, root_too: bool) -> bool {
    let by_owner = metadata.uid() == owner || (root_too && metadata.uid() == 0);
    by_owner && metadata.mode() & 0o022 == 0
}

fn read_only(dir: &Dir, relative: &Path) -> Option<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    dir.open_file(relative, flags, Mode::empty()).ok().flatten()
}

fn modified(file: &File) -> Option<std::time::SystemTime> {
    file.metadata().ok()?.modified().ok()
}

/// With its time, which says when the metadata expires.
fn copy(target: &Dir, relative: &Path, mut file: File) -> Result<(), PathError> {
    let failed = |error: io::Error| PathError::new("copy to", target.join(relative), error);
    let (parent, name) = (relative.parent().unwrap_or(Path::new("")), relative.file_name());
    let Some(name) = name else { return Ok(()) };
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes).map_err(failed)?;
    Staged::new(target.subdirectory(parent)?, name, &bytes, 0o644)?.commit(Existing::Replace)?;
    let copied = target.open_file(relative, OFlags::WRONLY | OFlags::NOFOLLOW, Mode::empty())?;
    let times = file.metadata().and_then(|metadata| metadata.modified());
    match copied {
        Some(copied) => {
            let times = FileTimes::new().set_modified(times.map_err(failed)?);
            copied.set_times(times).map_err(failed)
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::time::{Duration, SystemTime};

    const CACHE: &str = "var/cache/libdnf5/made-1";

    struct Nodes {
        directory: tempfile::TempDir,
    }

    impl Nodes {
        fn new() -> Self {
            let nodes = Self {
                directory: tempfile::tempdir().unwrap(),
            };
            fs::create_dir_all(nodes.node()).unwrap();
            nodes.put("repodata/repomd.xml", "index");
            nodes.put("repodata/primary.xml", "primary");
            nodes.put("solv/made.solv", "solv");
            nodes.put("packages/a.rpm", "package");
            nodes
        }

        fn ancestor(&self) -> PathBuf {
            self.directory.path().join("platform")
        }

        fn node(&self) -> PathBuf {
            self.ancestor().join("leaf")
        }

        fn put(&self, file: &str, text: &str) {
            let path = self.ancestor().join(CACHE).join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            for directory in path
                .ancestors()
                .skip(1)
                .take_while(|path| path.starts_with(self.ancestor()))
            {
                fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }

        fn take(&self) -> bool {
            take_over(&self.ancestor(), &self.node(), Path::new(CACHE)).unwrap()
        }

        fn has(&self, file: &str) -> bool {
            self.node().join(CACHE).join(file).exists()
        }
    }

    #[test]
    fn newer_metadata_is_copied_with_its_times_and_nothing_else() {
        let nodes = Nodes::new();
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        let index = File::options()
            .write(true)
            .open(nodes.ancestor().join(CACHE).join(INDEX))
            .unwrap();
        index.set_times(FileTimes::new().set_modified(hour_ago)).unwrap();
        assert!(nodes.take() && nodes.has("repodata/primary.xml") && nodes.has("solv/made.solv"));
        assert!(!nodes.has("packages"));
        assert_eq!(
            fs::metadata(nodes.node().join(CACHE).join(INDEX))
                .unwrap()
                .modified()
                .unwrap(),
            hour_ago
        );
        assert!(!nodes.take(), "what is there is as new");
        index
            .set_times(FileTimes::new().set_modified(SystemTime::now()))
            .unwrap();
        assert!(nodes.take(), "a newer one replaces it");
    }

    #[test]
    fn what_another_user_may_have_written_is_not_read() {
        type Spoil = fn(&Path);
        let spoils: [(&str, Spoil); 6] = [
            ("a directory on the way that others can write", |cache| {
                fs::set_permissions(cache.parent().unwrap(), fs::Permissions::from_mode(0o777)).unwrap();
            }),
            ("a cache that the group can write", |cache| {
                fs::set_permissions(cache, fs::Permissions::from_mode(0o775)).unwrap();
            }),
            ("a file that others can write", |cache| {
                fs::set_permissions(cache.join("solv/made.solv"), fs::Permissions::from_mode(0o666)).unwrap();
            }),
            ("a symlink for the cache", |cache| {
                let elsewhere = cache.with_extension("moved");
                fs::rename(cache, &elsewhere).unwrap();
                symlink(elsewhere, cache).unwrap();
            }),
            ("a symlink for the index", |cache| {
                let elsewhere = cache.join("elsewhere");
                fs::rename(cache.join(INDEX), &elsewhere).unwrap();
                symlink(elsewhere, cache.join(INDEX)).unwrap();
            }),
            ("no index", |cache| fs::remove_file(cache.join(INDEX)).unwrap()),
        ];
        for (what, spoil) in spoils {
            let nodes = Nodes::new();
            spoil(&nodes.ancestor().join(CACHE));
            assert!(!nodes.take(), "{what}");
            assert!(!nodes.has(""), "{what}");
        }
    }

    #[test]
    fn another_owner_is_not_believed() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        for spoiled in ["", "var/cache", CACHE, "var/cache/libdnf5/made-1/solv/made.solv"] {
            let nodes = Nodes::new();
            std::os::unix::fs::chown(nodes.ancestor().join(spoiled), Some(1001), None).unwrap();
            assert!(!nodes.take(), "{spoiled:?}");
        }
        // A node of somebody else does not take root's platform for its own.
        let nodes = Nodes::new();
        std::os::unix::fs::chown(nodes.node(), Some(1001), None).unwrap();
        assert!(!nodes.take());
    }
}
