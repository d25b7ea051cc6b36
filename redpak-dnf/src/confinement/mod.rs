//! A transaction confines itself: what the rules forbid, the kernel forbids too.
//!
//! [`enter`] is called once, at the start of a command that changes a node, before librpm or any thread exists. It
//! moves the rest of the command into namespaces of its own: a user namespace for an unprivileged owner (who is root in
//! it), a process namespace (nothing that a scriptlet leaves behind outlives the command), an IPC namespace, and a
//! mount namespace in which only the node can be written. [`seal`] is called when everything has been downloaded, and
//! takes away the network and the capabilities that scriptlets have no use for.

use std::path::PathBuf;

use anyhow::{Context, Result};
use nix::sched::{CloneFlags, unshare};
use redpak_host::dir::Dir;

mod capabilities;
mod devices;
mod identity;
mod limits;
mod mounts;
pub mod root;
mod standby;
mod supervisor;
mod temporary;

pub use identity::Owners;
pub use limits::{FileSize, ProcessorTime};
pub use mounts::{places as mounts_below, synchronise as synchronise_mounts};
pub use standby::Standby;
pub use supervisor::{Ended, HeldSignals, Message, Supervisor, end_others, in_child};
pub use temporary::{forget as forget_temporary, restore as restore_temporary};

/// What stays writable.
#[derive(Debug, Clone, Default)]
pub struct Writable {
    /// Directories of the node and its caches; they must exist.
    pub directories: Vec<PathBuf>,
    /// Directories below them that may not be written: the nodes below this one.
    pub except: Vec<PathBuf>,
    /// For temporary files of the libraries; made when it is missing.
    pub temporary: PathBuf,
    /// The node, when its family is locked: what the root of scriptlets leaves there is cleared.
    pub locked: Option<PathBuf>,
}

impl Writable {
    /// Nothing is confined yet: a link in the node may not lead out of it.
    fn make_temporary(&self) -> Result<()> {
        let inside = self
            .directories
            .iter()
            .find_map(|directory| Some((directory, self.temporary.strip_prefix(directory).ok()?)));
        let (directory, relative) = inside.context("temporary files have no place in the node")?;
        Dir::open(directory)?.make_directories(relative)?;
        Ok(())
    }
}

/// The confinement of this process.
#[derive(Debug)]
pub struct Confined {
    /// Whose ids files can have.
    pub owners: Owners,
    /// The process that waits.
    pub supervisor: Supervisor,
}

/// Continues in a confined child process; the calling process waits for it and never returns.
pub fn enter(writable: &Writable) -> Result<Confined> {
    enter_then(writable, |_| Ok(()))
}

/// The same; the calling process does something when the confined one has ended.
pub fn enter_then(writable: &Writable, end: impl FnOnce(&Ended) -> Result<()>) -> Result<Confined> {
    writable.make_temporary()?;
    let working_directory = std::env::current_dir().ok();
    // Another user id clears it, see PR_SET_PDEATHSIG of prctl(2).
    let death = nix::sys::prctl::get_pdeathsig()?;
    let owners = identity::enter().context("cannot enter a user namespace")?;
    nix::sys::prctl::set_pdeathsig(death)?;
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC)
        .context("cannot enter mount, process and IPC namespaces")?;
    let supervisor = supervisor::split(end).context("cannot start the confined process")?;
    mounts::protect(writable)?;
    writable.locked.as_deref().map_or(Ok(()), root::clear)?;
    devices::replace(owners)?;
    capabilities::keep_for_preparation()?;
    // The directory that was open is that of the old mounts, writable and all.
    if let Some(directory) = working_directory {
        std::env::set_current_dir(&directory).or_else(|_| std::env::set_current_dir("/"))?;
    }
    temporary::point_to(&writable.temporary);
    limits::tighten()?;
    Ok(Confined { owners, supervisor })
}

/// From here on: no network, and only the capabilities that unpacking files takes.
pub fn seal() -> Result<()> {
    limits::loosen()?;
    unshare(CloneFlags::CLONE_NEWNET).context("cannot cut the network off")?;
    capabilities::keep_for_run()
}
