//! Constraint `export_roots`: where the opened thing really is must lie under one prefix of every ancestor that sets some.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat, readlinkat};
use nix::sys::stat::{Mode, SFlag, fstat};
use nix::unistd::Uid;
use redpak::plan::Source;

use super::sources::SourceError;
use crate::sys;

/// As many links as the kernel follows, see path_resolution(7).
const MAX_LINKS: usize = 40;

/// Checks an opened source.
///
/// # Errors
/// When an ancestor does not allow it, or it cannot be told.
pub fn check(source: &Source, fd: BorrowedFd<'_>) -> Result<(), SourceError> {
    if source.allowed_roots.is_empty() {
        return Ok(());
    }
    let real = real_path(fd).map_err(|error| SourceError::System {
        verb: "look up",
        path: source.path.clone(),
        source: error,
    })?;
    let is_refused = |roots: &&Vec<PathBuf>| !roots.iter().any(|root| lies_under(&real, root));
    match source.allowed_roots.iter().find(is_refused) {
        None => Ok(()),
        Some(roots) => Err(SourceError::NotAllowed {
            path: source.path.clone(),
            resolved: real,
            roots: roots.clone(),
        }),
    }
}

/// A prefix means what it says and what it resolves to, as `/var/run` and `/run` are one directory.
fn lies_under(real: &Path, root: &Path) -> bool {
    resolved(root).is_some_and(|root| real.starts_with(root))
}

/// The path of an open descriptor. Asked of the kernel and of nobody who mounted something over /proc.
pub fn real_path(fd: BorrowedFd<'_>) -> io::Result<PathBuf> {
    let descriptors = sys::open_proc("/proc/self/fd", OFlag::O_PATH | OFlag::O_DIRECTORY)?;
    let number = fd.as_raw_fd().to_string();
    Ok(readlinkat(descriptors, number.as_str())?.into())
}

/// A prefix without links. Those of others than root and the caller are not followed: whoever can put a link where an
/// ancestor allows a directory would allow itself all. What is not there is a prefix of nothing.
fn resolved(root: &Path) -> Option<PathBuf> {
    let mut left = parts(root);
    let (mut walked, mut links) = (PathBuf::from("/"), 0);
    while let Some(part) = left.pop() {
        if part == ".." {
            walked.pop();
            continue;
        }
        walked.push(&part);
        if let Some(target) = link(&walked).ok()? {
            links += 1;
            if links > MAX_LINKS {
                return None;
            }
            walked.pop();
            if target.as_bytes().starts_with(b"/") {
                walked = PathBuf::from("/");
            }
            left.extend(parts(Path::new(&target)));
        }
    }
    Some(walked)
}

/// The components of a path, the first one last.
fn parts(path: &Path) -> Vec<OsString> {
    let named = path.components().rev().filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        Component::ParentDir => Some(OsStr::new("..")),
        _ => None,
    });
    named.map(OsStr::to_os_string).collect()
}

/// Where a path leads when it is a link, of one descriptor so that owner and target are of the same link.
fn link(path: &Path) -> nix::Result<Option<OsString>> {
    let fd: OwnedFd = openat(
        AT_FDCWD,
        path,
        OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    let status = fstat(&fd)?;
    if SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT != SFlag::S_IFLNK {
        return Ok(None);
    }
    if ![0, Uid::effective().as_raw()].contains(&status.st_uid) {
        return Err(Errno::ELOOP);
    }
    readlinkat(&fd, c"").map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::sources::Opener;
    use super::*;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::{lchown, symlink};

    fn node() -> tempfile::TempDir {
        tempfile::tempdir().expect("temporary directory")
    }

    fn opened(source: &Source) -> Result<PathBuf, SourceError> {
        Opener::default()
            .open(source)
            .map(|fd| real_path(fd.as_fd()).expect("readable"))
    }

    fn source(path: PathBuf, allowed_roots: Vec<Vec<PathBuf>>) -> Source {
        Source {
            path,
            beneath: None,
            allowed_roots,
            create: false,
        }
    }

    #[test]
    fn export_roots_hold_for_what_a_path_resolves_to() {
        let (node, allowed, other) = (node(), node(), node());
        symlink(other.path(), allowed.path().join("link")).expect("made");
        let within = |path: PathBuf, roots: Vec<Vec<PathBuf>>| opened(&source(path, roots));
        let lists = vec![vec![node.path().to_path_buf(), allowed.path().to_path_buf()]];
        assert!(within(allowed.path().to_path_buf(), lists.clone()).is_ok());
        assert!(matches!(
            within(allowed.path().join("link"), lists.clone()),
            Err(SourceError::NotAllowed { .. })
        ));
        let narrower = [lists, vec![vec![node.path().to_path_buf()]]].concat();
        assert!(matches!(
            within(allowed.path().to_path_buf(), narrower),
            Err(SourceError::NotAllowed { .. })
        ));
    }

    #[test]
    fn links_in_prefixes_are_followed_where_root_or_the_caller_made_them() {
        let (ours, target) = (node(), node());
        let prefix = ours.path().join("link");
        symlink(target.path(), &prefix).expect("made");
        let asked = source(target.path().to_path_buf(), vec![vec![prefix.clone()]]);
        assert!(opened(&asked).is_ok());
        if Uid::effective().is_root() {
            lchown(&prefix, Some(12345), None).expect("given away");
            assert!(matches!(opened(&asked), Err(SourceError::NotAllowed { .. })));
        }
    }

    #[test]
    fn a_prefix_is_a_whole_name() {
        let top = node();
        for name in ["data", "data-of-others"] {
            std::fs::create_dir(top.path().join(name)).expect("made");
        }
        let asked = source(top.path().join("data-of-others"), vec![vec![top.path().join("data")]]);
        assert!(matches!(opened(&asked), Err(SourceError::NotAllowed { .. })));
        let missing = source(top.path().join("data"), vec![vec![top.path().join("gone")]]);
        assert!(matches!(opened(&missing), Err(SourceError::NotAllowed { .. })));
    }
}
