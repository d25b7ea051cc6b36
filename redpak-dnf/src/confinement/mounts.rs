//! The mount namespace: everything read-only but the node and its caches.
#![allow(unsafe_code, reason = "mount_setattr(2) has no safe wrapper")]

use std::collections::HashSet;
use std::ffi::{CString, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};
use nix::sys::statvfs::{FsFlags, statvfs};

use super::Writable;

/// Makes every mount read-only and without device files, then the writable directories writable again.
pub fn protect(writable: &Writable) -> Result<()> {
    remount_private()?;
    for directory in &writable.directories {
        bind_to_itself(directory)?;
    }
    // These were listed a moment ago, and a transaction may go on beside this process.
    for directory in &writable.except {
        unless_gone(bind_to_itself(directory))?;
    }
    let table = table()?;
    let inside = |directory: &PathBuf| below(&table, directory, &writable.except);
    let mut keep: Vec<PathBuf> = writable.directories.iter().flat_map(inside).collect();
    keep.extend_from_slice(&writable.directories);
    keep.retain(|path| is_writable(path));
    set_attributes(
        Path::new("/"),
        Attributes {
            set: READ_ONLY,
            clear: 0,
            recursive: true,
        },
    )?;
    for directory in keep {
        let changed = set_attributes(
            &directory,
            Attributes {
                set: NO_DEVICES | NO_SUID,
                clear: READ_ONLY,
                recursive: false,
            },
        );
        match writable.directories.contains(&directory) {
            true => changed?,
            // What was mounted there stays read-only if it is still somewhere.
            false => unless_gone(changed)?,
        }
    }
    mount_proc()
}

/// What has vanished since it was listed needs no mount.
fn unless_gone(result: Result<()>) -> Result<()> {
    let is_gone = |error: &anyhow::Error| {
        let nix = error.downcast_ref::<nix::Error>().copied();
        let io = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
        nix.or(io.map(nix::Error::from_raw)) == Some(nix::Error::ENOENT)
    };
    match result {
        Err(error) if is_gone(&error) => Ok(()),
        other => other,
    }
}

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY;
const NO_DEVICES: u64 = libc::MOUNT_ATTR_NODEV;
const NO_SUID: u64 = libc::MOUNT_ATTR_NOSUID;

/// Other file systems that are mounted in a node, opened; those of the nodes below are theirs.
pub fn inside(node: &Path, except: &[PathBuf]) -> Result<Vec<(File, PathBuf)>> {
    let found = below(&table()?, node, except);
    found
        .into_iter()
        .map(|path| Ok((super::root::open(&path)?, path)))
        .collect()
}

/// The places of other file systems that are mounted below a directory, and not below any of `except`.
pub fn places(directory: &Path, except: &[PathBuf]) -> Result<Vec<PathBuf>> {
    Ok(below(&table()?, directory, except))
}

/// Puts on the disk what has been written to the file systems that are mounted at these places.
pub fn synchronise(places: &[PathBuf]) -> Result<()> {
    let mut done = HashSet::new();
    for place in places {
        let kind = place.symlink_metadata().map(|status| status.file_type());
        if !kind.is_ok_and(|kind| kind.is_dir() || kind.is_file()) {
            continue;
        }
        // What is covered by another mount, or may not be entered, nobody writes here.
        match File::options().read(true).custom_flags(libc::O_NONBLOCK).open(place) {
            Ok(open) if !done.insert(open.metadata()?.dev()) => {}
            Ok(open) => {
                nix::unistd::syncfs(&open).with_context(|| format!("cannot write {} to the disk", place.display()))?
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {}
            Err(error) => return Err(error).with_context(|| format!("cannot open {}", place.display())),
        }
    }
    Ok(())
}

/// The places of mounts below a directory, see proc_pid_mountinfo(5).
fn below(table: &str, directory: &Path, except: &[PathBuf]) -> Vec<PathBuf> {
    let places = table.lines().filter_map(|line| line.split(' ').nth(4)).map(unescaped);
    let is_below = |place: &PathBuf| place != directory && place.starts_with(directory);
    let is_excepted = |place: &PathBuf| except.iter().any(|other| place.starts_with(other));
    let mut found: Vec<PathBuf> = places.filter(is_below).filter(|place| !is_excepted(place)).collect();
    found.sort();
    found.dedup();
    found
}

fn table() -> Result<String> {
    std::fs::read_to_string("/proc/self/mountinfo").context("cannot read the table of mounts")
}

/// Space, tab, newline and backslash stand there as octal numbers.
fn unescaped(place: &str) -> PathBuf {
    let mut parts = place.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(3).unwrap_or(("", part));
        bytes.extend(u8::from_str_radix(digits, 8).ok());
        bytes.extend_from_slice(rest.as_bytes());
    }
    OsString::from_vec(bytes).into()
}

fn remount_private() -> Result<()> {
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )
    .context("cannot make the mounts private")
}

fn bind_to_itself(directory: &Path) -> Result<()> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(directory), directory, None::<&str>, flags, None::<&str>)
        .with_context(|| format!("cannot mount {} on itself", directory.display()))
}

/// A read-only file system stays so: what the administrator mounted read-only is not ours to open.
fn is_writable(directory: &Path) -> bool {
    statvfs(directory).is_ok_and(|state| !state.flags().contains(FsFlags::ST_RDONLY))
}

/// The processes of the new namespace and no others. Where the kernel refuses (some of the outer /proc is hidden), the
/// outer one stays, read-only.
fn mount_proc() -> Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | MsFlags::MS_RDONLY;
    match mount(Some("proc"), "/proc", Some("proc"), flags, None::<&str>) {
        Ok(()) | Err(nix::Error::EPERM) => Ok(()),
        Err(error) => Err(error).context("cannot mount /proc"),
    }
}

/// Makes one mount read-only, and not those below it.
pub fn make_read_only(path: &Path) -> Result<()> {
    set_attributes(
        path,
        Attributes {
            set: READ_ONLY,
            clear: 0,
            recursive: false,
        },
    )
}

struct Attributes {
    set: u64,
    clear: u64,
    recursive: bool,
}

fn set_attributes(path: &Path, attributes: Attributes) -> Result<()> {
    let action = || format!("cannot change the mount at {}", path.display());
    let c_path = CString::new(path.as_os_str().as_bytes()).with_context(action)?;
    let flags = if attributes.recursive { libc::AT_RECURSIVE } else { 0 };
    let raw = libc::mount_attr {
        attr_set: attributes.set,
        attr_clr: attributes.clear,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: path and structure are valid for the call, and the size is the structure's.
    let status = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            c_path.as_ptr(),
            flags,
            &raw const raw,
            size_of::<libc::mount_attr>(),
        )
    };
    if status == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error()).with_context(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_vanished_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let gone = directory.path().join("gone");
        assert!(bind_to_itself(&gone).is_err());
        unless_gone(bind_to_itself(&gone)).unwrap();
        unless_gone(make_read_only(&gone)).unwrap();
        // Anything else is told.
        unless_gone(Err(nix::Error::EPERM.into())).unwrap_err();
    }

    #[test]
    fn mounts_below_a_directory_are_found() {
        let table = "21 1 0:1 / / rw - ext4 a rw\n\
            22 21 0:2 / /pool/leaf rw - ext4 a rw\n\
            23 22 0:3 / /pool/leaf/srv/big\\040data rw - tmpfs b rw\n\
            24 22 0:4 / /pool/leaf/child rw - tmpfs c rw\n\
            25 24 0:5 / /pool/leaf/child/srv rw - tmpfs d rw\n\
            26 21 0:6 / /pool/leaflet rw - tmpfs e rw\n";
        let found = below(table, Path::new("/pool/leaf"), &["/pool/leaf/child".into()]);
        assert_eq!(found, [Path::new("/pool/leaf/srv/big data")]);
        assert_eq!(unescaped("a\\134b\\9"), Path::new("a\\b9"));
    }

    #[test]
    fn what_is_no_file_is_not_opened_to_be_synchronised() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let (gone, link) = (directory.path().join("gone"), directory.path().join("link"));
        std::os::unix::fs::symlink(&socket, &link).unwrap();
        synchronise(&[socket, gone, link, directory.path().into()]).unwrap();
    }
}
