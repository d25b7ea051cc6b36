//! The rpmdbs of a family: the leaf's own, and those of its ancestors, core OS included.

use std::path::PathBuf;

use anyhow::{Context, Result};
use redpak::transaction::Owner;
use redpak_rpm::{Engine, FamilyView, NodeDatabase, Origin, ViewCaches, ViewGuard};

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

/// The family's view, in force: librpm opens it instead of the leaf's rpmdb.
#[derive(Debug)]
pub struct Shown<'e> {
    _guard: ViewGuard<'e>,
    _view: FamilyView,
}

/// Shows queries the family's packages as installed. A node without ancestors' packages needs no view for that.
pub fn show<'e>(engine: &'e Engine, node: &Node) -> Result<Option<Shown<'e>>> {
    let databases = Databases::locate(engine, node)?;
    if !databases.ancestors.iter().any(NodeDatabase::exists) {
        return Ok(None);
    }
    let view = databases.view(engine, node)?;
    let guard = view.push_dbpath(engine, node.path())?;
    Ok(Some(Shown {
        _guard: guard,
        _view: view,
    }))
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
