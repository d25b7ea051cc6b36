//! The node that a command works on, and its family.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use redpak::merge::{self, Entry, Finding};
use redpak::node::Family;
use redpak_fs::facts;
use redpak_fs::family::{self, Request};

use crate::options::Global;
use crate::options::usage::Usage;

/// A node, its ancestors, and the core OS that they stand on.
#[derive(Debug)]
pub struct Node {
    /// The nodes, oldest first; the leaf is the last.
    pub family: Family,
    /// Root of the core OS.
    pub root: PathBuf,
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
        })
    }

    /// The node itself.
    pub fn path(&self) -> &Path {
        // A family without nodes is never read; its root would be the harmless answer.
        self.family.leaf().map_or(&self.root, |leaf| &leaf.path)
    }

    /// Where this node keeps its own data.
    pub fn places(&self) -> Result<Places> {
        places(&self.family, &self.root)
    }

    /// The rpmdb's directory in each node of the family, oldest first, where its config sets one.
    pub fn rpmdirs(&self) -> Result<Vec<Option<PathBuf>>> {
        (1..=self.family.nodes.len())
            .map(|count| {
                let mut family = self.family.clone();
                family.nodes.truncate(count);
                Ok(places(&family, &self.root)?.rpmdir)
            })
            .collect()
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

    /// Directories of the nodes below this one, parents before their children.
    pub fn below(&self) -> Result<Vec<PathBuf>> {
        let found = family::descendants(self.path()).context("cannot look for nodes below this one")?;
        Ok(found.nodes)
    }
}

/// Where a node keeps its own data, below its directory; `None` is the usual place.
#[derive(Debug, Default)]
pub struct Places {
    /// The tag `rpmdir`: the rpmdb.
    pub rpmdir: Option<PathBuf>,
    /// The tag `persistdir`: libdnf5's persistent data.
    pub persistdir: Option<PathBuf>,
    /// The tag `cachedir`: libdnf5's cache.
    pub cachedir: Option<PathBuf>,
}

fn places(family: &Family, root: &Path) -> Result<Places> {
    let merge::Places {
        rpmdir,
        persistdir,
        cachedir,
    } = facts::places(family, root).map_err(|findings| anyhow::anyhow!("{}", lines(&findings)))?;
    Ok(Places {
        rpmdir: own_place("rpmdir", rpmdir, family)?,
        persistdir: own_place("persistdir", persistdir, family)?,
        cachedir: own_place("cachedir", cachedir, family)?,
    })
}

/// A node's own data lie in the node. What an ancestor says of its own data is not meant for the nodes below it.
fn own_place(key: &str, entry: Option<Entry<PathBuf>>, family: &Family) -> Result<Option<PathBuf>> {
    let (Some(entry), Some(leaf)) = (entry, family.leaf()) else {
        return Ok(None);
    };
    let climbs = entry.value.components().any(|part| part == Component::ParentDir);
    if entry.value.starts_with(&leaf.path) && entry.value != leaf.path && !climbs {
        return Ok(Some(entry.value));
    }
    if entry.origin.node == Some(family.nodes.len() - 1) {
        bail!(
            "{}: '{key}' leads to {}, which is not below the node; write a place below $NODE_PATH",
            entry.origin,
            entry.value.display()
        );
    }
    Ok(None)
}

fn lines(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
