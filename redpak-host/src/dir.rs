//! Directory handles: once opened, nothing that is done through one can be redirected by renaming what is above it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use redpak::display;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// A path with which something could not be done.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} {}", display::path(.path))]
pub struct PathError {
    /// What was tried.
    pub verb: &'static str,
    /// With which path.
    pub path: PathBuf,
    /// Why it failed.
    #[source]
    pub source: io::Error,
}

impl PathError {
    /// An error of the operating system.
    pub fn new(verb: &'static str, path: impl Into<PathBuf>, source: impl Into<io::Error>) -> Self {
        Self {
            verb,
            path: path.into(),
            source: source.into(),
        }
    }
}

/// An open directory.
#[derive(Debug)]
pub struct Dir {
    fd: OwnedFd,
    path: PathBuf,
    resolve: ResolveFlags,
}

/// What is under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// It is a directory, and no symlink to one.
    pub is_directory: bool,
    /// Bytes.
    pub size: u64,
    /// Time of change, seconds since the epoch.
    pub mtime: i64,
    /// Device and inode number: two paths with the same ones lead to one file.
    pub identity: (u64, u64),
}

/// Nothing below a node may lead out of it: neither symlinks nor `..` nor the magic links of procfs.
const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);
/// Absolute symlinks of another root file system count from its root.
const IN_ROOT: ResolveFlags = ResolveFlags::IN_ROOT.union(ResolveFlags::NO_MAGICLINKS);
/// Readable, so that it can be synchronised and locked.
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Dir {
    /// Opens a directory whose contents may not lead out of it.
    ///
    /// # Errors
    /// When it is no directory or cannot be searched.
    pub fn open(path: &Path) -> Result<Self, PathError> {
        Self::with(path, BENEATH)
    }

    /// Opens the root of a system: `/`, or a root file system that is being built, in which absolute symlinks stay.
    ///
    /// # Errors
    /// When it is no directory or cannot be searched.
    pub fn open_root(path: &Path) -> Result<Self, PathError> {
        let is_ours = path == Path::new("/");
        Self::with(path, if is_ours { ResolveFlags::empty() } else { IN_ROOT })
    }

    fn with(path: &Path, resolve: ResolveFlags) -> Result<Self, PathError> {
        // A directory may be searchable without being readable: that suffices to open what is known by name.
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(CWD, path, flags, Mode::empty())
            .map_err(|error| PathError::new("open the directory", path, error))?;
        let path = path.to_path_buf();
        Ok(Self { fd, path, resolve })
    }

    /// Path under which the directory was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The full path of something below.
    pub fn join(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.path.join(relative)
    }

    /// Opens something below, `None` when it is missing. Whether it may be followed out of the directory depends on
    /// how the directory was opened.
    ///
    /// # Errors
    /// Whatever else keeps it from being opened.
    pub fn open_file(&self, relative: &Path, flags: OFlags, mode: Mode) -> Result<Option<File>, PathError> {
        match rustix::fs::openat2(&self.fd, relative, flags | OFlags::CLOEXEC, mode, self.resolve) {
            Ok(fd) => Ok(Some(File::from(fd))),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(PathError::new("open", self.join(relative), explain(error, &self.path))),
        }
    }

    /// Whether something of that name is there, a dangling symlink included.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn contains(&self, name: &Path) -> Result<bool, PathError> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
            Err(error) => Err(PathError::new("look at", self.join(name), error)),
        }
    }

    /// Opens a directory below.
    ///
    /// # Errors
    /// When it is missing, no directory, not readable or lies outside.
    pub fn subdirectory(&self, relative: &Path) -> Result<Self, PathError> {
        let path = if relative.as_os_str().is_empty() {
            Path::new(".")
        } else {
            relative
        };
        let fd = rustix::fs::openat2(&self.fd, path, DIRECTORY, Mode::empty(), self.resolve)
            .map_err(|error| PathError::new("open the directory", self.join(relative), explain(error, &self.path)))?;
        Ok(Self {
            fd,
            path: self.join(relative),
            resolve: self.resolve,
        })
    }

    /// Makes a directory below with all that leads to it; returns those that were missing, outermost first.
    ///
    /// What was made before a failure is removed again.
    ///
    /// # Errors
    /// When one of them cannot be made, or something else has its name.
    pub fn make_directories(&self, relative: &Path) -> Result<Vec<PathBuf>, PathError> {
        let mut made: Vec<PathBuf> = Vec::new();
        let mut walked = PathBuf::new();
        for name in names(relative) {
            let here = walked.join(name);
            let parent = std::mem::replace(&mut walked, here);
            match self.make_directory(&parent, name) {
                Ok(true) => made.push(walked.clone()),
                Ok(false) => {}
                Err(error) => {
                    made.iter().rev().for_each(|path| self.remove_directory(path));
                    return Err(error);
                }
            }
        }
        Ok(made)
    }

    fn make_directory(&self, parent: &Path, name: &OsStr) -> Result<bool, PathError> {
        let parent = self.subdirectory(parent)?;
        match rustix::fs::mkdirat(&parent.fd, name, Mode::from_raw_mode(0o755)) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => parent.subdirectory(Path::new(name)).map(|_| false),
            Err(error) => Err(PathError::new("make the directory", parent.join(name), error)),
        }
    }

    /// Removes a directory below if it is empty; what others put there meanwhile stays.
    pub fn remove_directory(&self, relative: &Path) {
        self.remove(relative, AtFlags::REMOVEDIR);
    }

    /// Renames a file; what has the new name is replaced.
    ///
    /// # Errors
    /// When either name leads out of the directory, or the kernel refuses.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), PathError> {
        let failed = |error| PathError::new("rename", self.join(from), error);
        let ((from_parent, from_name), (to_parent, to_name)) = (split(from), split(to));
        let (Some(from_name), Some(to_name)) = (from_name, to_name) else {
            return Err(failed(Errno::INVAL));
        };
        let (from_parent, to_parent) = (self.subdirectory(from_parent)?, self.subdirectory(to_parent)?);
        rustix::fs::renameat(&from_parent, from_name, &to_parent, to_name).map_err(failed)
    }

    /// Removes a directory below with everything in it, and follows no symlink out. One that is missing is removed already.
    ///
    /// # Errors
    /// When it lies outside, or something in it cannot be removed.
    pub fn remove_all(&self, relative: &Path) -> Result<(), PathError> {
        let failed = |error| PathError::new("remove", self.join(relative), error);
        let (parent, name) = split(relative);
        let name = name.ok_or_else(|| failed(Errno::INVAL))?;
        match self.subdirectory(parent) {
            Ok(parent) => remove_tree(&parent.fd, name).map_err(failed),
            Err(error) if is_missing(&error.source) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes a file below if it is there.
    pub fn remove_file(&self, relative: &Path) {
        self.remove(relative, AtFlags::empty());
    }

    /// What is there under a name below, no symlink followed in its last part; `None` when it is missing or cannot be reached.
    pub fn status(&self, relative: &Path) -> Option<Status> {
        let (parent, name) = split(relative);
        let parent = self.subdirectory(parent).ok()?;
        let found = rustix::fs::statat(&parent.fd, name?, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some(Status {
            is_directory: FileType::from_raw_mode(found.st_mode).is_dir(),
            size: u64::try_from(found.st_size).ok()?,
            mtime: found.st_mtime,
            identity: (found.st_dev, found.st_ino),
        })
    }

    /// Names of what lies in a directory below; none when it cannot be listed.
    pub fn names(&self, relative: &Path) -> Vec<OsString> {
        let listed = self.subdirectory(relative).ok();
        let listed = listed.and_then(|directory| rustix::fs::Dir::read_from(&directory.fd).ok());
        let entries = listed.into_iter().flatten().flatten();
        entries
            .map(|entry| OsStr::from_bytes(entry.file_name().to_bytes()).to_owned())
            .filter(|name| name != "." && name != "..")
            .collect()
    }

    /// Cleaning up after a failure: a second failure must not hide the first.
    fn remove(&self, relative: &Path, flags: AtFlags) {
        let (parent, name) = split(relative);
        if let (Ok(parent), Some(name)) = (self.subdirectory(parent), name) {
            let _ = rustix::fs::unlinkat(&parent.fd, name, flags);
        }
    }
}

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Directory part and last name of a relative path.
pub(crate) fn split(relative: &Path) -> (&Path, Option<&OsStr>) {
    (relative.parent().unwrap_or(Path::new("")), relative.file_name())
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A symlink is removed itself, not what it leads to.
fn remove_tree(parent: &OwnedFd, name: &OsStr) -> Result<(), Errno> {
    match rustix::fs::openat(parent, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(directory) => {
            for entry in rustix::fs::Dir::read_from(&directory)? {
                let entry = entry?;
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                if name != "." && name != ".." {
                    remove_tree(&directory, name)?;
                }
            }
            rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
        }
        Err(Errno::NOENT) => Ok(()),
        Err(Errno::NOTDIR | Errno::LOOP) => rustix::fs::unlinkat(parent, name, AtFlags::empty()),
        Err(error) => Err(error),
    }
}

fn names(relative: &Path) -> impl Iterator<Item = &OsStr> {
    relative.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        _ => None,
    })
}

/// openat2(2) reports an escape with errors that nobody would understand.
fn explain(error: Errno, directory: &Path) -> io::Error {
    match error {
        Errno::XDEV => io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!(
                "it leads out of {}; a node's own files must lie in the node",
                display::path(directory)
            ),
        ),
        Errno::NOSYS => io::Error::new(
            io::ErrorKind::Unsupported,
            "the kernel lacks openat2(2); Linux 5.6 or later is needed",
        ),
        other => other.into(),
    }
}
