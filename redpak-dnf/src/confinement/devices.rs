//! The device files of a transaction: those that any program may expect, and no disk.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};

use super::Owners;

const NODES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Replaces /dev. For an unprivileged owner the files of /dev are no more use than they are outside; root could open
/// disks through them.
pub fn replace(owners: Owners) -> Result<()> {
    if owners != Owners::All {
        return Ok(());
    }
    populate(Path::new("/dev")).context("cannot replace /dev")
}

/// Mounts a directory with the usual device files on `target`, which becomes read-only.
pub fn populate(target: &Path) -> Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    let opened = open_nodes()?;
    mount(Some("tmpfs"), target, Some("tmpfs"), flags, Some("mode=0755,size=64k"))?;
    for (name, device) in &opened {
        bind(device, &target.join(name))?;
    }
    for (name, content) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "fd/0"),
        ("stdout", "fd/1"),
        ("stderr", "fd/2"),
    ] {
        symlink(content, target.join(name))?;
    }
    mount(
        None::<&str>,
        target,
        None::<&str>,
        flags | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY,
        None::<&str>,
    )?;
    Ok(())
}

/// Opened before they are covered; a system without one of them has nothing to give.
fn open_nodes() -> Result<Vec<(&'static str, File)>> {
    let open = |name: &&'static str| {
        let file = std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_PATH)
            .open(Path::new("/dev").join(name));
        file.ok().map(|file| (*name, file))
    };
    Ok(NODES.iter().filter_map(open).collect())
}

use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;

fn bind(device: &File, target: &Path) -> Result<()> {
    File::create(target)?;
    let source = format!("/proc/self/fd/{}", device.as_raw_fd());
    mount(
        Some(source.as_str()),
        target,
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )
    .with_context(|| format!("cannot mount {}", target.display()))
}
