//! rpm's transaction lock, taken before librpm takes it itself.
//!
//! It is a record lock of this process: librpm, which takes it once more for its own transaction, is not kept out by it,
//! and other programs of rpm are. It ends with librpm's transaction at the latest.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, openat};
use nix::sys::stat::{Mode, fstat, stat};

use crate::error::{Error, Result};
use crate::node_database::NodeDatabase;

/// The file that rpm locks, beside its database.
const NAME: &str = ".rpm.lock";

/// A database that no other program of rpm writes.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Waits until nobody writes the database; `waiting` is told the lock's path first. `None` where there is no database.
    pub fn acquire(database: &NodeDatabase, mut waiting: impl FnMut(&Path)) -> Result<Option<Self>> {
        let Some(folder) = database.folder() else {
            return Ok(None);
        };
        let path = database.directory().join(NAME);
        loop {
            let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
            let mode = Mode::from_bits_truncate(0o644);
            let file = File::from(openat(folder, NAME, flags, mode).map_err(Error::errno("open", &path))?);
            take(&file, &path, &mut waiting)?;
            // A database that was rebuilt meanwhile is another folder, with another lock.
            if is_still(&file, &path) {
                return Ok(Some(Self { _file: file }));
            }
            if !is_still(folder, database.directory()) {
                return Err(Error::Busy {
                    directory: database.directory().into(),
                });
            }
        }
    }
}

fn take(file: &File, path: &PathBuf, waiting: &mut impl FnMut(&Path)) -> Result<()> {
    let range = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    match fcntl(file, FcntlArg::F_SETLK(&range)) {
        Ok(_) => return Ok(()),
        Err(Errno::EAGAIN | Errno::EACCES) => waiting(path),
        Err(errno) => return Err(Error::errno("lock", path)(errno)),
    }
    fcntl(file, FcntlArg::F_SETLKW(&range)).map_err(Error::errno("lock", path))?;
    Ok(())
}

/// Whether what was opened under this path is what is there now.
fn is_still(opened: impl AsFd, path: &Path) -> bool {
    fstat(opened)
        .is_ok_and(|ours| stat(path).is_ok_and(|here| (here.st_dev, here.st_ino) == (ours.st_dev, ours.st_ino)))
}
