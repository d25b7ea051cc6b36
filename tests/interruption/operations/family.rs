//! The nodes, what they hold, and what the repository offers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use redpak_testing::{Outcome, Package, Pool, Repository, Run, Tree, User};

use super::packages;

/// From the core down to three siblings.
pub const NODES: [&str; 6] = [
    "core",
    "core/platform",
    "core/platform/middleware",
    "core/platform/middleware/left",
    "core/platform/middleware/center",
    "core/platform/middleware/right",
];
/// The siblings among them.
pub const LEAVES: [&str; 3] = [NODES[3], NODES[4], NODES[5]];

/// A package in a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Installed {
    pub name: String,
    pub nvra: String,
}

/// Six nodes with one repository, and what is known about them.
pub struct Family {
    pub pool: Pool,
    /// Files of all packages, offered or not.
    pub store: Repository,
    pub repository: Repository,
    pub packages: Vec<Package>,
    /// `NAME-VERSION-RELEASE.ARCH` of what the repository has now.
    pub offered: BTreeSet<String>,
    /// Nodes whose metadata is older than the repository.
    pub outdated: BTreeSet<&'static str>,
    /// (node, name) where an ancestor has the name too.
    pub forced: BTreeSet<(&'static str, String)>,
    /// Last text that the user wrote into a configuration file.
    pub edited: BTreeMap<PathBuf, String>,
    trees: BTreeMap<&'static str, Tree>,
    installed: BTreeMap<&'static str, Vec<Installed>>,
}

impl Family {
    /// The core has a shell, everything else is empty; the repository offers the first two versions.
    pub fn new() -> Self {
        let packages = packages::all();
        let store = Repository::new(&packages);
        let repository = Repository::new(&[]);
        let pool = Pool::new(&User::current());
        let mut family = Self {
            pool,
            store,
            repository,
            packages,
            offered: BTreeSet::new(),
            outdated: BTreeSet::new(),
            forced: BTreeSet::new(),
            edited: BTreeMap::new(),
            trees: BTreeMap::new(),
            installed: BTreeMap::new(),
        };
        let first: Vec<String> = family.packages.iter().map(Package::nvra).collect();
        for nvra in first.iter().filter(|nvra| !nvra.contains("-3-1.")) {
            family.link(nvra);
        }
        family.repository.groups(&packages::groups());
        NODES.iter().for_each(|node| family.create(node));
        family.pool.install(NODES[0], &["--releasever=1", packages::SHELL]);
        NODES.into_iter().for_each(|node| family.look_at(node));
        family.remember(&NODES);
        family
    }

    /// Makes a node that uses the repository.
    pub fn create(&self, node: &str) {
        self.pool.create(node);
        self.pool.repository(node, "made", &self.repository.repo_file("made"));
    }

    /// Puts a package into the repository, without indexing it.
    fn link(&mut self, nvra: &str) {
        let file = format!("{nvra}.rpm");
        fs::hard_link(self.store.path().join(&file), self.repository.path().join(&file)).expect("offer a package");
        self.offered.insert(nvra.to_owned());
    }

    /// Offers a package that the repository does not have, or withdraws one that it has.
    pub fn offer_or_withdraw(&mut self, nvra: &str) {
        if self.offered.remove(nvra) {
            fs::remove_file(self.repository.path().join(format!("{nvra}.rpm"))).expect("withdraw a package");
        } else {
            self.link(nvra);
        }
        self.repository.index();
        self.outdated.extend(NODES);
    }

    /// Packages of a node, sorted, as they were when it was last looked at.
    pub fn installed(&self, node: &str) -> &[Installed] {
        self.installed.get(node).map_or(&[], Vec::as_slice)
    }

    /// Asks rpm what a node has.
    pub fn look_at(&mut self, node: &'static str) {
        let installed = |nvra: String| Installed {
            name: nvra.rsplitn(3, '-').nth(2).expect("a name").to_owned(),
            nvra,
        };
        let packages = self.pool.installed(node).into_iter().map(installed).collect();
        self.installed.insert(node, packages);
    }

    /// The command for a node, which has asked the repository anew where that has changed.
    pub fn command<S: AsRef<std::ffi::OsStr>>(&mut self, node: &'static str, words: &[S]) -> Run {
        if self.outdated.remove(node) {
            self.ask(node, &["makecache", "--refresh", "--releasever=1"]).success();
        }
        let run = self.pool.dnf(node).args(["-y", "--releasever=1"]).args(words);
        run.limit(std::time::Duration::from_secs(60))
    }

    /// Takes note of the names that a node has by force, since an ancestor has them too.
    pub fn note_forced(&mut self, node: &'static str) {
        let above = chain(node).into_iter().filter(|level| *level != node);
        let above: BTreeSet<&String> = above
            .flat_map(|level| self.installed(level))
            .map(|package| &package.name)
            .collect();
        let both = self
            .installed(node)
            .iter()
            .filter(|package| above.contains(&package.name));
        let both: Vec<_> = both.map(|package| (node, package.name.clone())).collect();
        self.forced.extend(both);
    }

    /// A query about a node.
    pub fn ask(&self, node: &str, words: &[&str]) -> Outcome {
        self.pool.dnf(node).args(words).run()
    }

    /// The state of a node without the nodes below it.
    fn tree(&self, node: &str) -> Tree {
        let below: Vec<&str> = NODES
            .iter()
            .filter_map(|other| other.strip_prefix(node)?.strip_prefix('/'))
            .collect();
        Tree::except(&self.pool.node(node), &below)
    }

    /// Takes the present state of these nodes as the one that the next operation finds.
    pub fn remember(&mut self, nodes: &[&'static str]) {
        for node in nodes {
            self.trees.insert(node, self.tree(node));
        }
    }

    /// Fails where an operation on this node has changed another one. Judging comes later: a query makes the rpmdb of a node that has none.
    pub fn unchanged_elsewhere(&self, node: Option<&str>) -> Result<(), String> {
        for (other, before) in self.trees.iter().filter(|(other, _)| node != Some(**other)) {
            let differences = before.differences(&self.tree(other));
            if !differences.is_empty() {
                return Err(format!("an operation on {node:?} changed {other}:\n{differences}"));
            }
        }
        Ok(())
    }
}

/// A node and its ancestors, the core first.
pub fn chain(node: &str) -> Vec<&'static str> {
    let is_above = |other: &&str| node == *other || node.strip_prefix(*other).is_some_and(|rest| rest.starts_with('/'));
    NODES.into_iter().filter(is_above).collect()
}

/// A node and the nodes below it.
pub fn with_descendants(node: &str) -> Vec<&'static str> {
    NODES.into_iter().filter(|other| chain(other).contains(&node)).collect()
}
