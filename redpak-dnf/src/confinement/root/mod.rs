//! The root that scriptlets run in.
//!
//! rpm changes its root into the node before it unpacks files and runs scriptlets, but a node has neither a shell nor
//! libraries: those are its ancestors' and the core OS's. So in the mount namespace of the transaction the directories
//! of the node are covered by overlays: the upper layer is the node's own directory, so that everything that is written
//! lands there, the lower layers are those of the family. Programs that rpm starts see even less: they are moved into a
//! second root, in which what governs the node is read-only or absent.
//!
//! [`compose`] needs the capability to mount. What it leaves in the node is cleared by [`clear`], which the process
//! calls that waits for the transaction, or the next transaction where both were killed.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};
use redpak::node::files;

use super::Owners;

mod clear;
mod configs;
mod fork;
mod layers;
mod names;
mod overlay;
mod view;

pub use clear::{clear, is_left, uncover_and_clear};
use layers::Layers;
use overlay::{Work, open};

/// What the root is made of.
#[derive(Debug, Clone, Default)]
pub struct Family {
    /// The node's directory.
    pub node: PathBuf,
    /// The roots below it: its parent's, …, the core OS's.
    pub lower: Vec<PathBuf>,
    /// Directories in the node that its packages cannot write: rpmdb, state and caches of libdnf5.
    pub governing: Vec<PathBuf>,
    /// The nodes below this one: read-only wherever they lie.
    pub below: Vec<PathBuf>,
    /// The text of the ancestors' accounts, (file below the root, text).
    pub accounts: Vec<(PathBuf, Vec<u8>)>,
    /// Paths of the packages that come or go, seen from the node's root.
    pub payload: Vec<PathBuf>,
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

/// Covers the node's directories, and prepares what happens to the programs that rpm starts from now on.
///
/// # Errors
/// When the kernel refuses a mount. The caller clears what was begun.
pub fn compose(family: &Family, owners: Owners) -> Result<()> {
    let work = Work::begin(&family.node)?;
    let scratch = Scratch::mount(&family.node)?;
    let kept = keep_governing(family)?;
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
    work.cover(&family.node, Path::new("etc"), &[open(&etc)?])?;
    let var = scratch.directory("var")?;
    for (name, mode) in VAR {
        make(&var.join(name), mode)?;
    }
    work.cover(&family.node, Path::new("var"), &[open(&var)?])?;
    kept.iter()
        .try_for_each(|(directory, path)| overlay::bind(directory, path))?;
    for (directory, path) in &below {
        overlay::bind(directory, path)?;
        super::mounts::make_read_only(path)?;
    }
    configs::protect(&family.node)?;
    names::provide(&layers, &work)?;
    let inside = view::build(family, &scratch.directory("root")?)?;
    fork::confine(&family.node, &inside)
}

/// Opened before they are covered.
fn keep_governing(family: &Family) -> Result<Vec<(fs::File, PathBuf)>> {
    let directories = family.governing.iter().map(|path| family.node.join(path));
    let existing = directories.filter(|path| path.symlink_metadata().is_ok_and(|status| status.is_dir()));
    existing.map(|path| Ok((open(&path)?, path))).collect()
}

/// A temporary file system for the lower layers that are made for the run.
struct Scratch {
    path: PathBuf,
    _directory: fs::File,
}

impl Scratch {
    fn mount(node: &Path) -> Result<Self> {
        let place = node.join(files::OVERLAY).join("scratch");
        make(&place, 0o700)?;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(Some("tmpfs"), &place, Some("tmpfs"), flags, Some("mode=0755"))
            .context("cannot mount a temporary file system")?;
        Ok(Self {
            _directory: open(&place)?,
            path: place,
        })
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
