//! Looks at the files of the nodes' packages. No link is followed out of a node.

use std::collections::BTreeSet;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat, openat2, readlinkat};
use nix::sys::stat::{Mode, fstat, lstat};
use redpak::coherency::{Found, Level, PackageFiles, is_checked};
use redpak_fs::state;

/// What was found, and the state of each file that is there.
pub fn look(family: &[Level]) -> (Vec<PackageFiles>, Vec<(PathBuf, String)>) {
    let (mut files, mut states) = (Vec::new(), Vec::new());
    for (level, of) in family.iter().enumerate().filter(|(_, level)| !level.is_core_os) {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = openat(AT_FDCWD, &of.root, flags, Mode::empty());
        // Before the files: a way that changes meanwhile must show.
        states.extend(ways(of));
        for (package, description) in of.packages.iter().enumerate() {
            let checked = description.files.iter().filter(|file| is_checked(file));
            let found = checked.map(|file| match &root {
                Ok(root) => {
                    let (found, state) = one(root.as_fd(), &file.path);
                    states.push((below(&of.root, &file.path), state));
                    found
                }
                Err(errno) => Found::Unreadable(errno.desc().to_owned()),
            });
            files.push(PackageFiles {
                level,
                package,
                found: found.collect(),
            });
        }
    }
    (files, states)
}

/// The directories and links on the way to a level's files, with their states. A file keeps its own state when the directory
/// that it lies in is moved out of the node and a link put in its place.
fn ways(level: &Level) -> Vec<(PathBuf, String)> {
    let mut parents = BTreeSet::new();
    let mut last = None;
    for package in &level.packages {
        // The files of a directory follow each other.
        for parent in package
            .files
            .iter()
            .filter(|file| is_checked(file))
            .map(|file| file.path.parent())
        {
            if parent != last {
                parents.extend(parent);
                last = parent;
            }
        }
    }
    let mut places = BTreeSet::new();
    for parent in parents {
        let parent = below(&level.root, parent);
        // A link on the way may stay in the node: where it leads to is on the way too.
        let real = std::fs::canonicalize(&parent).ok();
        for way in [Some(parent), real].into_iter().flatten() {
            let inside = way
                .ancestors()
                .take_while(|place| *place != level.root && place.starts_with(&level.root));
            places.extend(inside.map(Path::to_path_buf));
        }
    }
    let state = |place: PathBuf| {
        let status = lstat(&place);
        (
            place,
            status.map_or_else(|_| state::MISSING.into(), |status| state::of_place(&status)),
        )
    };
    places.into_iter().map(state).collect()
}

/// A packaged path, which is absolute, below the root.
pub fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Opens what is at a packaged path, without following a link there or out of the node.
pub fn open(root: BorrowedFd<'_>, path: &Path, flags: OFlag) -> nix::Result<OwnedFd> {
    let inside = path.strip_prefix("/").unwrap_or(path);
    let inside = if inside.as_os_str().is_empty() {
        Path::new(".")
    } else {
        inside
    };
    let how = OpenHow::new()
        .flags(flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    openat2(root, inside, how)
}

fn one(root: BorrowedFd<'_>, path: &Path) -> (Found, String) {
    const LINK: u32 = 0o120_000;
    let looked = open(root, path, OFlag::O_PATH).and_then(|fd| Ok((fstat(&fd)?, fd)));
    let (status, fd) = match looked {
        Ok(looked) => looked,
        Err(Errno::ENOENT | Errno::ENOTDIR) => return (Found::Missing, state::MISSING.into()),
        Err(Errno::EXDEV | Errno::ELOOP) => return (Found::LeadsOut, String::new()),
        Err(errno) => return (Found::Unreadable(errno.desc().to_owned()), String::new()),
    };
    let link_target = (status.st_mode & 0o170_000 == LINK).then(|| readlinkat(&fd, c"").unwrap_or_default().into());
    let found = Found::There {
        mode: status.st_mode,
        size: u64::try_from(status.st_size).unwrap_or(0),
        link_target,
        digest: None,
    };
    (found, state::of_place(&status))
}
