//! The one place that changes a node.
//!
//! The steps, in this order: lock the family; confine the process; repair what an interrupted transaction left; resolve
//! over the family's view; the rules about ancestors; table and question; download; the rules about files and
//! scriptlets, on the real headers; signatures; rpm's own check and test, still over the view; and only then, in
//! `before_begin`, the view goes, the network is cut, and the node changes. Every refusal comes before that.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use librpm::Engine;
use redpak::coherency::Unfinished;
use redpak::display;
use redpak::transaction::{Installed, Reason, Refusal};
use redpak_host::lock::{FamilyLock, Purpose};
use redpak_host::unfinished;

mod accounts;
mod beside;
mod database_error;
mod descendants;
mod executor;
mod fates;
mod finish;
mod forced;
pub mod hints;
pub mod journal;
mod judge;
mod leaves;
mod lookup;
mod meeting;
pub mod offline;
mod recovery;
mod run;
mod scriptlets;
pub mod store;

use crate::commands::Outcome;
use crate::confinement::{self, Confined, Ended, HeldSignals, Writable};
use crate::databases;
use crate::failure_point;
use crate::node::Node;
use crate::options::{Ending, Global, Resolve};
use crate::session::Session;
use libdnf5::{self, Goal, Load, Package};

/// What a command wants.
pub struct Wanted<'c> {
    /// Which repositories it needs: removing needs no other than the installed packages.
    pub load: Load,
    /// Repositories that packages come from (`--from-repo`): they are enabled.
    pub from_repo: &'c [String],
    /// What has to be known and set before they are loaded; the rpmdb is the leaf's own at that time.
    pub prepare: &'c dyn Fn(&Session<'_>) -> Result<()>,
    /// Adds its jobs.
    pub jobs: &'c dyn Fn(&Jobs<'_>, &mut Goal<'_>) -> Result<()>,
    /// Installed packages may be removed to solve the jobs.
    pub allow_erasing: bool,
    /// Options that can be advised.
    pub given: hints::Given,
    /// What the transaction comes to.
    pub ending: Ending,
    /// `--allow-downgrade`, `--no-allow-downgrade`
    pub downgrades: Option<bool>,
    /// It finishes an interrupted transaction, which was to lead to this state: nobody is asked.
    pub repair: Option<&'c journal::State>,
    /// It changes the reasons of packages; elsewhere that comes along with something else, and passes an ancestor's by.
    pub marks: bool,
    /// It gives installed packages the reasons of another transaction; those of ancestors keep theirs.
    pub overrides_reasons: bool,
    /// With `--forcenode`, what an ancestor has in the version that is wanted comes a second time.
    pub installs_again: bool,
    /// It undoes or repeats transactions of the node, which were about the node's own packages.
    pub repeats_history: bool,
}

impl<'c> Wanted<'c> {
    /// Jobs, and nothing special about them.
    pub fn new(load: Load, jobs: &'c dyn Fn(&Jobs<'_>, &mut Goal<'_>) -> Result<()>) -> Self {
        Self {
            load,
            from_repo: &[],
            prepare: &|_| Ok(()),
            jobs,
            allow_erasing: false,
            given: hints::Given::default(),
            ending: Ending::Run,
            downgrades: None,
            repair: None,
            marks: false,
            overrides_reasons: false,
            installs_again: false,
            repeats_history: false,
        }
    }

    /// It finishes an interrupted transaction.
    pub fn is_repair(&self) -> bool {
        self.repair.is_some()
    }

    /// As the options about problems ask.
    pub fn resolving(self, resolve: &Resolve) -> Self {
        Self {
            allow_erasing: resolve.allowerasing,
            given: resolve.given(),
            downgrades: resolve.downgrades(),
            ..self
        }
    }

    /// Enables repositories that named packages come from.
    pub fn enabling(self, from_repo: &'c [String]) -> Self {
        Self { from_repo, ..self }
    }

    /// Comes to something else than running.
    pub fn ending(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }
}

/// What jobs are made from.
pub struct Jobs<'j> {
    /// libdnf5, its repositories loaded.
    pub session: &'j Session<'j>,
    /// `--forcenode`
    pub same_name_allowed: bool,
    /// Whose package is whose.
    pub judge: &'j judge::Judge<'j>,
    /// With [`Wanted::overrides_reasons`], where ancestors' packages are concerned: full names and new reasons of the leaf's own.
    pub own_reasons: Option<&'j [(OsString, libdnf5::Reason)]>,
    /// In a repair: what was to go, and nothing takes the place of, stays.
    pub keeps_outbound: bool,
    /// What speaks against the jobs themselves.
    pub refusals: RefCell<Vec<Refusal>>,
}

impl Jobs<'_> {
    /// Whether an installed package is the leaf's own.
    pub fn is_own(&self, package: &Package<'_>) -> Result<bool> {
        Ok(self.judge.installed_package(package)?.owner.is_none())
    }

    /// A package that shall be installed and that an ancestor has.
    pub fn refuse_installed(&self, package: &Package<'_>) -> Result<()> {
        let Installed { package, owner, .. } = self.judge.installed_package(package)?;
        if let Some(owner) = owner {
            self.refusals.borrow_mut().push(Refusal {
                package,
                reason: Reason::AlreadyThere(owner),
            });
        }
        Ok(())
    }
}

/// Carries a command's transaction out, in a confined process.
pub fn execute(global: &Global, wanted: &Wanted<'_>) -> Result<Outcome> {
    let node = Node::find(global)?;
    let _lock = lock(&node)?;
    failure_point::pass("locked")?;
    require_whole_ancestors(&node)?;
    repair_if_needed(&node, global)?;
    if !global.no_check_descendants {
        require_whole_descendants(&node)?;
    }
    let mut writable = locked(&node)?;
    writable.directories.extend(store::directory(&wanted.ending)?);
    writable.directories.extend(debug_directory(global)?);
    let standby = finish::stand_by(&node, global)?;
    let mounts = confinement::mounts_below(node.path(), node.below()?)?;
    let end = |ended: &Ended| finish::finish(&node, global, ended, standby, &mounts);
    let confined = confinement::enter_then(&writable, end)?;
    let engine = Engine::start()?;
    executor::Executor::new(&engine, &node, global, wanted, confined).execute()
}

/// Changes a node otherwise than by a transaction, locked and confined as for one.
pub fn change_node(global: &Global, change: fn(&Session<'_>, &Node) -> Result<Outcome>) -> Result<Outcome> {
    let node = Node::find(global)?;
    let _lock = lock(&node)?;
    repair_if_needed(&node, global)?;
    let _confined = confinement::enter(&writable(&node)?)?;
    let engine = Engine::start()?;
    change(&Session::open(&engine, &node, global)?, &node)
}

/// Repairs what an interrupted transaction left, and names what is damaged in the node all the same.
pub fn repair(global: &Global) -> Result<Outcome> {
    let node = Node::find(global)?;
    let _lock = lock(&node)?;
    require_whole_ancestors(&node)?;
    repair_if_needed(&node, global)?;
    let is_whole = confinement::in_child(|| {
        let _confined = confine_query(&node)?;
        let is_whole = recovery::look_for_damage(&Engine::start()?, &node)?;
        std::process::exit(i32::from(!is_whole))
    })?;
    Ok(if is_whole { Outcome::Done } else { Outcome::Failed })
}

/// Locks a node and repairs it, for a change that needs no confinement. The node is the caller's as long as the result lives.
pub fn lock_whole(node: &Node, global: &Global) -> Result<FamilyLock> {
    let lock = lock(node)?;
    repair_if_needed(node, global)?;
    Ok(lock)
}

fn repair_if_needed(node: &Node, global: &Global) -> Result<()> {
    recovery::sweep(node.path());
    if !recovery::is_needed(node) && !confinement::root::is_left(node.path()) {
        return Ok(());
    }
    require_whole_ancestors(node)?;
    let _held = HeldSignals::hold()?;
    for stage in recovery::Stage::ALL {
        let repaired = confinement::in_child(|| {
            let confined = confinement::enter_then(&locked(node)?, |_| confinement::root::clear(node.path()))?;
            recovery::repair(stage, &Engine::start()?, node, global, confined)
        })?;
        ensure!(
            repaired,
            "the node has to be repaired first; what stands in the way is told above"
        );
        if !recovery::is_needed(node) {
            return Ok(());
        }
    }
    finish::forget(node)
}

/// Nothing can be resolved over a node that is half changed, and only its own commands change it. The lock keeps others from
/// beginning meanwhile.
fn require_whole_ancestors(node: &Node) -> Result<()> {
    let ancestors = node.family.nodes.iter().rev().skip(1).map(|node| &node.path);
    for ancestor in ancestors {
        if let Some(unfinished) = unfinished::look(ancestor) {
            bail!("{}: {}", ancestor.display(), unfinished.reason(ancestor));
        }
    }
    Ok(())
}

/// What an interrupted transaction of a node below was going to bring is in no rpmdb yet, so nothing tells whether it could
/// still come.
fn require_whole_descendants(node: &Node) -> Result<()> {
    for below in node.below()? {
        if let Some(unfinished) = unfinished_in_the_end(below) {
            bail!(
                "{}: {}; or change this node without looking at those below, with --no-check-descendants",
                display::path(below),
                unfinished.reason(below)
            );
        }
    }
    Ok(())
}

/// How a node is when nobody works on it: processes of a command that was killed hold it for a moment.
fn unfinished_in_the_end(node: &Path) -> Option<Unfinished> {
    const MOMENT: Duration = Duration::from_millis(50);
    const MOMENTS: usize = 200;
    for _ in 0..MOMENTS {
        match unfinished::look(node) {
            Some(running) if running.is_running() => std::thread::sleep(MOMENT),
            other => return other,
        }
    }
    unfinished::look(node)
}

/// Warns a query of what it is going to see.
pub fn warn_of_unfinished(global: &Global) {
    let Ok(node) = Node::find(global) else { return };
    for node in &node.family.nodes {
        if let Some(unfinished) = unfinished::look(&node.path) {
            eprintln!(
                "Warning: {}: {}.",
                display::path(&node.path),
                unfinished.reason(&node.path)
            );
        }
    }
}

/// Confines a query that reads the family's rpmdbs: sqlite leaves marks in the files of a database that it may write.
///
/// The result has to live as long as the query. Who cannot write the node leaves no marks.
pub fn confine_query(node: &Node) -> Result<Option<Confined>> {
    confine_query_but(node, &[])
}

/// The same for a query that writes elsewhere, into directories that exist. Who writes into the root itself is not confined.
pub fn confine_query_but(node: &Node, directories: &[PathBuf]) -> Result<Option<Confined>> {
    if directories.iter().any(|directory| directory.parent().is_none()) {
        return Ok(None);
    }
    let is_writable = nix::unistd::access(node.path(), nix::unistd::AccessFlags::W_OK).is_ok();
    Ok(if is_writable {
        let mut writable = written_by_queries(node)?;
        writable.directories.extend_from_slice(directories);
        Some(confinement::enter(&writable)?)
    } else {
        None
    })
}

/// Where packages have nearly all of their files, and where a query writes nothing.
const SOFTWARE: [&str; 2] = ["usr", "opt"];

/// A query leaves the software alone, so that need not be searched for nodes, which takes long where much is installed.
fn written_by_queries(node: &Node) -> Result<Writable> {
    let places = node.places()?;
    let own = [places.rpmdir, places.persistdir, places.cachedir];
    let is_left_alone = |directory: &PathBuf| {
        let is_directory = directory.symlink_metadata().is_ok_and(|status| status.is_dir());
        is_directory && !own.iter().flatten().any(|place| place.starts_with(directory))
    };
    let software = SOFTWARE.map(|name| node.path().join(name));
    let mut except: Vec<PathBuf> = software.into_iter().filter(is_left_alone).collect();
    except.extend(node.below_outside(&except)?);
    Ok(writable_but(node, except))
}

/// Where `--debugsolver` writes, made while it still can be. Never where the node's configuration says: it does not choose
/// what becomes writable.
fn debug_directory(global: &Global) -> Result<Option<PathBuf>> {
    let Some(directory) = global.debug_directory()? else {
        return Ok(None);
    };
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(Some(directory))
}

/// Waits for others who work on the family, and says for whom. The node can be changed as long as the result lives.
pub fn lock(node: &Node) -> Result<FamilyLock> {
    let lineage: Vec<PathBuf> = node.family.nodes.iter().map(|node| node.path.clone()).collect();
    let waiting = |waiting: &redpak_host::lock::Waiting| eprintln!("Waiting for {waiting}.");
    Ok(FamilyLock::acquire(&lineage, Purpose::Change, waiting)?)
}

fn writable(node: &Node) -> Result<Writable> {
    Ok(writable_but(node, node.below()?.to_owned()))
}

fn writable_but(node: &Node, except: Vec<PathBuf>) -> Writable {
    Writable {
        directories: vec![node.path().to_owned()],
        except,
        temporary: databases::cache_directory(node).join("tmp"),
        locked: None,
    }
}

/// The same for one who holds the lock of the family.
fn locked(node: &Node) -> Result<Writable> {
    Ok(Writable {
        locked: Some(node.path().to_owned()),
        ..writable(node)?
    })
}

/// Every refusal on a line of its own, under one headline.
fn refuse(refusals: &[Refusal]) -> Result<()> {
    if refusals.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = refusals.iter().map(|refusal| format!("\n  {refusal}")).collect();
    bail!(
        "The transaction is refused, nothing has been changed:{}",
        lines.concat()
    );
}

#[cfg(test)]
mod tests {
    use redpak_host::create::{NewNode, create};

    use super::*;

    #[test]
    fn a_query_writes_neither_software_nor_nodes_below() {
        let pool = tempfile::tempdir().unwrap();
        let path = pool.path().join("platform");
        let make = |path: PathBuf| {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            create(&NewNode::new(&path)).unwrap().keep();
        };
        make(path.clone());
        for below in ["srv/child", "usr/child", "child"] {
            make(path.join(below));
        }
        let node = Node::at(&path, Path::new("/")).unwrap();
        let except = written_by_queries(&node).unwrap().except;
        assert_eq!(except, ["usr", "child", "srv/child"].map(|name| path.join(name)));
        let all = writable(&node).unwrap().except;
        assert_eq!(all, ["child", "srv/child", "usr/child"].map(|name| path.join(name)));
        // A link is not the directory that it leads to.
        std::fs::rename(path.join("usr"), path.join("moved")).unwrap();
        std::os::unix::fs::symlink("moved", path.join("usr")).unwrap();
        let except = written_by_queries(&node).unwrap().except;
        assert_eq!(
            except,
            ["child", "moved/child", "srv/child"].map(|name| path.join(name))
        );
    }
}
