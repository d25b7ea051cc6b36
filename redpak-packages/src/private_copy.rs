//! Reading an rpmdb that must not, or cannot, be opened where it is.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, Flock, FlockArg, OFlag, fcntl, openat};
use nix::sys::stat::Mode;
use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::node_database::{Backend, NodeDatabase};

/// How long to wait for a transaction on the database to end. librpm waits as long for sqlite's locks.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(50);
/// No rpmdb is larger; a sparse file could be, and would fill the disk.
const LARGEST_FILE: u64 = 4 << 30;

/// The database's files in a private temporary directory, which is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct PrivateCopy {
    directory: TempDir,
}

impl PrivateCopy {
    /// Copies the database at one moment between two transactions.
    pub(crate) fn make(database: &NodeDatabase) -> Result<Self> {
        let (folder, backend) = match (database.folder(), database.backend()) {
            (Some(folder), Some(backend)) => (folder, backend),
            _ => return Err(Error::errno("copy the rpmdb in", database.directory())(Errno::ENOENT)),
        };
        let directory =
            TempDir::with_prefix("redpak-rpmdb-").map_err(Error::io("make a directory in", std::env::temp_dir()))?;
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            let before = database.fingerprint()?;
            if let Some(_lock) = Lock::take(folder, backend, database.directory())? {
                copy_files(folder, backend, database.directory(), directory.path())?;
                if database.fingerprint()? == before {
                    return Ok(Self { directory });
                }
            }
            sleep(PAUSE);
        }
        Err(Error::Busy {
            directory: database.directory().into(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Copies what the database consists of; sqlite rebuilds its shared memory from the write-ahead log.
fn copy_files(folder: BorrowedFd<'_>, backend: Backend, from: &Path, to: &Path) -> Result<()> {
    let (needed, optional) = match backend {
        Backend::Sqlite => ("rpmdb.sqlite", "rpmdb.sqlite-wal"),
        Backend::Ndb => ("Packages.db", "Index.db"),
        Backend::BerkeleyDb => ("Packages", "__db.001"),
    };
    let main = open_file(folder, needed).map_err(Error::errno("open", from.join(needed)))?;
    copy_file(main, &from.join(needed), &to.join(needed))?;
    let target = to.join(optional);
    match open_file(folder, optional) {
        Ok(file) => copy_file(file, &from.join(optional), &target),
        Err(Errno::ENOENT) => remove_if_there(&target),
        Err(errno) => Err(Error::errno("open", from.join(optional))(errno)),
    }
}

/// Opens without following a link, and without waiting should it be a pipe.
fn open_file(folder: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    openat(folder, name, flags, Mode::empty())
}

fn copy_file(source: OwnedFd, from: &Path, to: &Path) -> Result<()> {
    let mut source = File::from(source);
    let status = source.metadata().map_err(Error::io("examine", from))?;
    if !status.is_file() || status.len() > LARGEST_FILE {
        let reason = if status.is_file() {
            "too large for an rpmdb"
        } else {
            "not a regular file"
        };
        return Err(Error::io("read", from)(io::Error::other(reason)));
    }
    let mut target = File::create(to).map_err(Error::io("create", to))?;
    io::copy(&mut source, &mut target).map_err(Error::io("copy", from))?;
    Ok(())
}

/// Removes what an earlier attempt left.
fn remove_if_there(path: &PathBuf) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Keeps writers away from the database while it is copied.
#[derive(Debug)]
#[expect(dead_code, reason = "the descriptors are held for the locks on them")]
enum Lock {
    Sqlite(OwnedFd),
    Whole(Flock<OwnedFd>),
    /// Nobody has the database open for writing, or locks cannot be taken here. The fingerprints still tell.
    None,
}

impl Lock {
    /// `None` while somebody writes.
    fn take(folder: BorrowedFd<'_>, backend: Backend, directory: &Path) -> Result<Option<Self>> {
        match backend {
            Backend::Sqlite => Self::sqlite(folder, directory),
            Backend::Ndb | Backend::BerkeleyDb => Self::whole(folder, backend, directory),
        }
    }

    /// Shared locks on the bytes of the shared memory that stand for writing, checkpoints and recovery
    /// (sqlite's wal.c: `WAL_WRITE_LOCK` and the two behind it). Locks of the open file description, since others
    /// would go away when anyone in this process closes the file.
    fn sqlite(folder: BorrowedFd<'_>, directory: &Path) -> Result<Option<Self>> {
        let name = "rpmdb.sqlite-shm";
        let file = match open_file(folder, name) {
            Ok(file) => file,
            Err(Errno::ENOENT | Errno::EACCES | Errno::ELOOP) => return Ok(Some(Self::None)),
            Err(errno) => return Err(Error::errno("open", directory.join(name))(errno)),
        };
        let range = libc::flock {
            l_type: libc::F_RDLCK as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: 120,
            l_len: 3,
            l_pid: 0,
        };
        match fcntl(&file, FcntlArg::F_OFD_SETLK(&range)) {
            Ok(_) => Ok(Some(Self::Sqlite(file))),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(None),
            Err(errno) => Err(Error::errno("lock", directory.join(name))(errno)),
        }
    }

    /// The lock that rpm's ndb takes itself.
    fn whole(folder: BorrowedFd<'_>, backend: Backend, directory: &Path) -> Result<Option<Self>> {
        let name = backend.main_file();
        let file = open_file(folder.as_fd(), name).map_err(Error::errno("open", directory.join(name)))?;
        match Flock::lock(file, FlockArg::LockSharedNonblock) {
            Ok(lock) => Ok(Some(Self::Whole(lock))),
            Err((_, Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, errno)) => Err(Error::errno("lock", directory.join(name))(errno)),
        }
    }
}
