//! Repairs a node whose transaction was interrupted.
//!
//! rpm adds a package to the database after its files, and takes one out after its files: what the plan and the rpmdb
//! differ in is what was not done, or not done to its end. After a power cut a registered package may lack what had not
//! reached the disk, so the files of those that came are looked at. All that is done now, from the package files in the
//! cache: what was begun is finished. Where a package file is gone, what was begun of that package is taken away instead,
//! and what it was to replace stays.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use redpak::display;
use redpak::node::files;
use redpak::package::Package;
use redpak_fs::dir::Dir;
use redpak_rpm::{Engine, Keyring, NodeDatabase, PackageFile, SignatureState, Verification, coherency, snapshot};

use super::executor::Executor;
use super::journal::{self, Inbound, Plan, Record, State, nevra};
use super::{Jobs, Wanted, offline};
use crate::commands::Outcome;
use crate::confinement::Confined;
use crate::databases::Databases;
use crate::dnf5::{ExcludeFlags, Goal, Job, Load, PackageQuery};
use crate::failure_point;
use crate::node::Node;
use crate::options::Global;

mod remains;
mod state;
mod undone;

use undone::Undone;

/// Whether there is something to repair.
pub fn is_needed(node: &Node) -> bool {
    journal::exists(node.path())
}

/// A repair has as many parts, each in a process of its own, because one can run one transaction. The journal stays until the last
/// is done, and a repair that is interrupted begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The rpmdb and the files become what was planned.
    Packages,
    /// So do groups and environments.
    Groups,
    /// So does why packages are installed.
    Reasons,
}

impl Stage {
    /// In order.
    pub const ALL: [Self; 3] = [Self::Packages, Self::Groups, Self::Reasons];
}

/// What a transaction of a repair needs. The confinement is used up by it.
struct Place<'p> {
    engine: &'p Engine,
    node: &'p Node,
    global: &'p Global,
    confined: Confined,
}

/// Repairs the node and says what was done.
pub fn repair(stage: Stage, engine: &Engine, node: &Node, global: &Global, confined: Confined) -> Result<()> {
    let Some(record) = journal::interrupted(node.path())? else {
        return Ok(());
    };
    let place = Place {
        engine,
        node,
        global,
        confined,
    };
    let state = record.plan.state.clone();
    match stage {
        Stage::Packages => repair_packages(place, record)?,
        Stage::Groups if state.has_groups() => state::restore_groups(place, &state)?,
        Stage::Groups => {}
        Stage::Reasons => state::restore_reasons(place, &state)?,
    }
    // Old journals have no state.
    if stage == Stage::Reasons || state == State::default() {
        if state.offline {
            offline::forget(node.path())?;
        }
        journal::forget(node.path())?;
    }
    Ok(())
}

fn repair_packages(place: Place<'_>, record: Record) -> Result<()> {
    let (engine, node) = (place.engine, place.node);
    eprintln!(
        "A transaction in {} was interrupted ({}).",
        display::path(node.path()),
        display::text(&record.plan.command)
    );
    failure_point::pass("repair")?;
    // Nothing tells how it was before.
    ensure!(record.tampered.is_empty(), tampered(node, &record.tampered));
    journal::restore_before(node.path(), &record.plan.before)?;
    let found = Found::look(engine, node, record)?;
    if found.undone.is_empty() {
        eprintln!("Every package was installed or removed as planned.");
        return Ok(());
    }
    let missing = &found.undone.missing;
    let keys = demanded_keys(engine, node)?;
    let (_, lost): (Vec<_>, Vec<_>) = missing
        .iter()
        .cloned()
        .partition(|package| is_intact(engine, keys.as_ref(), package));
    found.give_up(node, &lost)?;
    failure_point::pass("repair-cleaned")?;
    let undone = found.undone.without(&lost);
    if !undone.is_empty() {
        finish(place, &undone, &found.record.plan.state)?;
        eprintln!("The interrupted transaction was finished:{}", names(&undone));
    }
    Ok(())
}

/// rpm came to its end, and failed or says that all is well: whether the plan and the rpmdb say so too.
/// `node` is its directory and its rpmdb.
///
/// What rpm had begun and did not finish is taken away. `false` when a repair is needed all the same.
pub fn is_in_order(engine: &Engine, node: (&Path, &NodeDatabase), record: &Record, succeeded: bool) -> Result<bool> {
    let (root, database) = node;
    if succeeded && Undone::of(&record.plan, &planned(engine, database, &record.plan)?).is_empty() {
        return Ok(true);
    }
    let own = snapshot::read(engine, database)?.packages;
    let undone = Undone::of(&record.plan, &own);
    if undone.is_empty() || succeeded {
        return Ok(undone.is_empty());
    }
    let begun = begun(record, &undone.missing);
    let directory = Dir::open_root(root)?;
    remains::remove_temporary_files(&directory, &begun);
    remains::take_away(&directory, &begun, &own);
    // A package that was to be replaced may have lost files to the one that did not come.
    let half_replaced = undone.left_for(&begun);
    let stays = own
        .into_iter()
        .filter(|package| half_replaced.contains(&package.header_number));
    Ok(coherency::damages(root, stays.collect()).is_empty())
}

/// What to say of an rpmdb that holds what no package explains.
pub fn tampered(node: &Node, found: &[String]) -> String {
    let lines = found.iter().map(|line| format!("\n  {}", display::text(line)));
    format!(
        "the rpmdb of {} was changed by something else than the transaction while scriptlets ran; \
         make the node anew, or remove {} to go on with it:{}",
        display::path(node.path()),
        display::path(&node.path().join(files::JOURNAL)),
        lines.collect::<String>()
    )
}

/// The state of a node with a journal.
struct Found {
    record: Record,
    own: Vec<Package>,
    undone: Undone,
}

impl Found {
    fn look(engine: &Engine, node: &Node, record: Record) -> Result<Self> {
        let own = own(engine, node)?;
        remains::remove_temporary_files(&Dir::open_root(node.path())?, &record.plan.inbound);
        let mut undone = Undone::of(&record.plan, &own);
        undone.missing.extend(damaged(node, &record, &undone, &own));
        Ok(Self { record, own, undone })
    }

    /// Takes away what was begun of packages that cannot come any more, and says so.
    fn give_up(&self, node: &Node, lost: &[Inbound]) -> Result<()> {
        if lost.is_empty() {
            return Ok(());
        }
        remains::take_away(&Dir::open_root(node.path())?, &begun(&self.record, lost), &self.own);
        let lines = lost
            .iter()
            .map(|package| format!("\n  {}", display::text(&package.nevra)));
        eprintln!(
            "These packages could not be installed, because their files are gone; what was begun was taken away:{}",
            lines.collect::<String>()
        );
        let names: HashSet<&str> = lost.iter().map(|package| package.nevra.as_str()).collect();
        let kept = self.undone.left_for(lost);
        let is_concerned =
            |package: &&Package| kept.contains(&package.header_number) || names.contains(&*nevra(package));
        let stays: Vec<Package> = self.own.iter().filter(is_concerned).cloned().collect();
        for violation in coherency::damages(node.path(), stays) {
            let package = violation.package.unwrap_or_default();
            eprintln!(
                "{}: {}; reinstall it",
                display::text(&package),
                display::text(&violation.reason)
            );
        }
        Ok(())
    }
}

fn own(engine: &Engine, node: &Node) -> Result<Vec<Package>> {
    Ok(snapshot::read(engine, &Databases::locate(engine, node)?.leaf)?.packages)
}

/// The leaf's packages that have a name of the plan's: no other decides whether it was carried out.
fn planned(engine: &Engine, database: &NodeDatabase, plan: &Plan) -> Result<Vec<Package>> {
    let database = database.open(engine)?;
    let mut packages = Vec::new();
    for name in plan.names() {
        for header in database.named(OsStr::new(name))? {
            packages.push(snapshot::package(&header?)?);
        }
    }
    Ok(packages)
}

/// Those that rpm had begun.
fn begun(record: &Record, packages: &[Inbound]) -> Vec<Inbound> {
    let is_begun = |package: &&Inbound| record.begun.contains(&package.nevra);
    packages.iter().filter(is_begun).cloned().collect()
}

/// Packages that came, but whose files are not what they brought.
fn damaged(node: &Node, record: &Record, undone: &Undone, own: &[Package]) -> Vec<Inbound> {
    let missing: HashSet<&str> = undone.missing.iter().map(|package| &*package.nevra).collect();
    let left: HashSet<u32> = undone.left.iter().map(|(_, number)| *number).collect();
    let current = own.iter().filter(|package| !left.contains(&package.header_number));
    let current: HashMap<String, &Package> = current.map(|package| (nevra(package), package)).collect();
    let is_damaged = |package: &&Inbound| {
        let came = current
            .get(&package.nevra)
            .filter(|_| !missing.contains(&*package.nevra));
        came.is_some_and(|came| !coherency::damages(node.path(), vec![(*came).clone()]).is_empty())
    };
    record.plan.inbound.iter().filter(is_damaged).cloned().collect()
}

/// The package file is there, whole, and the one that was meant; and signed where the family demands it.
fn is_intact(engine: &Engine, keys: Option<&Keyring<'_>>, package: &Inbound) -> bool {
    let verification = keys.map_or(Verification::Digests, Verification::Signatures);
    let file = PackageFile::open(engine, &package.path, verification);
    file.is_ok_and(|file| {
        let found = file.package();
        let is_signed = keys.is_none() || file.signature() == SignatureState::Good;
        is_signed && found.is_ok_and(|found| found.header_digest == package.digest) && file.verify(verification).is_ok()
    })
}

/// The keys that packages have to be signed by, where the family demands it.
fn demanded_keys<'e>(engine: &'e Engine, node: &Node) -> Result<Option<Keyring<'e>>> {
    let demanded = node.demands_signatures();
    demanded
        .then(|| Databases::locate(engine, node)?.keys(engine))
        .transpose()
}

/// The rest of the plan as a transaction of its own.
fn finish(place: Place<'_>, undone: &Undone, state: &State) -> Result<()> {
    let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| add(jobs, goal, undone);
    carry_out(
        place,
        &Wanted {
            allow_erasing: true,
            downgrades: Some(true),
            repair: Some(state),
            ..Wanted::new(Load::System, &jobs)
        },
    )
}

fn carry_out(place: Place<'_>, wanted: &Wanted<'_>) -> Result<()> {
    let Place {
        engine,
        node,
        global,
        confined,
    } = place;
    let advice = || {
        format!(
            "the interrupted transaction could not be finished; remove {} to go on without",
            node.path().join(files::JOURNAL).display()
        )
    };
    let outcome = Executor::new(engine, node, global, wanted, confined).execute();
    let outcome = outcome.with_context(advice)?;
    ensure!(outcome == Outcome::Done, advice());
    Ok(())
}

fn add(jobs: &Jobs<'_>, goal: &mut Goal<'_>, undone: &Undone) -> Result<()> {
    let base = &jobs.session.base;
    let paths: Vec<&PathBuf> = undone.missing.iter().map(|package| &package.path).collect();
    for package in base.repo_sack().add_cmdline_packages(&paths, &mut ())? {
        goal.add_package(Job::RpmInstallOrReinstall, &package, None)?;
    }
    let coming: HashSet<&str> = undone.missing.iter().map(|package| package.nevra.as_str()).collect();
    let goes = undone
        .left
        .iter()
        .filter(|(outbound, _)| !coming.contains(&*outbound.nevra));
    let goes: HashSet<u64> = goes.map(|(_, number)| u64::from(*number)).collect();
    let mut installed = PackageQuery::new(base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
    for package in installed.filter_installed()?.list()? {
        if goes.contains(&package.rpmdbid()?) {
            goal.add_package(Job::RpmRemove, &package, None)?;
        }
    }
    Ok(())
}

fn names(undone: &Undone) -> String {
    let came = undone.missing.iter().map(|package| ("installing", &package.nevra));
    let went = undone.left.iter().map(|(package, _)| ("removing", &package.nevra));
    came.chain(went)
        .map(|(verb, nevra)| format!("\n  {verb} {}", display::text(nevra)))
        .collect()
}
