//! The rules of the core, asked about a transaction of libdnf5.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use redpak::package::Package;
use redpak::transaction::files::{Level, Places};
use redpak::transaction::payload::{Governed, Links};
use redpak::transaction::scriptlets::Runs;
use redpak::transaction::{Action, Identity, Installed, Item, Owner, Refusal, ancestors, payload, scriptlets};
use redpak_rpm::{Engine, FamilyView, Origin, PackageFile, Verification, snapshot};

use super::journal::{self, Inbound, Outbound, Plan};
use crate::databases::Databases;
use crate::dnf5;
use crate::node::Node;

/// Packages of ancestors that a transaction with `--forcenode` does not see.
#[derive(Debug, Default)]
pub struct Hidden {
    /// Their numbers in the family's view.
    pub numbers: Vec<u32>,
    names: HashSet<OsString>,
}

impl Hidden {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &OsStr> {
        self.names.iter().map(OsString::as_os_str)
    }

    /// None.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

/// The family before a transaction.
#[derive(Debug)]
pub struct Judge<'f> {
    databases: &'f Databases,
    view: &'f FamilyView,
    own: Vec<Package>,
    levels: Vec<Level>,
    installed: Vec<Installed>,
}

impl<'f> Judge<'f> {
    /// Reads what is installed at every level.
    pub fn new(engine: &Engine, databases: &'f Databases, view: &'f FamilyView, hidden: &Hidden) -> Result<Self> {
        let own = snapshot::read(engine, &databases.leaf)?.packages;
        let read = |(database, owner): (_, &Owner)| -> Result<Level> {
            let mut packages = snapshot::read(engine, database)?.packages;
            packages.retain(|package| !hidden.names.contains(&package.name));
            Ok(Level {
                owner: owner.clone(),
                packages,
            })
        };
        // Oldest first: where two ancestors have the same file the younger one's is named.
        let levels: Vec<Level> = databases
            .ancestors
            .iter()
            .zip(&databases.owners)
            .rev()
            .map(read)
            .collect::<Result<_>>()?;
        let of_leaf = own.iter().map(|package| Installed {
            package: package.into(),
            owner: None,
        });
        let of_level = |level: &'_ Level| {
            let installed = |package| Installed {
                package: Identity::from(package),
                owner: Some(level.owner.clone()),
            };
            level.packages.iter().map(installed).collect::<Vec<_>>()
        };
        let installed = of_leaf.chain(levels.iter().rev().flat_map(of_level)).collect();
        Ok(Self {
            databases,
            view,
            own,
            levels,
            installed,
        })
    }

    /// The ancestors' packages whose names come into the leaf too.
    pub fn doubled(&self, items: &[Item]) -> Hidden {
        let names: HashSet<OsString> = items
            .iter()
            .filter(|item| item.action.is_inbound())
            .map(|item| item.package.name.clone())
            .collect();
        let ancestors = self.levels.len();
        let numbers = self.levels.iter().enumerate().flat_map(|(index, level)| {
            // The levels are oldest first; the leaf is 0, its parent 1.
            let node = ancestors - index;
            let doubled = level.packages.iter().filter(|package| names.contains(&package.name));
            doubled.filter_map(move |package| {
                self.view.number_of(Origin {
                    node,
                    header_number: package.header_number,
                })
            })
        });
        Hidden {
            numbers: numbers.collect(),
            names: names.iter().filter(|name| self.is_above(name)).cloned().collect(),
        }
    }

    fn is_above(&self, name: &OsString) -> bool {
        let mut packages = self.levels.iter().flat_map(|level| &level.packages);
        packages.any(|package| package.name == *name)
    }

    /// The leaf's own packages.
    pub fn own(&self) -> &[Package] {
        &self.own
    }

    /// Everything that is installed in the family, the leaf's first.
    pub fn installed(&self) -> &[Installed] {
        &self.installed
    }

    /// The rules about ancestors, asked before anything is downloaded.
    pub fn items(&self, transaction: &dnf5::Transaction<'_>) -> Result<Vec<Item>> {
        let packages = transaction.transaction_packages()?;
        packages.iter().map(|item| self.item(item)).collect()
    }

    fn item(&self, item: &dnf5::TransactionPackage<'_>) -> Result<Item> {
        let replaces = item
            .replaces
            .iter()
            .map(|package| self.installed_package(package))
            .collect::<Result<_>>()?;
        let here = self.installed_package(&item.package)?;
        Ok(Item {
            action: action(item.action),
            package: here.package,
            owner: here.owner,
            replaces,
        })
    }

    /// Whose an installed package is; one that is not installed is nobody's.
    pub fn installed_package(&self, package: &dnf5::Package<'_>) -> Result<Installed> {
        let identity = Identity {
            name: package.name()?,
            nevra: package.nevra()?,
        };
        let number = u32::try_from(package.rpmdbid()?).context("a header number is out of range")?;
        let origin = self.view.origin(number);
        Ok(Installed {
            package: identity,
            owner: origin.and_then(|origin| self.databases.owner(origin)).cloned(),
        })
    }

    /// The rules about ancestors' packages.
    pub fn ancestors(&self, items: &[Item], same_name_allowed: bool) -> Vec<Refusal> {
        ancestors::check(items, &self.installed, same_name_allowed)
    }

    /// The rules about files, asked about the headers of the package files.
    pub fn files(&self, inbound: &[Package], node: &Node) -> Result<Vec<Refusal>> {
        let places = Places::new(&self.levels, &|_, _| Vec::new());
        let governed = governed(node, &self.databases.leaf)?;
        let links = Links::of(inbound);
        let on_disk = |path: &Path| std::fs::read_link(below(node.path(), path)).ok();
        let judge = |package: &Package| {
            let mut refusals = payload::check(package, &governed, &links, &on_disk);
            refusals.extend(places.check(package, &|_| Vec::new()));
            refusals
        };
        Ok(inbound.iter().flat_map(judge).collect())
    }

    /// The journal's plan.
    pub fn plan(&self, command: String, inbound: &[Package], paths: Vec<PathBuf>, items: &[Item]) -> Plan {
        let replaced_by = |nevra: &str| {
            let replaces = |item: &&Item| item.replaces.iter().any(|old| old.package.nevra == *nevra);
            let item = items.iter().find(replaces)?;
            Some(item.package.nevra.to_string_lossy().into_owned())
        };
        let goes = |package: &Package| {
            let nevra = journal::nevra(package);
            let replaced_by = replaced_by(&nevra);
            Outbound { nevra, replaced_by }
        };
        Plan {
            version: journal::VERSION,
            command,
            highest: self.own.iter().map(|package| package.header_number).max().unwrap_or(0),
            inbound: inbound
                .iter()
                .zip(paths)
                .map(|(package, path)| Inbound::new(package, path))
                .collect(),
            outbound: self.going(items).map(goes).collect(),
        }
    }

    /// The leaf's packages that a transaction takes away or replaces.
    fn going(&self, items: &[Item]) -> impl Iterator<Item = &Package> {
        let leaves = |item: &&Item| item.owner.is_none() && matches!(item.action, Action::Remove | Action::Replaced);
        let gone = items
            .iter()
            .filter(leaves)
            .map(|item| item.package.nevra.to_string_lossy());
        let gone: HashSet<String> = gone.map(Into::into).collect();
        let own = self.own.iter();
        own.filter(move |package| gone.contains(&journal::nevra(package)))
    }

    /// What the transaction would run: scriptlets of packages that come, and of the leaf's that go.
    pub fn scriptlets(&self, inbound: &[Package], items: &[Item]) -> Vec<Runs> {
        scriptlets::present(inbound.iter().chain(self.going(items)))
    }
}

/// `path`, which is absolute inside a node, from outside.
fn below(node: &Path, path: &Path) -> PathBuf {
    node.join(path.strip_prefix("/").unwrap_or(path))
}

fn governed(node: &Node, leaf: &redpak_rpm::NodeDatabase) -> Result<Governed> {
    let inside = |path: &Path| {
        path.strip_prefix(node.path())
            .map(|path| Path::new("/").join(path))
            .ok()
    };
    let paths = [leaf.directory(), &crate::databases::cache_directory(node)];
    let nodes = node.below()?;
    Ok(Governed {
        paths: paths.into_iter().filter_map(inside).collect(),
        nodes: nodes.iter().filter_map(|node| inside(node)).collect(),
    })
}

/// The package files that a transaction brings, the digests of their headers checked.
pub fn inbound<'e>(engine: &'e Engine, transaction: &dnf5::Transaction<'_>) -> Result<Vec<PackageFile<'e>>> {
    let packages = transaction.transaction_packages()?;
    let mut inbound = Vec::new();
    for item in packages.iter() {
        if action(item.action).is_inbound() {
            let path = PathBuf::from(item.package.package_path()?);
            inbound.push(PackageFile::open(engine, &path, Verification::Digests)?);
        }
    }
    Ok(inbound)
}

fn action(action: dnf5::Action) -> Action {
    match action {
        dnf5::Action::Install => Action::Install,
        dnf5::Action::Upgrade => Action::Upgrade,
        dnf5::Action::Downgrade => Action::Downgrade,
        dnf5::Action::Reinstall => Action::Reinstall,
        dnf5::Action::Remove => Action::Remove,
        dnf5::Action::Replaced => Action::Replaced,
        _ => Action::ReasonChange,
    }
}
