//! The root that scriptlets run in.
//!
//! rpm changes its root into the node before it unpacks files and runs scriptlets, but a node has neither a shell nor
//! libraries: those are its ancestors' and the core OS's. So in the mount namespace of the transaction the directories
//! of the node are covered by overlays: the upper layer is the node's own directory, so that everything that is written
//! lands there, the lower layers are those of the family. Programs that rpm starts see even less: they are moved into a
//! second root, in which what governs the node is read-only or absent. rpm itself gets a third one, in which there is
//! little beside the node.
//!
//! [`compose`] needs the capability to mount. The mounts are in a namespace of the caller's own and go with it. What they
//! leave in the node is cleared by [`clear`], which the process calls that waits for the transaction, or the next
//! transaction where both were killed.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use redpak::node::files;

use super::{Owners, mounts};

mod clear;
mod configs;
mod fork;
mod governing;
mod layers;
mod made;
mod mask;
mod names;
mod outer;
mod overlay;
mod removed;
mod view;

pub use clear::{clear, is_left};
use layers::Layers;
pub use outer::BARE;
use outer::Tree;
use overlay::Work;
pub use overlay::open;
pub use removed::remove_emptied;

/// What the root is made of.
#[derive(Debug, Clone, Default)]
pub struct Family {
    /// The node's directory.
    pub node: PathBuf,
    /// The roots below it: its parent's, …, the core OS's.
    pub lower: Vec<PathBuf>,
    /// The node's rpmdb, seen from its root, where it lies in the node.
    pub database: Option<PathBuf>,
    /// Where other programs would look for an rpmdb.
    pub databases: Vec<PathBuf>,
    /// State and caches of libdnf5.
    pub state: Vec<PathBuf>,
    /// The nodes below this one: read-only wherever they lie.
    pub below: Vec<PathBuf>,
    /// The text of the ancestors' accounts, (file below the root, text).
    pub accounts: Vec<(PathBuf, Vec<u8>)>,
    /// Paths of the packages that come or go.
    pub payload: Vec<Payload>,
}

/// A path of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Seen from the node's root.
    pub path: PathBuf,
    /// What is there.
    pub kind: Kind,
    /// Whether its package comes.
    pub comes: bool,
}

/// What a package has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A configuration file: rpm compares what it finds there.
    Config,
    /// Any other file or link: rpm replaces what it finds there.
    File,
    /// Something that rpm may remove, but does not install.
    Ghost,
}

impl Family {
    /// Directories in the node that its packages cannot write, seen from its root.
    fn governing(&self) -> impl Iterator<Item = &PathBuf> {
        self.database.iter().chain(&self.databases).chain(&self.state)
    }

    /// Whether a package of the transaction has something in this directory, or the directory.
    fn is_used(&self, directory: &Path) -> bool {
        self.payload.iter().any(|payload| payload.path.starts_with(directory))
    }

    /// Whether a package that comes has this path.
    fn comes(&self, path: &Path) -> bool {
        self.payload.iter().any(|payload| payload.comes && payload.path == path)
    }
}

/// The part of a family's tree that scriptlets see through overlays.
const SHARED: [&str; 2] = ["usr", "opt"];
/// What every root has below /var, with modes.
const VAR: [(&str, u32); 7] = [
    ("cache", 0o755),
    ("lib", 0o755),
    ("local", 0o755),
    ("log", 0o755),
    ("opt", 0o755),
    ("spool", 0o755),
    ("tmp", 0o1777),
];

/// Covers the node's directories, prepares what happens to the programs that rpm starts from now on, and moves this process
/// into a root with the node and the package files that it is going to install.
///
/// # Errors
/// When the kernel refuses a mount. The caller ends, and what was begun is cleared.
pub fn compose(family: &Family, owners: Owners, packages: &[&Path]) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS).context("cannot enter a mount namespace")?;
    let bare = Tree::of(&family.node)?;
    let work = Work::begin(&family.node, |path| family.comes(path))?;
    let scratch = Scratch::mount(&family.node)?;
    governing::make(family)?;
    mask::build(family, &scratch.directory("mask")?)?;
    let kept = governing::keep(family)?;
    let inside = mounts::inside(&family.node, &family.below)?;
    let below = family.below.iter().map(|path| Ok((open(path)?, path)));
    let below = below.collect::<Result<Vec<_>>>()?;
    let layers = Layers {
        family,
        scratch: &scratch.path,
        // The kernel copies nothing up whose owner the namespace does not know.
        needs_skeleton: owners != Owners::All,
    };
    for name in SHARED {
        if let Some(layer) = layers.shared(name)? {
            work.cover(&family.node, Path::new(name), &layer)?;
        }
    }
    let etc = scratch.directory("etc")?;
    configs::copy(family, &etc)?;
    governing::make_parents(family, "etc", &etc)?;
    work.cover(&family.node, Path::new("etc"), &layers.masked("etc", open(&etc)?)?)?;
    let var = scratch.directory("var")?;
    for (name, mode) in VAR {
        make(&var.join(name), mode)?;
    }
    governing::make_parents(family, "var", &var)?;
    work.cover(&family.node, Path::new("var"), &layers.masked("var", open(&var)?)?)?;
    for (mount, path) in &inside {
        overlay::bind(mount, path)?;
    }
    governing::protect(family, &kept)?;
    for (directory, path) in &below {
        overlay::bind(directory, path)?;
        mounts::make_read_only(path)?;
    }
    configs::protect(&family.node)?;
    names::provide(&layers, &work)?;
    let place = scratch.directory("root")?;
    view::build(family, &place)?;
    let inside = Tree::of(&place)?;
    scratch.unmount()?;
    fork::confine(&family.node, inside.file())?;
    outer::enter(&family.node, &bare, packages)
}

/// A temporary file system for the lower layers that are made for the run.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn mount(node: &Path) -> Result<Self> {
        let place = node.join(files::OVERLAY).join("scratch");
        make(&place, 0o700)?;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(Some("tmpfs"), &place, Some("tmpfs"), flags, Some("mode=0755"))
            .context("cannot mount a temporary file system")?;
        Ok(Self { path: place })
    }

    /// Overlays hold their layers themselves; for scriptlets it must not be there.
    fn unmount(self) -> Result<()> {
        umount2(&self.path, MntFlags::MNT_DETACH).context("cannot unmount the temporary file system")
    }

    fn directory(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        make(&path, 0o755)?;
        Ok(path)
    }
}

/// Makes a directory with exactly this mode; one that is there stays as it is.
fn make(path: &Path, mode: u32) -> Result<()> {
    let made = fs::DirBuilder::new().mode(mode).create(path);
    let made = made.and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)));
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot make {}", path.display()))
        }
        _ => Ok(()),
    }
}
