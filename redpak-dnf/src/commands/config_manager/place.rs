//! A directory that is written: one of the node's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use redpak_host::dir::Dir;
use redpak_host::read;
use redpak_host::write::{self, Existing};

use super::Missing;
use crate::node::Node;
use crate::repo_file::RepoFile;

/// A directory below the node. What the node's configuration says about places can lead anywhere; writing cannot.
pub struct Place {
    node: Dir,
    relative: PathBuf,
}

impl Place {
    /// The place of an absolute path.
    pub fn new(node: &Node, directory: &Path) -> Result<Self> {
        let relative = directory.strip_prefix(node.path()).ok().with_context(|| {
            format!(
                "{} is not in the node {}, and config-manager changes the node alone",
                directory.display(),
                node.path().display()
            )
        })?;
        Ok(Self {
            node: Dir::open(node.path())?,
            relative: relative.to_owned(),
        })
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.node.join(self.relative.join(name))
    }

    /// Fails when the directory is missing and may not be made. Nothing is made yet.
    pub fn require(&self, missing: Missing) -> Result<()> {
        let directory = self.node.join(&self.relative);
        ensure!(
            missing.create_missing_dir || directory.is_dir(),
            "Directory \"{}\" does not exist. Add \"--create-missing-dir\" to create missing directories.",
            directory.display()
        );
        Ok(())
    }

    /// The content of a file, if it is there.
    pub fn read(&self, name: &str) -> Result<Option<RepoFile>> {
        let Some(bytes) = read::beneath(&self.node, &self.relative.join(name), read::MAX_CONFIG)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", self.path(name).display()))?;
        Ok(Some(RepoFile::parse(&text)))
    }

    /// Writes a file, whole or not at all; the directory is made where it is missing.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        self.node.make_directories(&self.relative)?;
        let path = self.relative.join(name);
        Ok(write::within(
            &self.node,
            &path,
            text.as_bytes(),
            0o644,
            Existing::Replace,
        )?)
    }

    /// Removes a file; `false` when it is not there.
    pub fn remove(&self, name: &str) -> Result<bool> {
        if self.read(name)?.is_none() {
            return Ok(false);
        }
        self.node.subdirectory(&self.relative)?.remove_file(Path::new(name));
        Ok(true)
    }
}
