//! The rules of the core, asked about a transaction of libdnf5.

use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use librpm::{Engine, PackageFile, Verification};
use redpak::package::Package;
use redpak::transaction::files::Places;
use redpak::transaction::payload::{Governed, Links, Payloads};
use redpak::transaction::recovery::{Change, Inbound, Outbound};
use redpak::transaction::{Action, Identity, Installed, Item, Refusal, ancestors};
use redpak_packages::FamilyView;

use super::beside::Beside;
use super::fates::Fates;
use super::lookup::{FamilyPackages, names};
use super::run::Headers;
use crate::databases::Databases;
use crate::node::Node;

/// Packages of ancestors that a transaction does not see, since it is about the leaf's of the same names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

    /// One more.
    pub fn add(&mut self, name: &OsStr, number: u32) {
        self.names.insert(name.to_owned());
        self.numbers.push(number);
    }

    /// These, and those of `other`.
    pub fn and(mut self, other: &Self) -> Self {
        self.names.extend(other.names.iter().cloned());
        self.numbers.extend(&other.numbers);
        self
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
    packages: FamilyPackages<'f>,
    before: Headers,
}

impl<'f> Judge<'f> {
    /// Reads no package yet. The view shows what is installed, less what is hidden.
    pub fn new(engine: &'f Engine, databases: &'f Databases, view: &'f FamilyView) -> Result<Self> {
        Ok(Self {
            databases,
            packages: FamilyPackages::new(engine, databases, view)?,
            before: Headers::read(engine, &databases.leaf)?,
        })
    }

    /// The ancestors' packages whose names come into the leaf too. With `marked`, those that get another reason shall come too.
    pub fn doubled(&self, items: &[Item], marked: bool) -> Result<Hidden> {
        let mut hidden = Hidden::default();
        let marks = items.iter().filter(|item| marked && ancestors::is_mark(item));
        let marked = marks.map(|item| item.package.name.as_os_str());
        for name in inbound_names(items).into_iter().chain(marked) {
            let numbers = self.packages.numbers_above(name)?;
            if !numbers.is_empty() {
                hidden.names.insert(name.to_owned());
                hidden.numbers.extend(numbers);
            }
        }
        Ok(hidden)
    }

    /// The leaf's headers as they were when this was made.
    pub fn before(&self) -> &Headers {
        &self.before
    }

    /// All packages of the ancestors.
    pub fn installed_above(&self) -> Result<Vec<Installed>> {
        self.packages.everything_above()
    }

    /// The rules about ancestors, asked before anything is downloaded.
    pub fn items(&self, transaction: &libdnf5::Transaction<'_>) -> Result<Vec<Item>> {
        let packages = transaction.transaction_packages()?;
        packages.iter().map(|item| self.item(item)).collect()
    }

    fn item(&self, item: &libdnf5::TransactionPackage<'_>) -> Result<Item> {
        let replaces = item
            .replaces
            .iter()
            .map(|package| self.installed_package(package))
            .collect::<Result<_>>()?;
        let here = self.installed_package(&item.package)?;
        Ok(Item {
            action: action(item.action),
            package: here.package,
            header_number: here.header_number,
            owner: here.owner,
            replaces,
        })
    }

    /// Whose an installed package is; one that is not installed is nobody's.
    pub fn installed_package(&self, package: &libdnf5::Package<'_>) -> Result<Installed> {
        let identity = Identity {
            name: package.name()?,
            nevra: package.nevra()?,
        };
        let number = u32::try_from(package.rpmdbid()?).context("a header number is out of range")?;
        let origin = self.packages.origin(number);
        Ok(Installed {
            package: identity,
            header_number: origin.map_or(0, |origin| origin.header_number),
            owner: origin.and_then(|origin| self.databases.owner(origin)).cloned(),
        })
    }

    /// The rules about ancestors' packages.
    pub fn ancestors(&self, items: &[Item], same_name_allowed: bool) -> Result<Vec<Refusal>> {
        let same_names = self.packages.above(inbound_names(items))?;
        Ok(ancestors::check(items, &same_names, same_name_allowed))
    }

    /// The rules about files, asked about the headers of the package files.
    pub fn files(&self, inbound: &[Package], node: &Node) -> Result<Vec<Refusal>> {
        let paths = inbound.iter().flat_map(|package| &package.files);
        let levels = self.packages.owners_of(paths.map(|file| file.path.as_path()))?;
        let places = Places::new(&levels, &|_, _| Vec::new());
        let governed = governed(node, &self.databases.leaf)?;
        let links = Links::of(inbound);
        let on_disk = |path: &Path| std::fs::read_link(below(node.path(), path)).ok();
        let payloads = Payloads::new(&governed, &links, &on_disk);
        let judge = |package: &Package| {
            let mut refusals = payloads.check(package);
            refusals.extend(places.check(package, &|_| Vec::new()));
            refusals
        };
        Ok(inbound.iter().flat_map(judge).collect())
    }

    /// What speaks against what comes being beside what is hidden.
    pub fn beside(
        &self,
        engine: &Engine,
        hidden: &Hidden,
        comes: (&[PackageFile<'_>], &[Package]),
    ) -> Result<Vec<Refusal>> {
        if hidden.is_empty() {
            return Ok(Vec::new());
        }
        Beside::refusals(engine, &self.packages.headers_above(&hidden.numbers)?, comes)
    }

    /// The instances that come and go, and what becomes of the configuration files of the node in `root`. `comes` are the packages,
    /// their files and where those are from.
    pub fn change<'p>(
        &self,
        comes: impl Iterator<Item = (&'p Package, PathBuf, String)>,
        items: &[Item],
        root: &Path,
    ) -> Result<Change> {
        let going = self.going(items)?;
        let fates = Fates::new(root, &going);
        let inbound =
            comes.map(|(package, path, source)| Inbound::new(package, path, source, &|file| fates.coming(file)));
        let inbound: Vec<Inbound> = inbound.collect();
        let replaced_by = |number: u32| {
            let is_it = |old: &Installed| old.owner.is_none() && old.header_number == number;
            let item = items.iter().find(|item| item.replaces.iter().any(is_it))?;
            let nevra = item.package.nevra.to_string_lossy();
            let by = inbound.iter().find(|package| package.nevra == nevra)?;
            Some(by.key().to_owned())
        };
        let outbound =
            |package: &Package| Outbound::new(package, replaced_by(package.header_number), &|file| fates.going(file));
        let outbound = going.iter().map(outbound).collect();
        let mut change = Change {
            inbound,
            outbound,
            kept: Vec::new(),
        };
        change.keep(self.before.instances().iter().cloned());
        Ok(change)
    }

    /// The leaf's packages that have triggers.
    pub fn triggered(&self) -> Result<Vec<Package>> {
        self.packages.triggered_of_leaf()
    }

    /// The leaf's packages that a transaction takes away or replaces.
    pub fn going(&self, items: &[Item]) -> Result<Vec<Package>> {
        let leaves = |item: &&Item| item.owner.is_none() && matches!(item.action, Action::Remove | Action::Replaced);
        let numbers: Vec<u32> = items.iter().filter(leaves).map(|item| item.header_number).collect();
        self.packages.of_leaf(&numbers)
    }
}

fn inbound_names(items: &[Item]) -> BTreeSet<&OsStr> {
    let inbound = items.iter().filter(|item| item.action.is_inbound());
    names(inbound.map(|item| &item.package))
}

/// `path`, which is absolute inside a node, from outside.
fn below(node: &Path, path: &Path) -> PathBuf {
    node.join(path.strip_prefix("/").unwrap_or(path))
}

fn governed(node: &Node, leaf: &redpak_packages::NodeDatabase) -> Result<Governed> {
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

/// Where the packages that a transaction brings are from: repository and address.
pub fn sources(transaction: &libdnf5::Transaction<'_>) -> Result<Vec<String>> {
    let packages = transaction.transaction_packages()?;
    let inbound = packages.iter().filter(|item| action(item.action).is_inbound());
    let source = |item: &libdnf5::TransactionPackage<'_>| {
        let repository = item.package.repo_id()?.to_string_lossy().into_owned();
        let address = item.package.remote_locations()?.into_iter().next();
        Ok(match address {
            Some(address) => format!("{}, repository {repository}", address.to_string_lossy()),
            None => format!("repository {repository}"),
        })
    };
    inbound.map(source).collect()
}

/// The package files that a transaction brings, the digests of their headers checked.
pub fn inbound<'e>(engine: &'e Engine, transaction: &libdnf5::Transaction<'_>) -> Result<Vec<PackageFile<'e>>> {
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

fn action(action: libdnf5::Action) -> Action {
    match action {
        libdnf5::Action::Install => Action::Install,
        libdnf5::Action::Upgrade => Action::Upgrade,
        libdnf5::Action::Downgrade => Action::Downgrade,
        libdnf5::Action::Reinstall => Action::Reinstall,
        libdnf5::Action::Remove => Action::Remove,
        libdnf5::Action::Replaced => Action::Replaced,
        _ => Action::ReasonChange,
    }
}
