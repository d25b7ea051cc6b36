//! Identity and state of the files of an rpmdb.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, fstatat};
use rustix::fs::{FileType, RawDir};
use sha2::{Digest as _, Sha256};

use super::{COARSEST_GRANULARITY, hex, line, settled};
use crate::dir::PathError;

type Result<T> = std::result::Result<T, PathError>;

/// Files that change without the database's content changing: locks, and sqlite's shared memory.
const VOLATILE: [&str; 5] = [
    "rpmdb.sqlite-shm",
    ".rpm.lock",
    ".keyring.lock",
    ".dbenv.lock",
    ".RPMLOCK",
];

/// sqlite's write-ahead log. sqlite changes its owner each time root opens the database, even for reading, so its time
/// of change says nothing. What counts is its content, and an empty one is as good as none.
const WRITE_AHEAD_LOG: &str = "rpmdb.sqlite-wal";

/// How a directory is opened that is listed.
const LISTED: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);
/// Bytes of directory entries that one call gets; more take more calls.
const LISTING_SIZE: usize = 4096;

/// Identity (device, inode) and state (size, times of modification and change) of every file of an rpmdb, and the
/// digest of its write-ahead log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a place without an rpmdb.
    pub fn none(directory: &Path) -> Self {
        Self(format!("{} has no rpmdb\n", hex(directory.as_os_str())))
    }

    /// Takes it of an open folder, whose path is for messages and counts with it. Waits until a further change would
    /// certainly show.
    ///
    /// # Errors
    /// When a file cannot be looked at.
    pub fn take(folder: BorrowedFd<'_>, directory: &Path) -> Result<Self> {
        loop {
            let (fingerprint, settled) = Self::take_at_once(folder, directory)?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let Some(pause) = time_until(settled, now) else {
                return Ok(fingerprint);
            };
            std::thread::sleep(pause);
        }
    }

    /// The fingerprint, and from when on a further change would certainly show, since the epoch. Does not wait.
    ///
    /// # Errors
    /// When a file cannot be looked at.
    pub fn take_at_once(folder: BorrowedFd<'_>, directory: &Path) -> Result<(Self, Duration)> {
        let opened =
            openat(folder, ".", LISTED, Mode::empty()).map_err(|errno| PathError::new("list", directory, errno))?;
        Self::of_opened(opened.as_fd(), directory)
    }

    /// As [`Self::take_at_once`], of a folder that was just opened for reading and nobody has listed yet.
    ///
    /// # Errors
    /// When a file cannot be looked at.
    pub fn of_opened(folder: BorrowedFd<'_>, directory: &Path) -> Result<(Self, Duration)> {
        let mut lines = Vec::new();
        let mut newest = Duration::ZERO;
        collect(folder, ".", directory, &mut lines, &mut newest)?;
        lines.sort();
        let head = format!("{}\n", hex(directory.as_os_str()));
        Ok((Self(lines.into_iter().fold(head, |text, line| text + &line)), newest))
    }

    /// One line a file, the same for the same state. File names are in hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Adds a line for each file of an open directory, and for those in the directories right below (rpm keeps keys there).
fn collect(
    directory: BorrowedFd<'_>,
    name: &str,
    shown: &Path,
    lines: &mut Vec<String>,
    newest: &mut Duration,
) -> Result<()> {
    let mut buffer = [const { MaybeUninit::uninit() }; LISTING_SIZE];
    let mut entries = RawDir::new(directory, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|errno| PathError::new("list", shown, errno))?;
        let file = OsStr::from_bytes(entry.file_name().to_bytes());
        if file == "." || file == ".." || VOLATILE.iter().any(|volatile| file == *volatile) {
            continue;
        }
        let status = match fstatat(directory, file, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(status) => status,
            // Gone since it was listed: as if it had never been there.
            Err(Errno::ENOENT) => continue,
            Err(errno) => return Err(PathError::new("examine", shown.join(file), errno)),
        };
        let is_top = name == ".";
        if is_top && file == WRITE_AHEAD_LOG {
            lines.extend(log_line(directory, shown, &status)?);
            continue;
        }
        *newest = (*newest).max(settled(&status));
        lines.push(format!("{name}/{} {}\n", hex(file), line(&status)));
        let is_listed = is_top && entry.file_type() == FileType::Directory;
        if let (true, Some(name)) = (is_listed, file.to_str()) {
            let shown = shown.join(file);
            let below = openat(directory, name, LISTED, Mode::empty())
                .map_err(|errno| PathError::new("list", &shown, errno))?;
            collect(below.as_fd(), name, &shown, lines, newest)?;
        }
    }
    Ok(())
}

/// The line for the write-ahead log, unless it is empty. It usually is: rpm empties it when it is done.
fn log_line(folder: BorrowedFd<'_>, shown: &Path, status: &FileStat) -> Result<Option<String>> {
    if status.st_size == 0 {
        return Ok(None);
    }
    let path = shown.join(WRITE_AHEAD_LOG);
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file =
        openat(folder, WRITE_AHEAD_LOG, flags, Mode::empty()).map_err(|errno| PathError::new("open", &path, errno))?;
    let mut digest = Sha256::new();
    io::copy(&mut File::from(file), &mut digest).map_err(|error| PathError::new("read", &path, error))?;
    Ok(Some(format!(
        "./{} {:x}\n",
        hex(OsStr::new(WRITE_AHEAD_LOG)),
        digest.finalize()
    )))
}

/// How long to wait until then; `None` when it is past. So far off as no file system would make it, the clock was set back.
fn time_until(settled: Duration, now: Duration) -> Option<Duration> {
    let pause = settled.checked_sub(now)?;
    (!pause.is_zero() && pause <= COARSEST_GRANULARITY).then_some(pause)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_wait_ends_when_the_time_has_come() {
        let seconds = Duration::from_secs;
        let instant = Duration::from_nanos(1);
        for (settled, now, pause) in [
            (seconds(9), seconds(10), None),
            (seconds(10), seconds(10), None),
            (seconds(10) + instant, seconds(10), Some(instant)),
            (seconds(11), seconds(10), Some(seconds(1))),
            (seconds(12), seconds(10), Some(seconds(2))),
            // A clock that was set back would have it wait for years.
            (seconds(12) + instant, seconds(10), None),
            (seconds(1 << 33), seconds(10), None),
        ] {
            assert_eq!(time_until(settled, now), pause, "{settled:?} at {now:?}");
        }
    }

    #[test]
    fn a_fingerprint_is_taken_when_the_files_have_settled() {
        let folder = tempfile::tempdir().unwrap();
        let opened = File::open(folder.path()).unwrap();
        let file = folder.path().join("Packages.db");
        // A machine under load may let the time pass by itself.
        for round in 0..20 {
            fs::write(&file, format!("{round}")).unwrap();
            let (fresh, settled) = Fingerprint::take_at_once(opened.as_fd(), folder.path()).unwrap();
            let taken = Fingerprint::take(opened.as_fd(), folder.path()).unwrap();
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            assert!(settled <= now, "it waits until {settled:?} and ends at {now:?}");
            assert_eq!(taken, fresh);
        }
    }
}
