//! The mount namespace: everything read-only but the node and its caches.
#![allow(unsafe_code, reason = "mount_setattr(2) has no safe wrapper")]

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};
use nix::sys::statvfs::{FsFlags, statvfs};

use super::Writable;

/// Makes every mount read-only and without device files, then the writable directories writable again.
pub fn protect(writable: &Writable) -> Result<()> {
    remount_private()?;
    for directory in writable.directories.iter().chain(&writable.except) {
        bind_to_itself(directory)?;
    }
    let keep: Vec<_> = writable.directories.iter().filter(|path| is_writable(path)).collect();
    set_attributes(
        Path::new("/"),
        Attributes {
            set: READ_ONLY,
            clear: 0,
            recursive: true,
        },
    )?;
    for directory in keep {
        set_attributes(
            directory,
            Attributes {
                set: NO_DEVICES | NO_SUID,
                clear: READ_ONLY,
                recursive: false,
            },
        )?;
    }
    mount_proc()
}

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY;
const NO_DEVICES: u64 = libc::MOUNT_ATTR_NODEV;
const NO_SUID: u64 = libc::MOUNT_ATTR_NOSUID;

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
