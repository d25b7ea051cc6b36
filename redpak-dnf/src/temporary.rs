//! A directory for the time of a command.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A directory that nobody else can enter; removed with what is in it when dropped.
#[derive(Debug)]
pub struct Temporary(PathBuf);

impl Temporary {
    /// Makes one where the environment has temporary files.
    pub fn new() -> Result<Self> {
        let template = std::env::temp_dir().join("redwrap-dnf-XXXXXX");
        let made = nix::unistd::mkdtemp(&template);
        made.map(Self)
            .with_context(|| format!("cannot make a directory in {}", std::env::temp_dir().display()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What is left over is in the place for leftovers.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
