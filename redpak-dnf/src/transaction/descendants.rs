//! Nodes below this one must not be broken by what is removed or changed here.
//!
//! librpm's own check answers it: on the family's view, a transaction that "installs" what a node below has, together
//! with what the transaction takes away and brings. What that check complains about, and did not without our
//! transaction, is what we would break. What it does not look at is asked in [`Meeting`]. No node below is opened for writing, and no view of it is needed.
//!
//! A pool may have a hundred nodes. Only the packages of those are read whose rpmdb's indexes hold a name that the
//! change has to do with.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use librpm::{Engine, Header, PackageFile, Problem, TransactionSet};
use redpak::package::Package;
use redpak::transaction::touch::{NameIndex, Touched};
use redpak::transaction::{Action, Item};
use redpak_packages::{NodeDatabase, snapshot};

use super::meeting::Meeting;
use crate::databases::{self, Databases};
use crate::node::Node;

/// What leaves and what comes.
pub struct Change<'e> {
    outbound: Vec<(Header<'e>, Package)>,
    inbound: Vec<PackageFile<'e>>,
}

impl<'e> Change<'e> {
    /// The headers of a transaction's packages.
    pub fn new(
        engine: &'e Engine,
        databases: &Databases,
        items: &[Item],
        inbound: Vec<PackageFile<'e>>,
    ) -> Result<Self> {
        let leaves = |item: &&Item| matches!(item.action, Action::Remove | Action::Replaced) && item.owner.is_none();
        let database = databases.leaf.open(engine)?;
        let mut outbound = Vec::new();
        for item in items.iter().filter(leaves) {
            if let Some(header) = database.header(item.header_number)? {
                let package = snapshot::package(&header)?;
                outbound.push((header, package));
            }
        }
        Ok(Self { outbound, inbound })
    }

    fn is_empty(&self) -> bool {
        self.outbound.is_empty() && self.inbound.is_empty()
    }

    /// The names that it has to do with. `inbound` are the packages that come, as they were read before.
    fn touched(&self, inbound: &[Package]) -> Touched {
        Touched::new(self.outbound.iter().map(|(_, package)| package), inbound)
    }
}

/// Refuses a change that breaks a node below, naming each. The view's `_dbpath` must be in force.
pub fn check(engine: &Engine, node: &Node, change: &Change<'_>, inbound: &[Package]) -> Result<()> {
    let below = node.below()?;
    if change.is_empty() || below.is_empty() {
        return Ok(());
    }
    let touched = change.touched(inbound);
    let outbound = change.outbound.iter().map(|(_, package)| package.clone());
    let meeting = Meeting::new(engine, node.path(), inbound.to_vec(), outbound.collect());
    let mut broken = String::new();
    // Parents come before their children: the way down to a node is a stack.
    let mut chain: Vec<Level<'_>> = Vec::new();
    for path in below {
        chain.retain(|above| path.starts_with(&above.path));
        chain.push(Level::new(engine, node, path.clone(), &touched)?);
        for problem in new_problems(engine, node, &mut chain, change)? {
            let path = chain.last().map_or(node.path(), |level| &level.path);
            broken.push_str(&format!("\n  {}: {}", path.display(), problem.text.display()));
        }
        if let Some(level) = chain.last_mut().filter(|level| meeting.concerns(&level.database)) {
            let packages = level.packages(engine)?.iter().map(snapshot::package);
            let packages = packages.collect::<Result<_, _>>()?;
            let found = meeting.new_violations(&level.path, packages)?;
            found.iter().for_each(|line| broken.push_str(&format!("\n  {line}")));
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    bail!(
        "The transaction is refused, nothing has been changed: it would break nodes below this one \
         (--no-check-descendants goes on all the same):{broken}"
    )
}

/// A node below.
struct Level<'e> {
    path: PathBuf,
    database: NodeDatabase,
    /// The change has to do with its packages.
    is_touched: bool,
    /// They are read when the first node needs them that is touched, or that has a touched one above.
    packages: Option<Vec<Header<'e>>>,
}

impl<'e> Level<'e> {
    fn new(engine: &'e Engine, node: &Node, path: PathBuf, touched: &Touched) -> Result<Self> {
        let database = databases::of_node(engine, &path, &node.root)?;
        let indexes: Vec<_> = NameIndex::ALL
            .into_iter()
            .filter(|index| touched.concerns(*index))
            .collect();
        let is_touched = database.any_name(&indexes, &|index, name| touched.touches(index, name));
        Ok(Self {
            path,
            database,
            is_touched: is_touched.unwrap_or(true),
            packages: None,
        })
    }

    fn packages(&mut self, engine: &'e Engine) -> Result<&[Header<'e>]> {
        if self.packages.is_none() {
            let is_package =
                |header: &librpm::Result<Header<'_>>| !matches!(header, Ok(header) if header.is_public_key());
            let database = self.database.open(engine)?;
            self.packages = Some(database.headers()?.filter(is_package).collect::<Result<_, _>>()?);
        }
        Ok(self.packages.as_deref().unwrap_or_default())
    }
}

/// The problems that the last node of the chain has with the change and not without. Together with what it has itself
/// counts what the nodes between it and this one have.
fn new_problems<'e>(
    engine: &'e Engine,
    node: &Node,
    chain: &mut [Level<'e>],
    change: &Change<'_>,
) -> Result<Vec<Problem>> {
    if !chain.iter().any(|level| level.is_touched) {
        return Ok(Vec::new());
    }
    let mut packages = Vec::new();
    for level in chain {
        packages.extend_from_slice(level.packages(engine)?);
    }
    let mut with = problems(engine, node.path(), &packages, Some(change))?;
    if !with.is_empty() {
        let without = problems(engine, node.path(), &packages, None)?;
        with.retain(|problem| !without.contains(problem));
    }
    Ok(with)
}

fn problems(
    engine: &Engine,
    root: &Path,
    packages: &[Header<'_>],
    change: Option<&Change<'_>>,
) -> Result<Vec<Problem>> {
    let mut set = TransactionSet::new(engine)?;
    set.set_root(root)?;
    packages.iter().try_for_each(|header| set.add_install(header))?;
    if let Some(change) = change {
        change
            .outbound
            .iter()
            .try_for_each(|(header, _)| set.add_erase(header))?;
        change
            .inbound
            .iter()
            .try_for_each(|file| set.add_install(file.header()))?;
    }
    Ok(set.check()?)
}
