//! A small file system of its own, to run out of space on.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::{temporary, tool};

/// A tmpfs of limited size, unmounted when dropped. Needs root.
#[derive(Debug)]
pub struct SmallFilesystem {
    directory: TempDir,
}

impl SmallFilesystem {
    /// Mounts one of `kibibytes`; `inodes` limits the number of files too. `None` when mounting is not allowed here.
    pub fn new(kibibytes: u64, inodes: Option<u64>) -> Option<Self> {
        let directory = temporary::directory();
        let inodes = inodes.map_or(String::new(), |number| format!(",nr_inodes={number}"));
        let options = format!("mode=0755,size={kibibytes}k{inodes}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "redpak-test"])
            .arg(directory.path())
            .output()
            .ok()?;
        mount.status.success().then_some(Self { directory })
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Gives it another size.
    ///
    /// # Panics
    /// When it holds more than that.
    pub fn resize(&self, kibibytes: u64) {
        let path = self.path().to_str().expect("temporary paths are UTF-8");
        tool::tool("mount", ["-o", &format!("remount,size={kibibytes}k"), path]);
    }
}

impl Drop for SmallFilesystem {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.directory.path()).output();
    }
}
