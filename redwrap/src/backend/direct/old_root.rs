//! What a sandbox needs of the root that its launcher sees: cloned, with the attributes that it will have, attached nowhere.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};
use redpak::plan::{Namespace, Operation, Plan, Source, Step};
use rustix::mount::{
    MountAttrFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount_change, move_mount, open_tree,
};

use super::first::{Failed, at, at_step};
use crate::backend::prepare::descriptors::{Descriptors, must_be_checked};
use crate::sys::{self, sandbox};

/// Devices that every program may use, as bubblewrap's `--dev` has them.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Programs inside gain no privileges from what is mounted, and open no devices.
pub const CONFINED: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOSUID.union(MountAttrFlags::MOUNT_ATTR_NODEV);

/// What a mount point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// Anything else.
    File,
}

/// Clones for one step.
#[derive(Debug)]
pub enum Clones {
    /// The source of a bind.
    Source(OwnedFd, Kind),
    /// Devices, with the names that they get.
    Devices(Vec<(&'static str, OwnedFd)>),
    /// The processes that the caller sees.
    Processes(OwnedFd),
}

/// The old root.
#[derive(Debug)]
pub struct OldRoot {
    /// It.
    pub top: OwnedFd,
    /// By the number of the step.
    pub clones: BTreeMap<usize, Clones>,
}

impl OldRoot {
    /// Clones what a plan mounts. `descriptors` holds what the launcher checked.
    ///
    /// # Errors
    /// When the kernel refuses, or a source was exchanged since it was checked.
    pub fn of(plan: &Plan, descriptors: &Descriptors) -> Result<Self, Failed> {
        // What is mounted outside from now on may still arrive here; nothing leaves.
        let downstream = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
        at("keep mounts inside", mount_change("/", downstream))?;
        let open = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let top = at("open the root", openat(AT_FDCWD, "/", open, Mode::empty()))?;
        let own = Operation::Unshare(Namespace::Pid);
        let has_own_processes = plan.steps.iter().any(|step| step.operation == own);
        let mut clones = BTreeMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            let cloned = at_step(step, of(step, descriptors.of(index), has_own_processes))?;
            clones.extend(cloned.map(|cloned| (index, cloned)));
        }
        Ok(Self { top, clones })
    }
}

fn of(step: &Step, checked: Option<&OwnedFd>, has_own_processes: bool) -> io::Result<Option<Clones>> {
    Ok(match &step.operation {
        Operation::Bind { source, writable, .. } => Some(bind(source, checked, *writable)?),
        Operation::Devfs(_) => Some(Clones::Devices(devices()?)),
        Operation::Procfs(_) if !has_own_processes => {
            let tree = clone(AT_FDCWD, Path::new("/proc"))?;
            restrict(&tree, CONFINED)?;
            Some(Clones::Processes(tree))
        }
        _ => None,
    })
}

fn bind(source: &Source, checked: Option<&OwnedFd>, writable: bool) -> io::Result<Clones> {
    let tree = clone(AT_FDCWD, &source.path)?;
    let status = fstat(&tree)?;
    match checked {
        // A descriptor of the launcher's mounts cannot be mounted here, so its path was opened anew.
        Some(checked) if identity(&status) != identity(&fstat(checked)?) => {
            return Err(io::Error::other("it was exchanged while it was mounted"));
        }
        // One descriptor a source is enough: there may be as many as the limit allows.
        Some(checked) => sys::close_in_child(checked),
        None if must_be_checked(source) => return Err(io::Error::from_raw_os_error(libc::EBADF)),
        None => {}
    }
    let read_only = if writable {
        MountAttrFlags::empty()
    } else {
        MountAttrFlags::MOUNT_ATTR_RDONLY
    };
    restrict(&tree, CONFINED | read_only)?;
    Ok(Clones::Source(tree, kind(&status)))
}

fn devices() -> io::Result<Vec<(&'static str, OwnedFd)>> {
    let device = |path: &Path| {
        let tree = clone(AT_FDCWD, path)?;
        restrict(&tree, MountAttrFlags::MOUNT_ATTR_NOSUID)?;
        io::Result::Ok(tree)
    };
    let mut devices = DEVICES
        .into_iter()
        .map(|name| Ok((name, device(&Path::new("/dev").join(name))?)))
        .collect::<io::Result<Vec<_>>>()?;
    // The program can write to its caller's terminal anyway; with its name it can tell that it is one.
    if let Ok(terminal) = nix::unistd::ttyname(io::stdout()) {
        devices.push(("console", device(&terminal)?));
    }
    Ok(devices)
}

/// A copy of the mounts at a path.
///
/// # Errors
/// The kernel's.
pub fn clone(directory: impl AsFd, path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(directory, path, flags)?)
}

/// Sets attributes of a copy and all mounts in it.
///
/// # Errors
/// The kernel's.
pub fn restrict(tree: &OwnedFd, attributes: MountAttrFlags) -> io::Result<()> {
    sandbox::set_mount_attributes(tree.as_fd(), attributes.bits().into())
}

/// Attaches a copy, or a new file system.
///
/// # Errors
/// The kernel's.
pub fn attach(tree: &OwnedFd, point: BorrowedFd<'_>) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(move_mount(tree, "", point, "", flags)?)
}

const fn identity(status: &FileStat) -> (libc::dev_t, libc::ino_t) {
    (status.st_dev, status.st_ino)
}

fn kind(status: &FileStat) -> Kind {
    match SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT {
        SFlag::S_IFDIR => Kind::Directory,
        _ => Kind::File,
    }
}
