//! The root of rpm itself, as long as it runs scriptlets.
//!
//! Scriptlets in rpm's embedded Lua run inside rpm, which changes its root into the node for them. Whatever rpm could
//! reach is therefore left behind first: there is the node, what programs and libraries of the core OS rpm still needs,
//! and the package files. Beside the node lies a second mount of it, without the overlays and seen by no scriptlet.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use redpak::node::files;
use rustix::mount::{MoveMountFlags, OpenTreeFlags, move_mount, open_tree};

use super::names::MERGED;
use super::overlay::{open, path_of};
use crate::confinement::mounts;

/// Where the node is without overlays.
pub const BARE: &str = "/node";

/// What rpm, its plugins and the C library read while packages come and go. Passwords and keys are not among it.
const SHOWN: [&str; 13] = [
    "usr",
    "proc",
    "dev/null",
    "dev/urandom",
    "etc/crypto-policies",
    "etc/group",
    "etc/ld.so.cache",
    "etc/localtime",
    "etc/nsswitch.conf",
    "etc/passwd",
    "etc/rpm",
    "etc/selinux",
    "sys/fs/selinux",
];

/// A mount and those below it, detached: it is nowhere until it is moved to a place.
#[derive(Debug)]
pub struct Tree(File);

impl Tree {
    pub fn of(path: &Path) -> Result<Self> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_RECURSIVE
            | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
        let tree = open_tree(rustix::fs::CWD, path, flags);
        let tree = tree.with_context(|| format!("cannot copy the mount at {}", path.display()))?;
        Ok(Self(tree.into()))
    }

    pub fn file(&self) -> &File {
        &self.0
    }

    fn mount(&self, target: &Path) -> Result<()> {
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        move_mount(&self.0, "", rustix::fs::CWD, target, flags)
            .with_context(|| format!("cannot mount {}", target.display()))
    }
}

/// Moves this process there for good. `bare` is the node without overlays; `packages` are the files that rpm installs.
pub fn enter(node: &Path, bare: &Tree, packages: &[&Path]) -> Result<()> {
    let place = node.join(files::OVERLAY);
    // rpm opens package files by the paths that it was given, relative ones too.
    let directory = env::current_dir().unwrap_or_else(|_| "/".into());
    // Covered for scriptlets: what the kernel works on there is nobody else's, and it can be neither renamed nor removed.
    mount_empty(&place)?;
    mounts::make_read_only(&place)?;
    let shown = Tree::of(node)?;
    mount_empty(&place)?;
    let opened = open(&place)?;
    let root = PathBuf::from(path_of(&opened));
    for name in SHOWN.iter().chain(&MERGED) {
        show(Path::new("/"), &root, Path::new(name))?;
    }
    for (tree, path) in [(&shown, node), (bare, Path::new(BARE))] {
        let target = root.join(relative(path));
        fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;
        tree.mount(&target)?;
    }
    for package in packages {
        show_package(&root, &directory.join(package))?;
    }
    mounts::make_read_only(&root)?;
    change_root(&opened)?;
    nix::unistd::chdir(&directory)
        .or_else(|_| nix::unistd::chdir("/"))
        .context("cannot change the directory")
}

fn mount_empty(place: &Path) -> Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), place, Some("tmpfs"), flags, Some("mode=0755"))
        .with_context(|| format!("cannot mount a temporary file system on {}", place.display()))
}

/// What is not there is not needed.
fn show(from: &Path, root: &Path, name: &Path) -> Result<()> {
    let (source, target) = (from.join(name), root.join(name));
    let Ok(status) = source.symlink_metadata() else {
        return Ok(());
    };
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    if status.is_symlink() {
        return symlink(fs::read_link(&source)?, &target).with_context(|| format!("cannot make {}", target.display()));
    }
    if status.is_dir() {
        super::make(&target, 0o755)?;
    } else {
        File::create(&target).with_context(|| format!("cannot make {}", target.display()))?;
    }
    Tree::of(&source)?.mount(&target)
}

/// A package file that lies neither in the node nor below what is shown anyway. Links in its path become directories.
fn show_package(root: &Path, path: &Path) -> Result<()> {
    let real = fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))?;
    let target = root.join(relative(path));
    let same = |status: fs::Metadata| fs::metadata(&real).is_ok_and(|real| identity(&real) == identity(&status));
    if target.metadata().is_ok_and(same) {
        return Ok(());
    }
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    File::create(&target).with_context(|| format!("cannot make {}", target.display()))?;
    Tree::of(&real)?.mount(&target)
}

fn identity(status: &fs::Metadata) -> (u64, u64) {
    (status.dev(), status.ino())
}

fn relative(path: &Path) -> &Path {
    path.strip_prefix("/").unwrap_or(path)
}

/// What was mounted before goes. In a root that is no mount (made by chroot(2) alone), it is only out of reach of paths.
fn change_root(root: &File) -> Result<()> {
    let context = "cannot change the root";
    nix::unistd::fchdir(root).context(context)?;
    match nix::unistd::pivot_root(".", ".") {
        Ok(()) => umount2(".", MntFlags::MNT_DETACH).context("cannot leave the old root")?,
        Err(nix::Error::EINVAL) => nix::unistd::chroot(".").context(context)?,
        Err(error) => return Err(error).context(context),
    }
    Ok(())
}
