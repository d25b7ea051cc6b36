//! The rpmdbs of a family: the leaf's own, and those of its ancestors, core OS included.

use std::path::PathBuf;

use anyhow::{Context, Result};
use redpak::transaction::Owner;
use redpak_rpm::{Engine, FamilyView, NodeDatabase, Origin, ViewCaches};

use crate::node::Node;

/// Where the packages of a family are registered.
#[derive(Debug)]
pub struct Databases {
    /// The leaf's.
    pub leaf: NodeDatabase,
    /// The parent's, its parent's, … and the core OS's.
    pub ancestors: Vec<NodeDatabase>,
    /// Whose they are, in the same order.
    pub owners: Vec<Owner>,
}

impl Databases {
    /// Finds them all.
    pub fn locate(engine: &Engine, node: &Node) -> Result<Self> {
        let (mut ancestors, mut owners) = (Vec::new(), Vec::new());
        for ancestor in node.family.nodes.iter().rev().skip(1) {
            ancestors.push(NodeDatabase::locate(engine, &ancestor.path)?);
            owners.push(Owner::Node {
                alias: ancestor.alias().to_string(),
                path: ancestor.path.clone(),
            });
        }
        let core = NodeDatabase::locate(engine, &node.root);
        ancestors.push(core.context("cannot find the rpmdb of the core OS")?);
        owners.push(Owner::CoreOs);
        Ok(Self {
            leaf: NodeDatabase::locate(engine, node.path())?,
            ancestors,
            owners,
        })
    }

    /// The family's view, from the cache where it is up to date.
    pub fn view(&self, engine: &Engine, node: &Node) -> Result<FamilyView> {
        FamilyView::open_or_build(engine, &self.leaf, &self.ancestors, &caches(node))
            .context("cannot make the family's view of installed packages")
    }

    /// The ancestor that a package of the view belongs to; `None` for the leaf's own.
    pub fn owner(&self, origin: Origin) -> Option<&Owner> {
        self.owners.get(origin.node.checked_sub(1)?)
    }
}

/// In the leaf: nothing outside a node has to be forgotten when it is deleted.
pub fn caches(node: &Node) -> ViewCaches {
    ViewCaches {
        views: cache_directory(node).join("views"),
        bases: cache_directory(node).join("bases"),
    }
}

/// What can be deleted at any time.
pub fn cache_directory(node: &Node) -> PathBuf {
    node.path().join("var/cache/redpak")
}
