//! Paths that are walked below a descriptor and cannot leave it, see openat2(2).

use std::ffi::{CString, OsStr};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::{Mode, mkdirat};

/// How often a walk is tried that renames disturb.
const MAX_TRIES: usize = 100_000;

/// What a path may do.
#[derive(Debug, Clone, Copy)]
pub enum Walk {
    /// A link that leads out is an error.
    Beneath,
    /// The directory is the root of all links, as after chroot(2).
    InRoot,
}

/// Opens a path below `directory`.
///
/// # Errors
/// The kernel's, `EXDEV` when the path leads out.
pub fn resolve(directory: BorrowedFd<'_>, path: &Path, walk: Walk, flags: OFlag, mode: u32) -> nix::Result<OwnedFd> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    let limit = match walk {
        Walk::Beneath => ResolveFlag::RESOLVE_BENEATH,
        Walk::InRoot => ResolveFlag::RESOLVE_IN_ROOT,
    };
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .mode(Mode::from_bits_truncate(mode))
        .resolve(limit | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    // EAGAIN: the kernel could not prove the walk safe because something was renamed meanwhile, see openat2(2). Whoever
    // renames without an end must not keep the launcher here.
    let mut tries = (0..MAX_TRIES).map(|_| openat2(directory, path, how));
    tries
        .find(|result| !matches!(result, Err(Errno::EAGAIN)))
        .unwrap_or(Err(Errno::EAGAIN))
}

/// Opens a directory, and makes with `make` what of it is missing. No step follows a link that a made directory could be
/// swapped for.
///
/// # Errors
/// As [`resolve`], or `make`'s.
pub fn directories(
    top: BorrowedFd<'_>,
    path: &Path,
    walk: Walk,
    make: &impl Fn(BorrowedFd<'_>, &OsStr) -> nix::Result<OwnedFd>,
) -> nix::Result<OwnedFd> {
    use std::os::fd::AsFd as _;
    match resolve(top, path, walk, OFlag::O_PATH | OFlag::O_DIRECTORY, 0) {
        Err(Errno::ENOENT) => {}
        other => return other,
    }
    let (Some(parent), Some(Component::Normal(name))) = (path.parent(), path.components().next_back()) else {
        return Err(Errno::EXDEV);
    };
    let parent = directories(top, parent, walk, make)?;
    make(parent.as_fd(), name)
}

/// Makes one directory and opens it; one that is there already is opened.
///
/// # Errors
/// The kernel's.
pub fn make_directory(parent: BorrowedFd<'_>, name: &OsStr, mode: u32) -> nix::Result<(OwnedFd, bool)> {
    let name = CString::new(name.as_bytes()).map_err(|_| Errno::EINVAL)?;
    let is_new = match mkdirat(parent, name.as_c_str(), Mode::from_bits_truncate(mode)) {
        Ok(()) => true,
        Err(Errno::EEXIST) => false,
        Err(errno) => return Err(errno),
    };
    let opened = openat(
        parent,
        name.as_c_str(),
        OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    Ok((opened, is_new))
}
