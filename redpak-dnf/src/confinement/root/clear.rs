//! Takes away what a composed root leaves in the node.
//!
//! Overlays mark in their upper layer what is removed from a lower one (a whiteout, a device file 0:0) and what they
//! know about the layers (extended attributes). Nobody reads those marks later: a family's launches show its nodes
//! beside each other. What a scriptlet removed from an ancestor is there again.

use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, ensure};
use redpak::node::files;
use redpak_fs::dir::Dir;
use redpak_fs::read;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, StatxFlags, fchmod, flistxattr, fremovexattr, fstat, openat, statat,
    statx, unlinkat,
};
use rustix::io::Errno;

/// Names of the directories that were made to mount on, one a line.
pub const MADE: &str = "made";

/// All directories of a node that may be covered.
const COVERED: [&str; 11] = [
    "usr", "opt", "etc", "var", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev",
];

/// Files beside the status that are made where there are none.
pub const PLACEHOLDERS: [&str; 3] = [files::FORCED, files::METADATA, files::VERDICT];

const MARKS: &[u8] = b"user.overlay.";
/// A few names.
const LARGEST_MADE: usize = 4096;

/// Seconds and nanoseconds.
type Time = (i64, u32);

/// Whether a root is composed, or a run that was killed has left one.
pub fn is_left(node: &Path) -> bool {
    node.join(files::OVERLAY).symlink_metadata().is_ok()
}

/// Does nothing where no root was composed. The family must be locked.
pub fn clear(node: &Path) -> Result<()> {
    if !is_left(node) {
        return Ok(());
    }
    let work = node.join(files::OVERLAY);
    // Nothing beyond a link is touched.
    let is_directory = work.symlink_metadata().is_ok_and(|status| status.is_dir());
    ensure!(
        is_directory,
        "{} is not a directory, so no run has left it; remove it",
        work.display()
    );
    let made = read::beneath(&Dir::open(&work)?, Path::new(MADE), LARGEST_MADE)?.unwrap_or_default();
    let made = String::from_utf8_lossy(&made);
    let since = born(&work)?;
    for name in COVERED {
        let directory = node.join(name);
        match open_at(CWD, &directory, OFlags::DIRECTORY) {
            // There is none, or a link in its place, which was not covered.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            opened => opened
                .map_err(io::Error::from)
                .and_then(|directory| remove_marks(directory, since))
                .with_context(|| format!("cannot clear {}", directory.display()))?,
        }
    }
    for name in COVERED.iter().filter(|name| made.lines().any(|line| line == **name)) {
        // One that has become somebody's is not empty.
        let _ = fs::remove_dir(node.join(name));
    }
    for name in PLACEHOLDERS
        .iter()
        .filter(|name| made.lines().any(|line| line == **name))
    {
        let path = node.join(name);
        if path
            .symlink_metadata()
            .is_ok_and(|status| status.is_file() && status.len() == 0)
        {
            let _ = fs::remove_file(path);
        }
    }
    // Whatever could write it may have run: the next launch looks at everything anew.
    let _ = fs::remove_file(node.join(files::VERDICT));
    remove_work(&work).with_context(|| format!("cannot remove {}", work.display()))
}

/// When a file was made, in seconds and nanoseconds; the beginning of time where the file system does not tell.
fn born(path: &Path) -> io::Result<Time> {
    let status = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BTIME)?;
    let known = status.stx_mask & StatxFlags::BTIME.bits() != 0;
    Ok(match known {
        true => (status.stx_btime.tv_sec, status.stx_btime.tv_nsec),
        false => Time::default(),
    })
}

/// Takes away the marks that are not older than the run. Older ones are somebody else's, for example of containers whose
/// layers lie in the node. No link is followed and no other file system entered, whoever exchanges what meanwhile.
fn remove_marks(directory: OwnedFd, since: Time) -> io::Result<()> {
    let device = fstat(&directory)?.st_dev;
    unmark(&directory, since)?;
    for entry in rustix::fs::Dir::read_from(&directory)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            // What has gone meanwhile has no marks: programs of the node may be running.
            match remove_mark(&directory, entry.file_name(), (device, since)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
    }
    Ok(())
}

fn remove_mark(directory: &OwnedFd, name: &CStr, (device, since): (u64, Time)) -> io::Result<()> {
    let status = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    match FileType::from_raw_mode(status.st_mode) {
        FileType::CharacterDevice if status.st_rdev == 0 && is_recent(&status, since) => {
            unlinkat(directory, name, AtFlags::empty())?;
        }
        FileType::Directory if status.st_dev == device => {
            let below = open_at(directory, name, OFlags::DIRECTORY)?;
            if statat(&below, files::STATUS, AtFlags::SYMLINK_NOFOLLOW).is_err() {
                remove_marks(below, since)?;
            }
        }
        FileType::RegularFile => unmark(&open_at(directory, name, OFlags::NONBLOCK)?, since)?,
        _ => {}
    }
    Ok(())
}

/// Whatever makes or marks a file changes its status.
fn is_recent(status: &Stat, since: Time) -> bool {
    (status.st_ctime, status.st_ctime_nsec as u32) >= since
}

fn open_at(directory: impl AsFd, name: impl rustix::path::Arg, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(directory, name, flags, Mode::empty())
}

fn unmark(file: &OwnedFd, since: Time) -> io::Result<()> {
    if !is_recent(&fstat(file)?, since) {
        return Ok(());
    }
    let mut names = Vec::with_capacity(1024);
    let listed = match flistxattr(file, rustix::buffer::spare_capacity(&mut names)) {
        Ok(listed) => listed,
        // A file system without them has no marks; a list this long is none of an overlay's.
        Err(Errno::NOTSUP | Errno::RANGE) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for name in names[..listed].split(|byte| *byte == 0) {
        if name.starts_with(MARKS) {
            fremovexattr(file, name)?;
        }
    }
    Ok(())
}

/// The kernel makes a directory in it that nobody may enter.
fn remove_work(work: &Path) -> io::Result<()> {
    let directory = open_at(CWD, work, OFlags::DIRECTORY)?;
    for entry in rustix::fs::Dir::read_from(&directory)? {
        let entry = entry?;
        if matches!(entry.file_name().to_bytes(), b"." | b"..") {
            continue;
        }
        let Ok(layer) = open_at(&directory, entry.file_name(), OFlags::DIRECTORY) else {
            continue;
        };
        // Root of this namespace may open it all the same.
        if let Ok(inner) = open_at(&layer, "work", OFlags::DIRECTORY) {
            fchmod(inner, Mode::RWXU)?;
        }
    }
    fs::remove_dir_all(work)
}
