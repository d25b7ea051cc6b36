//! Mounts overlays, see overlayfs in the kernel's documentation of file systems.

use std::fs::{File, OpenOptions};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use nix::mount::{MsFlags, mount};
use redpak::node::files;

use super::{made, make};

/// The directory in the node that tells that a root is being composed: overlays want a place to work on the same mount.
#[derive(Debug)]
pub struct Work {
    path: PathBuf,
}

impl Work {
    /// `coming` says of a path whether a package that comes has it.
    pub fn begin(node: &Path, coming: impl Fn(&Path) -> bool) -> Result<Self> {
        let path = node.join(files::OVERLAY);
        make(&path, 0o700)?;
        made::begin(node, &path, coming)?;
        Ok(Self { path })
    }

    /// Covers a directory of the node, which is made when it is missing, by an overlay of itself over `lower`.
    pub fn cover(&self, node: &Path, name: &Path, lower: &[File]) -> Result<()> {
        let target = node.join(name);
        let workplace = self.path.join(name.as_os_str().to_string_lossy().replace('/', "-"));
        self.mount_point(node, name)?;
        make(&workplace, 0o700)?;
        let (upper, workplace) = (open(&target)?, open(&workplace)?);
        let lower: Vec<String> = lower.iter().map(path_of).collect();
        let (upper, workplace) = (path_of(&upper), path_of(&workplace));
        // Without userxattr an unprivileged owner may not mount at all.
        let options = format!(
            "lowerdir={},upperdir={upper},workdir={workplace},userxattr",
            lower.join(":")
        );
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(
            Some("overlay"),
            upper.as_str(),
            Some("overlay"),
            flags,
            Some(options.as_str()),
        )
        .with_context(|| format!("cannot mount an overlay on {}", target.display()))
    }

    /// A directory of the node to mount on. One that was not there is recorded, and goes when the run is over.
    pub fn mount_point(&self, node: &Path, name: &Path) -> Result<()> {
        let target = node.join(name);
        match target.symlink_metadata() {
            Ok(status) => {
                ensure!(status.is_dir(), "{} is not a directory", target.display());
                return Ok(());
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", target.display())),
        }
        make(&target, 0o755)
    }

    /// An empty file where the node has none, so that it can be covered. It goes when the run is over.
    pub fn placeholder(node: &Path, name: &str) -> Result<()> {
        let target = node.join(name);
        if target.symlink_metadata().is_ok() {
            return Ok(());
        }
        let made = File::options().write(true).create_new(true).mode(0o600).open(&target);
        made.map(drop)
            .with_context(|| format!("cannot make {}", target.display()))
    }
}

/// A directory as a mount's source or target. What its path means later does not matter.
pub fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH | libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

/// A path without colons and commas, which separate the options of a mount.
pub fn path_of(file: &impl AsFd) -> String {
    format!("/proc/self/fd/{}", file.as_fd().as_raw_fd())
}

/// Mounts what is open on a path.
pub fn bind(source: &File, target: &Path) -> Result<()> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(
        Some(path_of(source).as_str()),
        target,
        None::<&str>,
        flags,
        None::<&str>,
    )
    .with_context(|| format!("cannot mount {}", target.display()))
}
