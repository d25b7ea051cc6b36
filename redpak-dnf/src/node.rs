//! The node that a command works on, and its family.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use redpak::node::Family;
use redpak_host::facts::{self, OwnPlaces};
use redpak_host::family::{self, Request};

use crate::options::Global;
use crate::options::usage::Usage;

/// A node, its ancestors, and the core OS that they stand on.
#[derive(Debug)]
pub struct Node {
    /// The nodes, oldest first; the leaf is the last.
    pub family: Family,
    /// Root of the core OS.
    pub root: PathBuf,
    /// Found by walking through the node, which is done once.
    below: OnceCell<Vec<PathBuf>>,
}

/// The redpath as typed. Every command needs one.
pub fn redpath(global: &Global) -> Result<&Path> {
    let missing = || Usage("Missing named argument \"--redpath\".".into());
    Ok(global.redpath.as_deref().ok_or_else(missing)?)
}

/// The prefix of the core OS.
pub fn root(global: &Global) -> PathBuf {
    global.root.clone().unwrap_or_else(|| PathBuf::from("/"))
}

impl Node {
    /// Reads the family of the redpath.
    pub fn find(global: &Global) -> Result<Self> {
        Self::at(redpath(global)?, &root(global))
    }

    /// Reads the family of any node.
    pub fn at(path: &Path, root: &Path) -> Result<Self> {
        let request = Request {
            root: root.into(),
            ..Request::new(path)
        };
        Ok(Self {
            family: family::load(&request)?,
            root: root.into(),
            below: OnceCell::new(),
        })
    }

    /// The node itself.
    pub fn path(&self) -> &Path {
        // A family without nodes is never read; its root would be the harmless answer.
        self.family.leaf().map_or(&self.root, |leaf| &leaf.path)
    }

    /// Where this node keeps its own data.
    pub fn places(&self) -> Result<OwnPlaces> {
        facts::own_places(&self.family, &self.root).map_err(anyhow::Error::msg)
    }

    /// The rpmdb's directory in each node of the family, oldest first, where its config sets one.
    pub fn rpmdirs(&self) -> Result<Vec<Option<PathBuf>>> {
        facts::rpmdirs(&self.family, &self.root).map_err(anyhow::Error::msg)
    }

    /// `true` when any config of the family demands signed packages: nothing below can loosen that.
    pub fn demands_signatures(&self) -> bool {
        let main = self.family.main.iter();
        let sources = main.chain(self.family.nodes.iter().map(|node| &node.config));
        let gpgcheck = |tags: &redpak::config::Tags| tags.gpgcheck.as_ref().is_some_and(|tag| tag.value);
        sources
            .filter_map(|source| source.config.tags.as_ref())
            .any(|tags| gpgcheck(&tags.value))
    }

    /// Directories of the nodes below this one, parents before their children. Those that were there when it was asked first.
    pub fn below(&self) -> Result<&[PathBuf]> {
        if let Some(known) = self.below.get() {
            return Ok(known);
        }
        let found = family::descendants(self.path()).context("cannot look for nodes below this one")?;
        Ok(self.below.get_or_init(|| found.nodes))
    }

    /// The same without looking into some of its directories.
    pub fn below_outside(&self, passed_by: &[PathBuf]) -> Result<Vec<PathBuf>> {
        let found = family::descendants_outside(self.path(), passed_by);
        Ok(found.context("cannot look for nodes below this one")?.nodes)
    }
}
