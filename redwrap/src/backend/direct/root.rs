//! The root that the program sees: a tmpfs, mounted over the old root while it is filled, then put in its place.
//!
//! First everything of the old root that will be needed is cloned, see [`OldRoot`]: once the new root lies over it, `..` of
//! a path may lead into the new one. Then the steps are done in order. Paths of the new root are walked inside it
//! (`RESOLVE_IN_ROOT` of openat2(2)): no link in what is mounted there leads outside.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat};
use nix::sys::stat::Mode;
use nix::unistd::{AccessFlags, faccessat, fchdir, pivot_root, symlinkat};
use redpak::plan::{Content, Operation};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, UnmountFlags, fsconfig_create, fsconfig_set_flag, fsconfig_set_string,
    fsmount, fsopen, unmount,
};

use super::first::{Failed, at};
use super::old_root::{CONFINED, Clones, Kind, OldRoot, attach, clone, restrict};
use crate::backend::prepare::walk::{self, Walk};

/// Links in /dev: name and target.
const LINKS: [(&str, &str); 6] = [
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("fd", "/proc/self/fd"),
    ("core", "/proc/kcore"),
    ("ptmx", "pts/ptmx"),
];
/// What in /proc acts on the whole machine: read-only, as bubblewrap's `--proc` has it.
const COVERED: [&str; 4] = ["sys", "sysrq-trigger", "irq", "bus"];
/// Mode of directories that lead to a mount point.
const DIRECTORY_MODE: u32 = 0o755;
/// Mode of files that something is mounted on.
const MOUNT_POINT_MODE: u32 = 0o444;
/// Mode of files with content.
const FILE_MODE: u32 = 0o666;

const UNRUNNABLE: MountAttrFlags = CONFINED.union(MountAttrFlags::MOUNT_ATTR_NOEXEC);

/// The root while it is built. The process's own root is still the old one.
#[derive(Debug)]
pub struct NewRoot {
    top: OwnedFd,
    /// The directory, other than the top, that the last mount point is in: the next one is often there too.
    last: Option<(PathBuf, OwnedFd)>,
    old: OldRoot,
    locked: Vec<PathBuf>,
}

impl NewRoot {
    /// An empty one, and what it needs of `old`.
    ///
    /// # Errors
    /// When the kernel refuses to mount.
    pub fn new(old: OldRoot) -> Result<Self, Failed> {
        let step = "mount a root";
        let top = at(step, file_system("tmpfs", &[("mode", "755")], CONFINED))?;
        at(step, attach(&top, old.top.as_fd()))?;
        Ok(Self {
            top,
            last: None,
            old,
            locked: Vec::new(),
        })
    }

    /// Does the step with this number; what is not about files is nothing to do here. `content` is what was opened for it.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn apply(&mut self, index: usize, operation: &Operation, content: Option<&OwnedFd>) -> io::Result<()> {
        match operation {
            Operation::Bind { mount, .. } => self.bind(index, mount),
            Operation::Symlink { target, mount } => self.link(target, mount),
            Operation::File { content: bytes, mount } => self.file(bytes, content, mount),
            Operation::Directory(path) => self.directory(path).map(drop),
            Operation::Tmpfs(mount) => self.mount_new(mount, "tmpfs", &[("mode", "755")], CONFINED).map(drop),
            Operation::Mqueue(mount) => self.mount_new(mount, "mqueue", &[], UNRUNNABLE).map(drop),
            Operation::Devfs(mount) => self.devices(index, mount),
            Operation::Procfs(mount) => self.processes(index, mount),
            Operation::LockFile(path) => {
                self.locked.push(path.clone());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Makes it the root of this process, and lets go of the old one. The files that are locked.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn enter(self) -> Result<Vec<PathBuf>, Failed> {
        let step = "change the root";
        at(step, fchdir(&self.top))?;
        // The old root ends up over the new one, see pivot_root(2), "pivot_root(".", ".")".
        at(step, pivot_root(".", "."))?;
        at(step, fchdir(&self.old.top))?;
        at(step, unmount(".", UnmountFlags::DETACH))?;
        at(step, nix::unistd::chdir("/"))?;
        Ok(self.locked)
    }

    fn bind(&mut self, index: usize, mount: &Path) -> io::Result<()> {
        match self.old.clones.remove(&index) {
            Some(Clones::Source(tree, kind)) => self.mount(&tree, mount, kind),
            _ => Err(io::Error::from_raw_os_error(libc::EBADF)),
        }
    }

    fn link(&mut self, target: &Path, path: &Path) -> io::Result<()> {
        let (parent, name) = self.parent(path)?;
        match symlinkat(target, parent, name) {
            Err(Errno::EEXIST) if readlinkat(parent, name).is_ok_and(|found| found == target) => Ok(()),
            other => Ok(other?),
        }
    }

    fn file(&mut self, content: &Content, source: Option<&OwnedFd>, path: &Path) -> io::Result<()> {
        self.parent(path)?;
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_TRUNC;
        let mut file = File::from(walk::resolve(self.top.as_fd(), path, Walk::InRoot, flags, FILE_MODE)?);
        match (content, source) {
            (Content::Bytes(bytes), _) => file.write_all(bytes),
            (Content::Descriptor(_), Some(source)) => {
                let mut source = File::from(source.try_clone()?);
                io::copy(&mut source, &mut file).map(drop)
            }
            (Content::Descriptor(_), None) => Err(io::Error::from_raw_os_error(libc::EBADF)),
        }
    }

    fn devices(&mut self, index: usize, mount: &Path) -> io::Result<()> {
        let top = self.mount_new(mount, "tmpfs", &[("mode", "755")], CONFINED)?;
        if let Some(Clones::Devices(devices)) = self.old.clones.remove(&index) {
            for (name, device) in devices {
                attach(&device, make_file(top.as_fd(), OsStr::new(name))?.as_fd())?;
            }
        }
        for (name, target) in LINKS {
            symlinkat(target, &top, name)?;
        }
        make_directory(top.as_fd(), OsStr::new("shm"))?;
        let point = make_directory(top.as_fd(), OsStr::new("pts"))?;
        let options = [("newinstance", ""), ("ptmxmode", "666"), ("mode", "620")];
        let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        attach(&file_system("devpts", &options, attributes)?, point.as_fd())?;
        Ok(())
    }

    fn processes(&mut self, index: usize, mount: &Path) -> io::Result<()> {
        let top = match self.old.clones.remove(&index) {
            Some(Clones::Processes(tree)) => {
                self.mount(&tree, mount, Kind::Directory)?;
                tree
            }
            _ => self.mount_new(mount, "proc", &[], UNRUNNABLE)?,
        };
        for name in COVERED {
            match faccessat(&top, name, AccessFlags::W_OK, AtFlags::empty()) {
                Ok(()) => {
                    let tree = clone(&top, Path::new(name))?;
                    restrict(&tree, CONFINED | MountAttrFlags::MOUNT_ATTR_RDONLY)?;
                    let point = openat(&top, name, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?;
                    attach(&tree, point.as_fd())?;
                }
                Err(Errno::EACCES | Errno::ENOENT | Errno::EROFS | Errno::EPERM) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// Mounts a new file system; its top.
    fn mount_new(
        &mut self,
        mount: &Path,
        kind: &str,
        options: &[(&str, &str)],
        attributes: MountAttrFlags,
    ) -> io::Result<OwnedFd> {
        let tree = file_system(kind, options, attributes)?;
        self.mount(&tree, mount, Kind::Directory)?;
        Ok(tree)
    }

    /// Attaches a tree at a mount point, which is made where it is missing.
    fn mount(&mut self, tree: &OwnedFd, mount: &Path, kind: Kind) -> io::Result<()> {
        let point = match kind {
            Kind::Directory => self.directory(mount)?,
            Kind::File => self.mount_point_file(mount)?,
        };
        attach(tree, point.as_fd())?;
        // Where another path leads may have changed; where the parent's own leads has not.
        if self.last.as_ref().is_some_and(|(last, _)| mount.parent() != Some(last)) {
            self.last = None;
        }
        // What is mounted over the top is the top of all that follows.
        if mount == Path::new("/") {
            self.top = tree.try_clone()?;
        }
        Ok(())
    }

    /// Opens a directory of the new root, and makes what of it is missing.
    fn directory(&mut self, path: &Path) -> io::Result<OwnedFd> {
        let Ok((parent, name)) = self.parent(path) else {
            return Ok(self.walk(path)?);
        };
        if let Ok(made) = make_directory(parent, name) {
            return Ok(made);
        }
        // A link, which may lead to what the parent lies in; or a file system that is asked for what it has already, and says
        // that nothing can be made there.
        self.last = None;
        Ok(self.walk(path)?)
    }

    fn mount_point_file(&mut self, path: &Path) -> io::Result<OwnedFd> {
        let (parent, name) = self.parent(path)?;
        let refused = match make_file(parent, name) {
            Ok(made) => return Ok(made),
            Err(refused) => refused,
        };
        match walk::resolve(self.top.as_fd(), path, Walk::InRoot, OFlag::O_PATH, 0) {
            Err(Errno::ENOENT) => Err(refused.into()),
            found => Ok(found?),
        }
    }

    /// The directory that a path is in, made where it is missing, and the path's last name.
    fn parent<'a>(&mut self, path: &'a Path) -> io::Result<(BorrowedFd<'_>, &'a OsStr)> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::Error::from_raw_os_error(libc::EISDIR));
        };
        if parent == Path::new("/") {
            return Ok((self.top.as_fd(), name));
        }
        let last = match self.last.take() {
            Some(last) if last.0 == parent => last,
            _ => (parent.to_path_buf(), self.walk(parent)?),
        };
        Ok((self.last.insert(last).1.as_fd(), name))
    }

    fn walk(&self, path: &Path) -> nix::Result<OwnedFd> {
        walk::directories(self.top.as_fd(), path, Walk::InRoot, &make_directory)
    }
}

/// A new file system that is attached nowhere yet.
fn file_system(kind: &str, options: &[(&str, &str)], attributes: MountAttrFlags) -> io::Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in options {
        if value.is_empty() {
            fsconfig_set_flag(&context, *key)?;
        } else {
            fsconfig_set_string(&context, *key, *value)?;
        }
    }
    fsconfig_create(&context)?;
    Ok(fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?)
}

fn make_directory(parent: BorrowedFd<'_>, name: &OsStr) -> nix::Result<OwnedFd> {
    walk::make_directory(parent, name, DIRECTORY_MODE).map(|(made, _)| made)
}

fn make_file(directory: BorrowedFd<'_>, name: &OsStr) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(directory, name, flags, Mode::from_bits_truncate(MOUNT_POINT_MODE))
}
