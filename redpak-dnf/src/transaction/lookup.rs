//! What is installed in the family, found through the view's indexes: a core OS has thousands of packages, and a
//! transaction has to do with few of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context, Result};
use librpm::{Engine, Header};
use redpak::package::Package;
use redpak::transaction::files::Level;
use redpak::transaction::{Identity, Installed, Owner};
use redpak_packages::{FamilyView, Lookup, NodeDatabase, Origin, snapshot};

use crate::databases::Databases;

/// The family's packages, none of which is read before it is asked for.
#[derive(Debug)]
pub struct FamilyPackages<'f> {
    engine: &'f Engine,
    databases: &'f Databases,
    view: &'f FamilyView,
    indexes: Lookup,
}

impl<'f> FamilyPackages<'f> {
    pub fn new(engine: &'f Engine, databases: &'f Databases, view: &'f FamilyView) -> Result<Self> {
        Ok(Self {
            engine,
            databases,
            view,
            indexes: view.lookup()?,
        })
    }

    /// Whose package stands in the view under a number, and which.
    pub fn origin(&self, number: u32) -> Option<Origin> {
        self.view.origin(number)
    }

    /// The numbers in the view of the ancestors' packages of this name.
    pub fn numbers_above(&self, name: &OsStr) -> Result<Vec<u32>> {
        let above = |number: &u32| self.origin(*number).is_some_and(|origin| origin.node > 0);
        Ok(self.indexes.named([name])?.into_iter().filter(above).collect())
    }

    /// The ancestors' packages of these names, the parent's first.
    pub fn above<'n>(&self, names: impl IntoIterator<Item = &'n OsStr>) -> Result<Vec<Installed>> {
        let packages = self.read(self.indexes.named(names)?)?;
        let installed = |node, package: &Package| Installed {
            package: Identity::from(package),
            header_number: package.header_number,
            owner: self.databases.owners.get(node).cloned(),
        };
        let above = packages.iter().filter_map(|(node, packages)| {
            let node = node.checked_sub(1)?;
            Some(packages.iter().map(move |package| installed(node, package)))
        });
        Ok(above.flatten().collect())
    }

    /// The leaf's packages of these header numbers.
    pub fn of_leaf(&self, numbers: &[u32]) -> Result<Vec<Package>> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        self.read_from(&self.databases.leaf, numbers)
    }

    /// The leaf's packages that have triggers.
    pub fn triggered_of_leaf(&self) -> Result<Vec<Package>> {
        let mut numbers = self.indexes.with_triggers()?;
        numbers.retain(|number| self.origin(*number).is_some_and(|origin| origin.node == 0));
        Ok(self.read(numbers)?.into_values().flatten().collect())
    }

    /// The ancestors' packages that own any of these files, and perhaps others. Oldest ancestor first.
    pub fn owners_of<'p>(&self, paths: impl IntoIterator<Item = &'p Path>) -> Result<Vec<Level>> {
        let mut numbers = self.indexes.may_own(paths)?;
        numbers.retain(|number| self.origin(*number).is_some_and(|origin| origin.node > 0));
        let level = |(node, packages): (usize, _)| {
            let owner = self.databases.owners.get(node - 1)?.clone();
            Some(Level { owner, packages })
        };
        Ok(self.read(numbers)?.into_iter().rev().filter_map(level).collect())
    }

    /// The ancestors' headers under these numbers in the view, and whose they are. Oldest ancestor first.
    pub fn headers_above(&self, numbers: &[u32]) -> Result<Vec<(Owner, Header<'f>)>> {
        let mut headers = Vec::new();
        for (node, owner) in self.databases.owners.iter().enumerate().rev() {
            let origins = numbers.iter().filter_map(|number| self.origin(*number));
            let opened = self.database(node + 1).open(self.engine)?;
            for origin in origins.filter(|origin| origin.node == node + 1) {
                let header = opened.header(origin.header_number)?;
                headers.extend(header.map(|header| (owner.clone(), header)));
            }
        }
        Ok(headers)
    }

    /// The identities of all packages above the leaf, the parent's first.
    pub fn everything_above(&self) -> Result<Vec<Installed>> {
        let mut installed = Vec::new();
        for (database, owner) in self.databases.ancestors.iter().zip(&self.databases.owners) {
            let packages = snapshot::read(self.engine, database)?.packages;
            installed.extend(packages.iter().map(|package| Installed {
                package: package.into(),
                header_number: package.header_number,
                owner: Some(owner.clone()),
            }));
        }
        Ok(installed)
    }

    /// The packages that have these numbers in the view, by the node that they are of (the leaf is 0, its parent 1).
    fn read(&self, numbers: BTreeSet<u32>) -> Result<BTreeMap<usize, Vec<Package>>> {
        let mut wanted: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for origin in numbers.into_iter().filter_map(|number| self.origin(number)) {
            wanted.entry(origin.node).or_default().push(origin.header_number);
        }
        let read = |(node, numbers): (usize, Vec<u32>)| Ok((node, self.read_from(self.database(node), &numbers)?));
        wanted.into_iter().map(read).collect()
    }

    fn database(&self, node: usize) -> &NodeDatabase {
        let ancestor = node
            .checked_sub(1)
            .and_then(|index| self.databases.ancestors.get(index));
        ancestor.unwrap_or(&self.databases.leaf)
    }

    /// From the node's own rpmdb, where librpm checks each header.
    fn read_from(&self, database: &NodeDatabase, numbers: &[u32]) -> Result<Vec<Package>> {
        let opened = database.open(self.engine)?;
        let package = |number: &u32| {
            let header = opened.header(*number)?;
            let place = database.directory().display();
            let header = header.with_context(|| format!("the rpmdb in {place} has changed meanwhile; try again"))?;
            Ok(snapshot::package(&header)?)
        };
        numbers.iter().map(package).collect()
    }
}

/// Names of packages, each once.
pub fn names<'i>(identities: impl Iterator<Item = &'i Identity>) -> BTreeSet<&'i OsStr> {
    identities.map(|identity| OsString::as_os_str(&identity.name)).collect()
}
