//! An open control group. Everything is done through its descriptor: what is mounted or renamed meanwhile changes nothing.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::{Mode, mkdirat};
use nix::sys::statfs::{CGROUP2_SUPER_MAGIC, fstatfs};
use nix::unistd::{Pid, UnlinkatFlags, unlinkat};

use super::error::Error;

/// Its path is for messages.
#[derive(Debug)]
pub struct Group {
    fd: OwnedFd,
    path: PathBuf,
}

/// A directory of the same file system, with no link on the way.
const DIRECTORY: OFlag = OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_CLOEXEC);
const HERE: ResolveFlag = ResolveFlag::RESOLVE_BENEATH
    .union(ResolveFlag::RESOLVE_NO_SYMLINKS)
    .union(ResolveFlag::RESOLVE_NO_XDEV);

impl Group {
    /// Opens a group by its path.
    ///
    /// # Errors
    /// When it is missing or not in a cgroup v2 file system.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let fd = openat(AT_FDCWD, path, DIRECTORY, Mode::empty()).map_err(|errno| Error::System {
            verb: "open",
            directory: path.to_path_buf(),
            source: errno.into(),
        })?;
        let is_version_2 = fstatfs(&fd).is_ok_and(|status| status.filesystem_type() == CGROUP2_SUPER_MAGIC);
        if !is_version_2 {
            return Err(Error::NotVersion2(path.to_path_buf()));
        }
        let path = path.to_path_buf();
        Ok(Self { fd, path })
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a group below, unless it is there already.
    ///
    /// # Errors
    /// When the group above is not delegated, or the kernel has another reason.
    pub fn make(&self, name: &OsStr) -> Result<Self, Error> {
        let path = self.path.join(name);
        match mkdirat(&self.fd, name, Mode::from_bits_truncate(0o755)) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno @ (Errno::EACCES | Errno::EPERM | Errno::EROFS)) => {
                return Err(Error::NotDelegated {
                    directory: path,
                    source: errno.into(),
                });
            }
            Err(errno) => {
                return Err(Error::System {
                    verb: "make",
                    directory: path,
                    source: errno.into(),
                });
            }
        }
        let fd = self.open_here(name, DIRECTORY).map_err(|source| Error::System {
            verb: "open",
            directory: path.clone(),
            source,
        })?;
        Ok(Self { fd, path })
    }

    /// Removes a group below; fails while anybody is in it.
    ///
    /// # Errors
    /// The kernel's reason.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.fd, name, UnlinkatFlags::RemoveDir)?)
    }

    /// The names of the groups below.
    pub fn below(&self) -> Vec<PathBuf> {
        let Ok(entries) = nix::dir::Dir::openat(&self.fd, ".", DIRECTORY, Mode::empty()) else {
            return Vec::new();
        };
        let directories = entries.into_iter().flatten().filter(|entry| {
            entry.file_type() == Some(nix::dir::Type::Directory) && !entry.file_name().to_bytes().starts_with(b".")
        });
        directories
            .map(|entry| PathBuf::from(OsStr::from_bytes(entry.file_name().to_bytes())))
            .collect()
    }

    /// Opens an interface file for writing.
    ///
    /// # Errors
    /// The kernel's reason.
    pub fn open_for_writing(&self, file: &str) -> io::Result<OwnedFd> {
        self.open_here(OsStr::new(file), OFlag::O_WRONLY | OFlag::O_CLOEXEC)
    }

    /// Writes a value into an interface file, at once, as the kernel wants it.
    ///
    /// # Errors
    /// The kernel's reason.
    pub fn write(&self, file: &str, value: &str) -> io::Result<()> {
        let opened = self.open_for_writing(file)?;
        Ok(nix::unistd::write(&opened, value.as_bytes()).map(drop)?)
    }

    /// [`Self::write`] with an error that says what was written where.
    ///
    /// # Errors
    /// When it is refused.
    pub fn set(&self, file: &str, value: &str) -> Result<(), Error> {
        self.write(file, value).map_err(|source| Error::Write {
            file: self.path.join(file),
            value: value.to_owned(),
            source,
        })
    }

    /// What an interface file says; nothing when the kernel has none of that name.
    pub fn read(&self, file: &str) -> String {
        let mut text = String::new();
        let opened = self.open_here(OsStr::new(file), OFlag::O_RDONLY | OFlag::O_CLOEXEC);
        if let Ok(opened) = opened {
            // What cannot be read counts as not there.
            let _ = File::from(opened).read_to_string(&mut text);
        }
        text
    }

    /// A number in a file of `key value` lines, as `populated` in `cgroup.events`.
    pub fn number(&self, file: &str, key: &str) -> Option<u64> {
        let text = self.read(file);
        let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        value?.parse().ok()
    }

    /// The processes in it.
    pub fn processes(&self) -> Vec<Pid> {
        let text = self.read("cgroup.procs");
        // 0 stands for a process of another pid namespace, which cannot be named here.
        let named = text.lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid > 0);
        named.map(Pid::from_raw).collect()
    }

    /// `cgroup.events`, which tells by poll(2) that it has changed since it was read.
    pub fn open_events(&self) -> Option<File> {
        let opened = self.open_here(OsStr::new("cgroup.events"), OFlag::O_RDONLY | OFlag::O_CLOEXEC);
        let mut events = File::from(opened.ok()?);
        events.read_to_string(&mut String::new()).ok()?;
        Some(events)
    }

    fn open_here(&self, name: &OsStr, flags: OFlag) -> io::Result<OwnedFd> {
        let how = OpenHow::new().flags(flags).resolve(HERE);
        Ok(openat2(&self.fd, name, how)?)
    }
}

impl AsFd for Group {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
