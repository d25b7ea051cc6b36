//! The root of the programs that rpm starts: the node without what governs it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};
use redpak::node::files;

use super::overlay::{bind, open};
use super::{Family, make};
use crate::confinement::mounts;

/// Made where the node has none of its own; what is written there is gone after the run.
const TEMPORARY: [(&str, &str); 2] = [("run", "mode=0755"), ("tmp", "mode=1777")];

/// Builds it in an empty directory.
pub fn build(family: &Family, root: &Path) -> Result<()> {
    bind(&open(root)?, root)?;
    let place = open(root)?;
    let root = Path::new(&super::overlay::path_of(&place)).to_owned();
    for entry in fs::read_dir(&family.node).context("cannot read the node's directory")? {
        show(&entry?, &root)?;
    }
    for (name, options) in TEMPORARY {
        let target = root.join(name);
        if target.symlink_metadata().is_err() {
            make(&target, 0o755)?;
            let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
            mount(Some("tmpfs"), &target, Some("tmpfs"), flags, Some(options))
                .with_context(|| format!("cannot mount /{name}"))?;
        }
    }
    mount_proc(&root)?;
    for directory in family.governing().flat_map(|path| places(path)) {
        let path = root.join(directory);
        if path.symlink_metadata().is_ok_and(|status| status.is_dir()) {
            // Where the node has a /lib of its own, /lib/sysimage is no mount but another directory.
            bind(&open(&path)?, &path)?;
            mounts::make_read_only(&path).context("what governs the node can be written by scriptlets")?;
        }
    }
    mounts::make_read_only(&root)
}

/// `/usr/lib/…` is at `/lib/…` too, where that shows the same.
fn places(path: &Path) -> impl Iterator<Item = &Path> {
    let merged = path.strip_prefix("usr").ok();
    std::iter::once(path).chain(merged.filter(|path| super::names::MERGED.iter().any(|name| path.starts_with(name))))
}

/// Directories, and links, which lead nowhere else from inside. Status, journal and verdict are files of the node's root and
/// do not appear; nodes below neither.
fn show(entry: &fs::DirEntry, root: &Path) -> Result<()> {
    let (source, target) = (entry.path(), root.join(entry.file_name()));
    let kind = entry.file_type()?;
    if kind.is_symlink() {
        return symlink(fs::read_link(&source)?, &target).with_context(|| format!("cannot make {}", target.display()));
    }
    let is_hidden = entry.file_name() == files::OVERLAY || entry.file_name() == "proc";
    if !kind.is_dir() || is_hidden || source.join(files::STATUS).symlink_metadata().is_ok() {
        return Ok(());
    }
    make(&target, 0o755)?;
    bind(&open(&source)?, &target)
}

/// Read-only: what is in /proc/sys acts on the whole machine, and the kernel asks for user 0 there, not for capabilities.
/// Without the processes that a scriptlet could not touch anyway. The kernel may refuse where the outer /proc is masked.
fn mount_proc(root: &Path) -> Result<()> {
    let target = root.join("proc");
    make(&target, 0o555)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | MsFlags::MS_RDONLY;
    let mount_hiding = |options| mount(Some("proc"), &target, Some("proc"), flags, Some(options));
    // Before Linux 5.8 there is only the older option, which does not count for the group root.
    let mounted = mount_hiding("hidepid=ptraceable").or_else(|error| match error {
        nix::Error::EINVAL => mount_hiding("hidepid=2"),
        other => Err(other),
    });
    match mounted {
        Ok(()) | Err(nix::Error::EPERM) => Ok(()),
        Err(error) => Err(error).context("cannot mount /proc"),
    }
}
