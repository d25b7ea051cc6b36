//! Looks at the files of the nodes' packages. No link is followed out of a node.

use std::collections::HashMap;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat, openat2, readlinkat};
use nix::sys::stat::{Mode, fstat};
use redpak::coherency::{Found, Level, PackageFiles, is_checked};
use redpak_host::state;
use redpak_host::ways::Ways;

/// What was found, and the state of each file that is there.
pub fn look(family: &[Level]) -> (Vec<PackageFiles>, Vec<(PathBuf, String)>) {
    let (mut files, mut states) = (Vec::new(), Vec::new());
    for (level, of) in family.iter().enumerate().filter(|(_, level)| !level.is_core_os) {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = openat(AT_FDCWD, &of.root, flags, Mode::empty());
        // Before the files: a way that changes meanwhile must show.
        let (ways, folders) = ways(of);
        states.extend(ways);
        for (package, description) in of.packages.iter().enumerate() {
            let checked = description.files.iter().filter(|file| is_checked(file));
            let found = checked.map(|file| match &root {
                Ok(root) => {
                    let (found, state) = one(root.as_fd(), &file.path);
                    states.push((real(&of.root, &file.path, &folders), state));
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

/// What is on the way to a level's files, with its state; and where the directories of the files lead.
fn ways(level: &Level) -> (Vec<(PathBuf, String)>, Folders<'_>) {
    let (mut ways, mut folders) = (Ways::below(&level.root), Folders::new());
    let mut last = None;
    for package in &level.packages {
        // The files of a directory follow each other.
        for folder in package
            .files
            .iter()
            .filter(|file| is_checked(file))
            .map(|file| file.path.parent())
        {
            if folder != last {
                last = folder;
                folders.extend(folder.and_then(|folder| Some((folder, ways.end(folder)?))));
            }
        }
    }
    (ways.states().collect(), folders)
}

/// Where directories of packages are.
type Folders<'f> = HashMap<&'f Path, PathBuf>;

/// Where a packaged path is, no link on the way any more.
fn real(root: &Path, path: &Path, folders: &Folders<'_>) -> PathBuf {
    let folder = path.parent().and_then(|folder| folders.get(folder));
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => below(root, path),
    }
}

/// A packaged path, which is absolute, below the root.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Opens what is at a packaged path, without following a link there. Links on the way lead inside the node, absolute ones
/// too: so they do for rpm, which changes its root to it, and for a program that sees the node at its place.
pub fn open(root: BorrowedFd<'_>, path: &Path, flags: OFlag) -> nix::Result<OwnedFd> {
    resolve(root, path, flags | OFlag::O_NOFOLLOW, ResolveFlag::RESOLVE_IN_ROOT)
}

/// Whether the way to what is missing leads out of the node: a link on it leads to no directory in here.
fn leads_out(root: BorrowedFd<'_>, path: &Path) -> bool {
    let Some(folder) = path.parent() else { return false };
    let look = |within| resolve(root, folder, OFlag::O_PATH | OFlag::O_DIRECTORY, within);
    look(ResolveFlag::RESOLVE_IN_ROOT).is_err()
        && look(ResolveFlag::RESOLVE_BENEATH).is_err_and(|errno| errno == Errno::EXDEV)
}

/// How often a way is tried that renames disturb.
const MAX_TRIES: usize = 1000;

fn resolve(root: BorrowedFd<'_>, path: &Path, flags: OFlag, within: ResolveFlag) -> nix::Result<OwnedFd> {
    let inside = path.strip_prefix("/").unwrap_or(path);
    let inside = if inside.as_os_str().is_empty() {
        Path::new(".")
    } else {
        inside
    };
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .resolve(within | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    // EAGAIN: something was renamed meanwhile, see openat2(2).
    let mut tries = (0..MAX_TRIES).map(|_| openat2(root, inside, how));
    tries
        .find(|result| !matches!(result, Err(Errno::EAGAIN)))
        .unwrap_or(Err(Errno::EAGAIN))
}

fn one(root: BorrowedFd<'_>, path: &Path) -> (Found, String) {
    const LINK: u32 = 0o120_000;
    let looked = open(root, path, OFlag::O_PATH).and_then(|fd| Ok((fstat(&fd)?, fd)));
    let (status, fd) = match looked {
        Ok(looked) => looked,
        Err(Errno::ENOENT | Errno::ENOTDIR) if leads_out(root, path) => return (Found::LeadsOut, String::new()),
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
