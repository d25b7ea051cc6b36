//! A directory of cached databases, each in a directory of its own (a *slot*).
//!
//! A slot appears complete by rename(2), carries a stamp that tells what it was made from, and holds a shared lock of
//! whoever uses it. Whatever is wrong with one (damage, another owner, another state) makes it as good as absent.
//!
//! Nothing is synchronised with the disk: it would cost more than making a slot. So a slot counts only as long as the kernel
//! runs that saw it written whole; after a power cut another one runs.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::key::Key;
use super::numbering::Numbering;
use crate::error::{Error, Result};

/// The database in a slot.
pub(super) const DATABASE: &str = "rpmdb.sqlite";
/// What a slot was made from; written last.
const STAMP: &str = "stamp.json";
/// Prefix of slots in the making. They exist only while the build lock is held.
const UNFINISHED: &str = ".new-";
/// A stamp is a few lines per file of a few rpmdbs. A larger one is not ours.
const LARGEST_STAMP: u64 = 1 << 20;

/// What a slot was made from, and how its database looked then.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stamp {
    state: String,
    boot: String,
    size: u64,
    mtime: (i64, i64),
    numbering: Numbering,
}

/// A directory of slots.
#[derive(Debug)]
pub(super) struct Cache {
    directory: PathBuf,
    /// Set when the cache asked for cannot be used.
    temporary: Option<TempDir>,
}

/// A database in the cache, locked against removal.
#[derive(Debug)]
pub(super) struct Slot {
    path: PathBuf,
    #[expect(dead_code, reason = "held for the lock")]
    lock: Flock<OwnedFd>,
}

impl Slot {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// A copy of a slot in a temporary directory, which goes away with the directory.
pub(super) fn copy_of(slot: &Slot) -> Result<(Slot, TempDir)> {
    let temporary = temporary_directory()?;
    let path = temporary.path().to_path_buf();
    let from = slot.path().join(DATABASE);
    fs::copy(&from, path.join(DATABASE)).map_err(Error::io("copy", &from))?;
    let lock = lock_directory(&path, FlockArg::LockSharedNonblock).ok_or_else(|| Error::Busy {
        directory: path.clone(),
    })?;
    Ok((Slot { path, lock }, temporary))
}

/// The right to build in a cache.
#[derive(Debug)]
pub(super) struct BuildLock {
    #[expect(dead_code, reason = "held for the lock")]
    lock: Flock<File>,
}

impl Cache {
    /// Uses `directory`, which is made when it is not there; else a temporary one.
    pub(super) fn open(directory: &Path) -> Result<Self> {
        if make_directory(directory).is_ok() && is_usable(directory) {
            return Ok(Self {
                directory: directory.into(),
                temporary: None,
            });
        }
        let temporary = temporary_directory()?;
        Ok(Self {
            directory: temporary.path().into(),
            temporary: Some(temporary),
        })
    }

    /// The temporary directory that the cache is in, if it is: to be kept as long as its slots are used.
    pub(super) fn into_temporary(self) -> Option<TempDir> {
        self.temporary
    }

    /// The slot for `key`, if there is a sound one.
    pub(super) fn find(&self, key: &Key) -> Result<Option<(Slot, Numbering)>> {
        let path = self.directory.join(key.name());
        let Some(lock) = lock_directory(&path, FlockArg::LockSharedNonblock) else {
            return Ok(None);
        };
        let Some(stamp) = read_stamp(&path) else {
            return Ok(None);
        };
        let is_of_this_boot = boot().is_ok_and(|boot| boot == stamp.boot);
        let sound = is_of_this_boot && stamp.state == key.state() && is_as_stamped(&path.join(DATABASE), &stamp);
        Ok(sound.then(|| (Slot { path, lock }, stamp.numbering)))
    }

    /// Waits for the right to build.
    pub(super) fn lock(&self, name: &str) -> Result<BuildLock> {
        let path = self.directory.join(name);
        let mut options = File::options();
        options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW);
        let file = options.open(&path).map_err(Error::io("open", &path))?;
        let lock =
            Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| Error::errno("lock", &path)(errno))?;
        Ok(BuildLock { lock })
    }

    /// Has `fill` make a database in a new directory, and puts that in place.
    pub(super) fn build(
        &self,
        _lock: &BuildLock,
        key: &Key,
        fill: impl FnOnce(&Path) -> Result<Numbering>,
    ) -> Result<(Slot, Numbering)> {
        self.remove_others(key);
        let unfinished = TempDir::with_prefix_in(UNFINISHED, &self.directory)
            .map_err(Error::io("make a directory in", &self.directory))?;
        let numbering = fill(unfinished.path())?;
        write_stamp(unfinished.path(), key, &numbering)?;
        let path = self.directory.join(key.name());
        if path.symlink_metadata().is_ok() {
            // Same name, but not sound: out of the way.
            remove(&path).map_err(Error::io("remove", &path))?;
        }
        let unfinished = unfinished.keep();
        fs::rename(&unfinished, &path).map_err(Error::io("put in place", &path))?;
        let lock = lock_directory(&path, FlockArg::LockSharedNonblock)
            .ok_or_else(|| Error::io("lock", &path)(io::ErrorKind::WouldBlock.into()))?;
        Ok((Slot { path, lock }, numbering))
    }

    /// Removes earlier states of the same family that nobody uses, and what killed builds left.
    ///
    /// What cannot be removed stays; it costs room only.
    fn remove_others(&self, key: &Key) {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_earlier = name.starts_with(key.family()) && name != key.name();
            if name.starts_with(UNFINISHED) || (is_earlier && is_unused(&entry.path())) {
                let _ = remove(&entry.path());
            }
        }
    }
}

fn temporary_directory() -> Result<TempDir> {
    TempDir::with_prefix("redpak-view-").map_err(Error::io("make a directory in", std::env::temp_dir()))
}

fn make_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(directory)
}

/// Whether nobody else can put things there, and we can.
fn is_usable(directory: &Path) -> bool {
    let Ok(status) = directory.symlink_metadata() else {
        return false;
    };
    let writable = nix::unistd::access(directory, nix::unistd::AccessFlags::W_OK).is_ok();
    status.is_dir() && is_ours(&status) && writable
}

fn is_ours(status: &fs::Metadata) -> bool {
    status.uid() == nix::unistd::geteuid().as_raw() && status.mode() & 0o022 == 0
}

/// Locks a slot; `None` when there is none, it is not ours, or somebody is about to remove it.
fn lock_directory(path: &Path, how: FlockArg) -> Option<Flock<OwnedFd>> {
    let mut options = File::options();
    let file = options
        .read(true)
        .custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW)
        .open(path)
        .ok()?;
    let locked = Flock::lock(OwnedFd::from(file), how).ok()?;
    // Between opening and locking it may have been removed, and another one put in its place.
    let (held, named) = (fs::metadata(descriptor(&locked)).ok()?, path.symlink_metadata().ok()?);
    (held.ino() == named.ino() && held.dev() == named.dev() && is_ours(&held)).then_some(locked)
}

fn descriptor(lock: &Flock<OwnedFd>) -> PathBuf {
    crate::node_database::descriptor_path(std::os::fd::AsFd::as_fd(&**lock))
}

fn is_unused(path: &Path) -> bool {
    lock_directory(path, FlockArg::LockExclusiveNonblock).is_some()
}

/// Removes a slot; out of sight first, so that nobody finds half of one.
fn remove(path: &Path) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let graveyard = TempDir::with_prefix_in(UNFINISHED, parent)?;
    fs::rename(path, graveyard.path().join("removed"))
}

fn read_stamp(slot: &Path) -> Option<Stamp> {
    let path = slot.join(STAMP);
    let file = File::options()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .ok()?;
    let status = file.metadata().ok()?;
    let plausible = status.is_file() && status.len() <= LARGEST_STAMP && is_ours(&status);
    plausible.then(|| serde_json::from_reader(io::BufReader::new(file)).ok())?
}

fn is_as_stamped(database: &Path, stamp: &Stamp) -> bool {
    database.symlink_metadata().is_ok_and(|status| {
        status.is_file()
            && is_ours(&status)
            && status.len() == stamp.size
            && (status.mtime(), status.mtime_nsec()) == stamp.mtime
    })
}

/// What tells this run of the kernel from all others, see random(4).
fn boot() -> Result<String> {
    const BOOT: &str = "/proc/sys/kernel/random/boot_id";
    fs::read_to_string(BOOT).map_err(Error::io("read", BOOT))
}

fn write_stamp(directory: &Path, key: &Key, numbering: &Numbering) -> Result<()> {
    let database = directory.join(DATABASE);
    let status = database.symlink_metadata().map_err(Error::io("examine", &database))?;
    let stamp = Stamp {
        state: key.state().into(),
        boot: boot()?,
        size: status.len(),
        mtime: (status.mtime(), status.mtime_nsec()),
        numbering: numbering.clone(),
    };
    let path = directory.join(STAMP);
    let text = serde_json::to_vec(&stamp).map_err(|error| Error::io("write", &path)(error.into()))?;
    fs::write(&path, text).map_err(Error::io("write", &path))
}
