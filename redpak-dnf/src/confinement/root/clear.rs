//! Takes away what a composed root leaves in the node.
//!
//! Overlays mark in their upper layer what is removed from a lower one (a whiteout, a device file 0:0) and what they
//! know about the layers (extended attributes). Nobody reads those marks later: a family's launches show its nodes
//! beside each other. What a scriptlet removed from an ancestor is there again.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use anyhow::{Context, Result};
use nix::mount::{MntFlags, umount2};
use redpak::node::files;

/// Names of the directories that were made to mount on, one a line.
pub const MADE: &str = "made";

/// All directories of a node that may be covered.
const COVERED: [&str; 11] = [
    "usr", "opt", "etc", "var", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev",
];

const MARKS: &[u8] = b"user.overlay.";

/// In the namespace in which the root was composed, when the run is over.
pub fn uncover_and_clear(node: &Path) -> Result<()> {
    if is_left(node) {
        uncover(node);
    }
    clear(node)
}

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
    let made = fs::read_to_string(work.join(MADE)).unwrap_or_default();
    for name in COVERED {
        let directory = node.join(name);
        if directory.symlink_metadata().is_ok_and(|status| status.is_dir()) {
            remove_marks(&directory).with_context(|| format!("cannot clear {}", directory.display()))?;
        }
    }
    for name in COVERED.iter().filter(|name| made.lines().any(|line| line == **name)) {
        // One that has become somebody's is not empty.
        let _ = fs::remove_dir(node.join(name));
    }
    // Whatever could write it may have run: the next launch looks at everything anew.
    let _ = fs::remove_file(node.join(files::VERDICT));
    remove_work(&work).with_context(|| format!("cannot remove {}", work.display()))
}

fn uncover(node: &Path) {
    for name in COVERED {
        while umount2(&node.join(name), MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW).is_ok() {}
    }
    let scratch = node.join(files::OVERLAY).join("scratch");
    while umount2(&scratch, MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW).is_ok() {}
}

fn remove_marks(directory: &Path) -> std::io::Result<()> {
    unmark(directory)?;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let status = path.symlink_metadata()?;
        if status.file_type().is_char_device() && status.rdev() == 0 {
            fs::remove_file(&path)?;
        } else if status.is_dir() && path.join(files::STATUS).symlink_metadata().is_err() {
            remove_marks(&path)?;
        } else if status.is_file() {
            unmark(&path)?;
        }
    }
    Ok(())
}

fn unmark(path: &Path) -> std::io::Result<()> {
    let mut names = Vec::with_capacity(1024);
    let listed = match rustix::fs::llistxattr(path, rustix::buffer::spare_capacity(&mut names)) {
        Ok(listed) => listed,
        // A file system without them has no marks; a list this long is none of an overlay's.
        Err(rustix::io::Errno::NOTSUP | rustix::io::Errno::RANGE) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for name in names[..listed].split(|byte| *byte == 0) {
        if name.starts_with(MARKS) {
            rustix::fs::lremovexattr(path, name)?;
        }
    }
    Ok(())
}

/// The kernel makes a directory in it that nobody may enter.
fn remove_work(work: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    for entry in fs::read_dir(work)? {
        let inner = entry?.path().join("work");
        if inner.symlink_metadata().is_ok_and(|status| status.is_dir()) {
            fs::set_permissions(&inner, fs::Permissions::from_mode(0o700))?;
        }
    }
    fs::remove_dir_all(work)
}
