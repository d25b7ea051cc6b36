//! Takes away what a composed root leaves in the node.
//!
//! Overlays mark in their upper layer what is removed from a lower one (a whiteout, a device file 0:0) and what they
//! know about the layers (extended attributes). Nobody reads those marks later: a family's launches show its nodes
//! beside each other. What a scriptlet removed from an ancestor is there again.

use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, ensure};
use redpak::node::files;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, StatxFlags, fchmod, flistxattr, fremovexattr, fstat, fsync, openat,
    statat, statx, syncfs, unlinkat,
};
use rustix::io::Errno;

use super::made::{self, COVERED, PLACEHOLDERS};

const MARKS: &[u8] = b"user.overlay.";

/// Seconds and nanoseconds.
type Time = (i64, u32);

/// Whether a root is composed, or a run that was killed has left one.
pub fn is_left(node: &Path) -> bool {
    node.join(files::OVERLAY).symlink_metadata().is_ok()
}

/// Does nothing where no root was composed. The family must be locked. When it returns, its removals are on the disk.
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
    let owner = work.symlink_metadata()?.uid();
    let user = rustix::process::geteuid().as_raw();
    ensure!(
        owner == user,
        "{} belongs to user {owner}, and you are user {user}: whoever began the transaction has to clear it",
        work.display()
    );
    let born_at = born(&work)?;
    // Where the file system does not tell, the record was written at about that time.
    let since = match born_at {
        Some(time) => Some(time),
        None => written(&work.join(made::RECORD))?,
    };
    for name in COVERED {
        let directory = node.join(name);
        match open_at(CWD, &directory, OFlags::DIRECTORY) {
            // There is none, or a link in its place, which was not covered.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            opened => opened
                .map_err(io::Error::from)
                .and_then(|directory| remove_marks(directory, since.unwrap_or_default()))
                .with_context(|| format!("cannot clear {}", directory.display()))?,
        }
    }
    remove_mount_points(node, &work, born_at)?;
    remove_placeholders(node);
    // Whatever could write it may have run: the next launch looks at everything anew.
    let _ = fs::remove_file(node.join(files::VERDICT));
    let opened = open_at(CWD, node, OFlags::DIRECTORY)?;
    // The directory to work in says that there is something to clear, so it is the last to go.
    syncfs(&opened).with_context(|| format!("cannot write {} to the disk", node.display()))?;
    remove_work(&work).with_context(|| format!("cannot remove {}", work.display()))?;
    fsync(&opened).with_context(|| format!("cannot write {} to the disk", node.display()))
}

/// Removes the directories that were made to mount on. One that has become somebody's is not empty.
fn remove_mount_points(node: &Path, work: &Path, since: Option<Time>) -> Result<()> {
    let recorded = made::read(work)?;
    // The record is on the disk before the first overlay works beside it.
    if recorded.is_none() && !has_directories(work)? {
        return Ok(());
    }
    // A file system that breaks its promises may lose the record. The time of birth tells as much.
    let is_young = |path: &Path| since.is_some() && born(path).is_ok_and(|born| born >= since);
    for name in COVERED {
        let path = node.join(name);
        let is_made = match &recorded {
            Some(names) => names.iter().any(|other| other == name),
            None => is_young(&path),
        };
        if is_made {
            let _ = fs::remove_dir(path);
        }
    }
    Ok(())
}

fn has_directories(work: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(work)? {
        if entry?.file_type()?.is_dir() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Nobody else makes one of these files without content.
fn remove_placeholders(node: &Path) {
    for path in PLACEHOLDERS.map(|name| node.join(name)) {
        if path
            .symlink_metadata()
            .is_ok_and(|status| status.is_file() && status.len() == 0)
        {
            let _ = fs::remove_file(path);
        }
    }
}

/// When a file was made; `None` where the file system does not tell.
fn born(path: &Path) -> io::Result<Option<Time>> {
    let status = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BTIME)?;
    let known = status.stx_mask & StatxFlags::BTIME.bits() != 0;
    Ok(known.then_some((status.stx_btime.tv_sec, status.stx_btime.tv_nsec)))
}

/// When a file was written; `None` where there is none.
fn written(path: &Path) -> io::Result<Option<Time>> {
    match statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(status) => Ok(Some((status.st_mtime, status.st_mtime_nsec as u32))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes away the marks that are not older than the run. Older ones are somebody else's, for example of containers whose
/// layers lie in the node. No link is followed and no other file system entered, whoever exchanges what meanwhile.
fn remove_marks(directory: OwnedFd, since: Time) -> io::Result<()> {
    let device = fstat(&directory)?.st_dev;
    unmark(&directory, since)?;
    for entry in rustix::fs::Dir::read_from(&directory)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            match remove_mark(&directory, entry.file_name(), (device, since)) {
                Err(error) if has_no_marks(&error) => {}
                other => other?,
            }
        }
    }
    Ok(())
}

/// What has gone meanwhile has no marks: programs of the node may be running. Nor has what this user may not open: the overlay
/// was this user's.
fn has_no_marks(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
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
        FileType::RegularFile if is_recent(&status, since) => {
            unmark(&open_at(directory, name, OFlags::NONBLOCK)?, since)?
        }
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

/// The kernel makes directories in it that nobody may enter. The record goes last: until then it says what was made.
fn remove_work(work: &Path) -> io::Result<()> {
    let directory = open_at(CWD, work, OFlags::DIRECTORY)?;
    for entry in fs::read_dir(work)? {
        let entry = entry?;
        if entry.file_name() == made::RECORD {
            continue;
        }
        remove_tree(&directory, entry.file_name().as_bytes())?;
    }
    match unlinkat(&directory, made::RECORD, AtFlags::empty()) {
        Err(error) if error != Errno::NOENT => Err(error.into()),
        _ => fs::remove_dir(work),
    }
}

/// A layer holds a few directories, one in another. Nothing is reached by a path: the node's owner may exchange what lies there.
fn remove_tree(directory: &OwnedFd, name: &[u8]) -> io::Result<()> {
    // Root of this namespace may open it all the same.
    let Ok(below) = open_at(directory, name, OFlags::DIRECTORY) else {
        return Ok(unlinkat(directory, name, AtFlags::empty())?);
    };
    fchmod(&below, Mode::RWXU)?;
    for entry in rustix::fs::Dir::read_from(&below)? {
        let entry = entry?;
        let inner = entry.file_name().to_bytes();
        if !matches!(inner, b"." | b"..") {
            remove_tree(&below, inner)?;
        }
    }
    Ok(unlinkat(directory, name, AtFlags::REMOVEDIR)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

    use super::*;

    fn node() -> tempfile::TempDir {
        // The file system has to know when files were made; a tmpfs does.
        tempfile::tempdir().unwrap()
    }

    /// What a power cut leaves where the record did not reach the disk.
    fn interrupted(node: &Path, record: Option<&str>) {
        let work = node.join(files::OVERLAY);
        fs::create_dir(&work).unwrap();
        if let Some(text) = record {
            fs::write(work.join(made::RECORD), text).unwrap();
        }
        for name in ["usr", "lib"] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(work.join(name))
                .unwrap();
            fs::DirBuilder::new()
                .mode(0o000)
                .create(work.join(name).join("work"))
                .unwrap();
        }
        for name in PLACEHOLDERS {
            let file = fs::File::options()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(node.join(name));
            drop(file.unwrap());
        }
        for name in ["lib", "bin", "dev"] {
            fs::create_dir(node.join(name)).unwrap();
        }
    }

    fn names(node: &Path) -> Vec<String> {
        let entries = fs::read_dir(node).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn leftovers_are_recognised_without_a_whole_record() {
        for record in [None, Some(""), Some("li"), Some("lib\n")] {
            let node = node();
            fs::create_dir(node.path().join("opt")).unwrap();
            // The kernel's coarse clock has to move on.
            std::thread::sleep(std::time::Duration::from_millis(20));
            interrupted(node.path(), record);
            fs::write(node.path().join("dev/kept"), "").unwrap();
            clear(node.path()).unwrap();
            // What was there before, and what is not empty, stays.
            assert_eq!(names(node.path()), ["dev", "opt"], "{record:?}");
        }
    }

    #[test]
    fn a_whole_record_decides() {
        let node = node();
        interrupted(node.path(), Some("bin\n.\n"));
        clear(node.path()).unwrap();
        assert_eq!(names(node.path()), ["dev", "lib"]);
    }

    /// A clearing that was cut off had removed what the record named.
    #[test]
    fn without_a_record_and_work_nothing_was_made() {
        let node = node();
        fs::create_dir(node.path().join(files::OVERLAY)).unwrap();
        fs::create_dir(node.path().join("opt")).unwrap();
        clear(node.path()).unwrap();
        assert_eq!(names(node.path()), ["opt"]);
    }
}
