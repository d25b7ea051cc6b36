//! Nodes below this one must not be broken by what is removed or changed here.
//!
//! librpm's own check answers it: on the family's view, a transaction that "installs" what a node below has, together
//! with what the transaction takes away and brings. What that check complains about, and did not without our
//! transaction, is what we would break. No node below is opened for writing, and no view of it is needed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use redpak::transaction::{Action, Item};
use redpak_fs::family;
use redpak_rpm::{Engine, Header, PackageFile, Problem, TransactionSet};

use crate::databases::{self, Databases};
use crate::node::Node;

/// What leaves and what comes.
pub struct Change<'e> {
    outbound: Vec<Header<'e>>,
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
        let gone: HashSet<_> = items
            .iter()
            .filter(leaves)
            .map(|item| item.package.nevra.clone())
            .collect();
        let database = databases.leaf.open(engine)?;
        let headers = database.headers()?.filter(|header| match header {
            Ok(header) => gone.contains(&header.nevra()),
            Err(_) => true,
        });
        Ok(Self {
            outbound: headers.collect::<Result<_, _>>()?,
            inbound,
        })
    }
}

/// Refuses a change that breaks a node below, naming each. The view's `_dbpath` must be in force.
pub fn check(engine: &Engine, node: &Node, change: &Change<'_>) -> Result<()> {
    if change.outbound.is_empty() && change.inbound.is_empty() {
        return Ok(());
    }
    let mut broken = String::new();
    for below in node.below()? {
        for problem in new_problems(engine, node, &below, change)? {
            broken.push_str(&format!("\n  {}: {}", below.display(), problem.text.display()));
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

/// The problems that the node `below` has with the change and not without.
fn new_problems(engine: &Engine, node: &Node, below: &Path, change: &Change<'_>) -> Result<Vec<Problem>> {
    let packages = packages_between(engine, node, below)?;
    if packages.is_empty() {
        return Ok(Vec::new());
    }
    let without = problems(engine, node, &packages, None)?;
    let mut with = problems(engine, node, &packages, Some(change))?;
    with.retain(|problem| !without.contains(problem));
    Ok(with)
}

/// The packages of the node `below` and of the nodes between it and this one.
fn packages_between<'e>(engine: &'e Engine, node: &Node, below: &Path) -> Result<Vec<Header<'e>>> {
    let chain = family::enclosing(below)?;
    let between: Vec<PathBuf> = chain
        .into_iter()
        .filter(|path| path != node.path() && path.starts_with(node.path()))
        .collect();
    let mut headers = Vec::new();
    for path in between {
        let database = databases::of_node(engine, &path, &node.root)?.open(engine)?;
        for header in database.headers()? {
            let header = header?;
            if !header.is_public_key() {
                headers.push(header);
            }
        }
    }
    Ok(headers)
}

fn problems(
    engine: &Engine,
    node: &Node,
    packages: &[Header<'_>],
    change: Option<&Change<'_>>,
) -> Result<Vec<Problem>> {
    let mut set = TransactionSet::new(engine)?;
    set.set_root(node.path())?;
    packages.iter().try_for_each(|header| set.add_install(header))?;
    if let Some(change) = change {
        change.outbound.iter().try_for_each(|header| set.add_erase(header))?;
        change
            .inbound
            .iter()
            .try_for_each(|file| set.add_install(file.header()))?;
    }
    Ok(set.check()?)
}
