//! The one place that changes a node.
//!
//! The steps, in this order: lock the family; confine the process; repair what an interrupted transaction left; resolve
//! over the family's view; the rules about ancestors; table and question; download; the rules about files and
//! scriptlets, on the real headers; signatures; rpm's own check and test, still over the view; and only then, in
//! `before_begin`, the view goes, the network is cut, and the node changes. Every refusal comes before that.

use std::path::PathBuf;

use anyhow::{Result, bail};
use redpak::transaction::Refusal;
use redpak_fs::lock::{FamilyLock, Purpose};
use redpak_rpm::{Engine, FamilyView};

mod executor;
mod journal;
mod judge;
mod run;

use crate::commands::Outcome;
use crate::confinement::{self, Writable};
use crate::dnf5::{Goal, Load, Package};
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;

/// What a command wants.
pub struct Wanted<'c> {
    /// Which repositories it needs: removing needs no other than the installed packages.
    pub load: Load,
    /// Adds its jobs.
    pub jobs: &'c dyn Fn(&Jobs<'_>, &mut Goal<'_>) -> Result<()>,
    /// `--allowerasing`
    pub allow_erasing: bool,
    /// `--downloadonly`
    pub download_only: bool,
    /// `--allow-downgrade`, `--no-allow-downgrade`
    pub downgrades: Option<bool>,
    /// Packages that the user names to be installed, to tell which of them an ancestor has.
    pub specs: &'c [String],
}

/// What jobs are made from.
pub struct Jobs<'j> {
    /// libdnf5, its repositories loaded.
    pub session: &'j Session<'j>,
    /// Tells whose an installed package is.
    pub view: &'j FamilyView,
}

impl Jobs<'_> {
    /// Whether an installed package is the leaf's own.
    pub fn is_own(&self, package: &Package<'_>) -> Result<bool> {
        let number = u32::try_from(package.rpmdbid()?)?;
        Ok(self.view.origin(number).is_some_and(|origin| origin.node == 0))
    }
}

/// Carries a command's transaction out, in a confined process.
pub fn execute(global: &Global, wanted: &Wanted<'_>) -> Result<Outcome> {
    let node = Node::find(global)?;
    let _lock = lock(&node)?;
    let confined = confinement::enter(&writable(&node)?)?;
    let engine = Engine::start()?;
    executor::Executor::new(&engine, &node, global, wanted, confined)?.execute()
}

/// Waits for others who work on the family, and says for whom.
fn lock(node: &Node) -> Result<FamilyLock> {
    let lineage: Vec<PathBuf> = node.family.nodes.iter().map(|node| node.path.clone()).collect();
    let waiting = |waiting: &redpak_fs::lock::Waiting| eprintln!("Waiting for {waiting}.");
    Ok(FamilyLock::acquire(&lineage, Purpose::Change, waiting)?)
}

fn writable(node: &Node) -> Result<Writable> {
    Ok(Writable { directories: vec![node.path().to_owned()], except: node.below()? })
}

/// Every refusal on a line of its own, under one headline.
fn refuse(refusals: &[Refusal]) -> Result<()> {
    if refusals.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = refusals.iter().map(|refusal| format!("\n  {refusal}")).collect();
    bail!("The transaction is refused, nothing has been changed:{}", lines.concat());
}
