//! Namespaces that are joined by path, see setns(2).

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sched::CloneFlags;
use nix::sys::stat::Mode;
use nix::sys::statfs::fstatfs;
use redpak::plan::Namespace;

use crate::backend::Error;

/// Opens a namespace file. Anything else that a config names is not opened: a pipe would wait for a writer, a device may
/// act on being opened.
///
/// # Errors
/// When it is not there or no namespace.
pub fn open(path: &Path) -> Result<OwnedFd, Error> {
    let opened = openat(AT_FDCWD, path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()).and_then(|found| {
        if fstatfs(&found)?.filesystem_type().0 != libc::NSFS_MAGIC {
            return Ok(None);
        }
        let found = format!("/proc/self/fd/{}", found.as_raw_fd());
        openat(
            AT_FDCWD,
            found.as_str(),
            OFlag::O_RDONLY | OFlag::O_CLOEXEC,
            Mode::empty(),
        )
        .map(Some)
    });
    match opened {
        Ok(Some(file)) => Ok(file),
        Ok(None) => Err(Error::NoNamespace(path.to_path_buf())),
        Err(errno) => Err(failure(path, errno)),
    }
}

fn failure(path: &Path, errno: Errno) -> Error {
    Error::Namespace {
        path: path.to_path_buf(),
        source: errno.into(),
    }
}

/// What setns(2) calls it.
pub fn flag(namespace: Namespace) -> CloneFlags {
    match namespace {
        Namespace::User => CloneFlags::CLONE_NEWUSER,
        Namespace::Cgroup => CloneFlags::CLONE_NEWCGROUP,
        Namespace::Network => CloneFlags::CLONE_NEWNET,
        Namespace::Pid => CloneFlags::CLONE_NEWPID,
        Namespace::Ipc => CloneFlags::CLONE_NEWIPC,
        Namespace::Uts => CloneFlags::CLONE_NEWUTS,
        Namespace::Time => CloneFlags::from_bits_retain(libc::CLONE_NEWTIME),
    }
}

/// The step of the launch that joins it, for messages.
pub const fn step(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::User => "join the user namespace of share_user",
        Namespace::Cgroup => "join the cgroup namespace of share_cgroup",
        Namespace::Network => "join the network namespace of share_net",
        Namespace::Pid => "join the pid namespace of share_pid",
        Namespace::Ipc => "join the ipc namespace of share_ipc",
        Namespace::Uts => "join the uts namespace",
        Namespace::Time => "join the time namespace of share_time",
    }
}
