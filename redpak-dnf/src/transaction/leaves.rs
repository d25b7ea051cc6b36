//! `--show-new-leaves`: packages that nothing needs, and that something needed before or that were not there.

use std::collections::BTreeSet;

use anyhow::Result;

use super::judge::Judge;
use crate::session::Session;
use crate::terminal;
use libdnf5::{ExcludeFlags, PackageQuery, Transaction};

/// Lists them, if there are any; those of ancestors are not the leaf's business.
pub fn show(session: &Session<'_>, judge: &Judge<'_>, transaction: &Transaction<'_>) -> Result<()> {
    let mut before = PackageQuery::new(&session.base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
    before.filter_installed()?;
    let mut after = before.try_clone()?;
    for item in transaction.transaction_packages()? {
        if item.action.is_inbound() {
            after.add(&item.package)?;
        } else if item.action.is_outbound() {
            after.remove(&item.package)?;
        }
    }
    let old = names(judge, &mut before)?;
    let new = names(judge, &mut after)?;
    let mut added = new.difference(&old).peekable();
    if added.peek().is_some() {
        println!("New leaves:");
        added.for_each(|name| terminal::show(format_args!(" {name}")));
        println!();
    }
    Ok(())
}

/// `NAME.ARCH` of the leaves among `packages` that are the node's own.
fn names(judge: &Judge<'_>, packages: &mut PackageQuery<'_>) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for package in packages.filter_leaves()?.list()? {
        if !package.is_installed()? || judge.installed_package(&package)?.owner.is_none() {
            names.insert(package.na()?.to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
