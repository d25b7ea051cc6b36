//! The rpmdbs of a family: the leaf's own, and those of its ancestors, core OS included.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use librpm::{Engine, Keyring};
use redpak::transaction::Owner;
use redpak_packages::{FamilyView, NodeDatabase, Origin, ViewCaches, ViewGuard};

use crate::node::Node;
use crate::transaction::journal;

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
        let mut rpmdirs = node.rpmdirs()?;
        let own = rpmdirs.pop().flatten();
        for (ancestor, rpmdir) in node.family.nodes.iter().rev().skip(1).zip(rpmdirs.iter().rev()) {
            ancestors.push(locate(engine, &ancestor.path, rpmdir.as_deref())?);
            owners.push(Owner::Node {
                alias: ancestor.alias().to_string(),
                path: ancestor.path.clone(),
            });
        }
        let core = NodeDatabase::locate(engine, &node.root);
        ancestors.push(core.context("cannot find the rpmdb of the core OS")?);
        owners.push(Owner::CoreOs);
        let leaf = locate(engine, node.path(), own.as_deref())?;
        // What an interrupted transaction had begun to make is not there yet.
        let is_half_made = journal::exists(node.path()) && leaf.is_half_made(engine);
        Ok(Self {
            leaf: if is_half_made { leaf.without_files() } else { leaf },
            ancestors,
            owners,
        })
    }

    /// The family's view, from the cache where it is up to date.
    pub fn view(&self, engine: &Engine, node: &Node) -> Result<FamilyView> {
        FamilyView::open_or_build(engine, &self.leaf, &self.ancestors, &caches(node))
            .context("cannot make the family's view of installed packages")
    }

    /// The keys that the leaf trusts: its own and its ancestors'.
    pub fn keys<'e>(&self, engine: &'e Engine) -> Result<Keyring<'e>> {
        let mut keys = Keyring::new(engine)?;
        for database in self
            .ancestors
            .iter()
            .chain([&self.leaf])
            .filter(|database| database.exists())
        {
            let opened = database.open(engine)?;
            keys.add_database(&opened)?;
        }
        Ok(keys)
    }

    /// The ancestor that a package of the view belongs to; `None` for the leaf's own.
    pub fn owner(&self, origin: Origin) -> Option<&Owner> {
        self.owners.get(origin.node.checked_sub(1)?)
    }
}

fn locate(engine: &Engine, root: &Path, rpmdir: Option<&Path>) -> redpak_packages::Result<NodeDatabase> {
    match rpmdir {
        Some(directory) => NodeDatabase::locate_at(root, directory),
        None => NodeDatabase::locate(engine, root),
    }
}

/// The rpmdb of any node, where its config places it. Nobody starts a node whose config does not load: then it is looked for
/// at the usual place.
pub fn of_node(engine: &Engine, path: &Path, root: &Path) -> Result<NodeDatabase> {
    let rpmdir = Node::at(path, root).and_then(|node| Ok(node.places()?.rpmdir));
    Ok(locate(engine, path, rpmdir.ok().flatten().as_deref())?)
}

/// The family's view, in force: librpm opens it instead of the leaf's rpmdb.
#[derive(Debug)]
pub struct Shown<'e> {
    _guard: ViewGuard<'e>,
    view: FamilyView,
}

impl Shown<'_> {
    /// Whether the header of this number is the leaf's own.
    pub fn is_own(&self, number: u32) -> bool {
        self.view.origin(number).is_none_or(|origin| origin.node == 0)
    }
}

/// Makes the view before anybody needs it, where it is kept.
pub fn prepare(engine: &Engine, node: &Node) -> Result<()> {
    let databases = Databases::locate(engine, node)?;
    if databases.ancestors.iter().any(NodeDatabase::exists) {
        databases.view(engine, node)?;
    }
    Ok(())
}

/// Shows queries the family's packages as installed. A node without ancestors' packages needs no view for that; one without an
/// rpmdb of its own does, since librpm would make it one, and so does one in which the first transaction was cut off meanwhile.
pub fn show<'e>(engine: &'e Engine, node: &Node) -> Result<Option<Shown<'e>>> {
    let databases = Databases::locate(engine, node)?;
    let is_whole = databases.leaf.exists() && !journal::exists(node.path());
    if is_whole && !databases.ancestors.iter().any(NodeDatabase::exists) {
        return Ok(None);
    }
    let view = databases.view(engine, node)?;
    let guard = view.push_dbpath(engine, node.path())?;
    Ok(Some(Shown { _guard: guard, view }))
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
    cache_below(node.path())
}

/// The same for a node's directory.
pub fn cache_below(node: &Path) -> PathBuf {
    node.join("var/cache/redpak")
}
