//! Repairs a node whose transaction was interrupted.
//!
//! rpm adds a package to the database after its files, and takes one out after its files: what the plan and the rpmdb
//! differ in is what was not done, or not done to its end. After a power cut a registered package may lack what had not
//! reached the disk, so the files of those that came are looked at. All that is done now, from the package files in the
//! cache: what was begun is finished. Where a package file is gone, what was begun of that package is taken away instead,
//! and what it was to replace stays.
//!
//! The journal of the transaction stays until all is done, so a repair that is cut off begins anew.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use librpm::{Engine, Keyring, PackageFile, SignatureState, Verification};
use redpak::coherency::Violation;
use redpak::display;
use redpak::node::files;
use redpak::package::Package;
use redpak::transaction::recovery::change::Instance;
use redpak::transaction::recovery::{Change, Ending, Inbound, Left, Undone};
use redpak_host::dir::Dir;
use redpak_packages::{Database, NodeDatabase, coherency, snapshot};

use super::executor::Executor;
use super::journal::{self, Plan, Record, State};
use super::{Jobs, Wanted};
use crate::commands::Outcome;
use crate::confinement::Confined;
use crate::databases::{self, Databases};
use crate::failure_point;
use crate::node::Node;
use crate::options::Global;
use crate::session::{Session, checks};
use crate::system_state::{self, Texts};
use libdnf5::{ExcludeFlags, Goal, GoalJobSettings, GoalSetting, Job, Load, PackageQuery};

mod configuration;
mod found;
mod remains;
mod scriptlets;
mod state;

use found::Found;
pub use remains::sweep;

/// Whether there is something to repair.
pub fn is_needed(node: &Node) -> bool {
    journal::exists(node.path())
}

/// A repair has as many parts, each in a process of its own, because one can run one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The rpmdb becomes what was planned.
    Packages,
    /// Packages whose files or scriptlets are missing are installed again. Not together with the first: a package can only be
    /// reinstalled when no other version of it is registered.
    Damaged,
    /// Groups and environments become what was planned.
    Groups,
    /// So does why packages are installed.
    Reasons,
    /// What could not be done is reported.
    Report,
}

impl Stage {
    /// In order.
    pub const ALL: [Self; 5] = [Self::Packages, Self::Damaged, Self::Groups, Self::Reasons, Self::Report];
}

/// Why a package cannot come.
const FILES_ARE_GONE: &str = "their files are gone";

/// What a transaction of a repair needs. The confinement is used up by it.
struct Place<'p> {
    engine: &'p Engine,
    node: &'p Node,
    global: &'p Global,
    confined: Confined,
}

/// Carries out a part of the repair and says what was done.
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
    let state = &record.plan.state;
    match stage {
        Stage::Packages => repair_packages(place, record),
        Stage::Damaged => repair_damaged(place, record),
        Stage::Groups if state.has_groups() => state::restore_groups(place, state),
        Stage::Groups => Ok(()),
        Stage::Reasons => state::restore_reasons(place, state),
        Stage::Report => {
            forget_absent(engine, node, state)?;
            let found = Found::look(engine, node, record)?;
            // Once more: where a link has become a directory meanwhile, another package's files were behind it.
            found.remove_what_went(node)?;
            found.report_scriptlets();
            found.report_left_out(engine, node)
        }
    }
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
    ensure!(record.steps.tampered.is_empty(), tampered(node, &record.steps.tampered));
    system_state::restore(node.path(), &record.plan.before)?;
    remains::remove_temporary_files(&Dir::open_root(node.path())?, &record.plan.change.inbound);
    databases::of_node(engine, node.path(), &node.root)?.complete_tables(engine)?;
    let found = Found::look(engine, node, record)?;
    let (refused, missing) = found.refused(&found.undone.missing);
    let (_, lost) = found.partition(engine, node, &missing)?;
    found.restore_configuration(engine, node)?;
    found.remove_what_went(node)?;
    if found.undone.is_empty() && found.unfinished(node).is_empty() {
        eprintln!("Every package was installed or removed as planned.");
    }
    found.give_up(node, &lost, FILES_ARE_GONE)?;
    found.give_up(node, &refused, "a scriptlet of theirs failed")?;
    failure_point::pass("repair-cleaned")?;
    let mut undone = found.undone.clone().without(&lost).without(&refused);
    undone.left.retain(|left| !found.refuses_to_go(left));
    if !undone.is_empty() {
        found.announce_rest(&undone);
        eprintln!("The interrupted transaction is finished now:{}", names(&undone));
        finish(place, &undone, &found.record.plan)?;
    }
    Ok(())
}

fn repair_damaged(place: Place<'_>, record: Record) -> Result<()> {
    let (engine, node) = (place.engine, place.node);
    let found = Found::look(engine, node, record)?;
    // Those whose files are gone have been given up already.
    let (_, missing) = found.refused(&found.undone.missing);
    let (left_out, _) = found.partition(engine, node, &missing)?;
    found.give_up(
        node,
        &left_out,
        "packages that they need are missing, or others conflict with them",
    )?;
    let (_, unfinished) = found.refused(&found.unfinished(node));
    let (intact, lost) = found.partition(engine, node, &unfinished)?;
    found.give_up(node, &lost, FILES_ARE_GONE)?;
    failure_point::pass("repair-damaged")?;
    if intact.is_empty() {
        return Ok(());
    }
    found.announce_reinstallation(&intact);
    let undone = Undone {
        missing: intact,
        left: Vec::new(),
    };
    finish(place, &undone, &found.record.plan)?;
    eprintln!(
        "Packages were installed again, because some of their files or scriptlets were missing:{}",
        names(&undone)
    );
    Ok(())
}

/// Names the packages of the node whose files are not as they brought them; false when there are any.
pub fn look_for_damage(engine: &Engine, node: &Node) -> Result<bool> {
    let damages = coherency::damages(node.path(), own(engine, node)?);
    report_damages(&damages);
    Ok(damages.is_empty())
}

fn report_damages(damages: &[Violation]) {
    for violation in damages {
        let package = violation.package.as_deref().unwrap_or_default();
        eprintln!(
            "{}: {}; reinstall it",
            display::text(package),
            display::text(&violation.reason)
        );
    }
}

/// rpm came to its end, and failed or says that all is well: whether the plan and the rpmdb say so too.
/// `node` is its directory and its rpmdb, `run` what was to change, the packages that rpm had begun to install, and whether it
/// changes files at all.
///
/// What rpm had begun and did not finish is taken away.
pub fn ending(
    engine: &Engine,
    node: (&Path, &NodeDatabase),
    run: (&Change, &HashSet<String>, bool),
    succeeded: bool,
) -> Result<Ending> {
    let ((root, database), (change, begun, has_files)) = (node, run);
    if succeeded && Undone::of(change, &planned(engine, database, change)?).is_empty() {
        return Ok(Ending::InOrder);
    }
    let own = snapshot::read(engine, database)?.packages;
    let undone = Undone::of(change, &instances(&own));
    if succeeded {
        return Ok(match undone.is_empty() {
            true => Ending::InOrder,
            false => Ending::NeedsRepair,
        });
    }
    let begun = |package: &&Inbound| begun.contains(&package.nevra);
    let begun: Vec<Inbound> = undone.missing.iter().filter(begun).cloned().collect();
    if has_files {
        let directory = Dir::open_root(root)?;
        remains::remove_temporary_files(&directory, &begun);
        remains::take_away(&directory, &begun, &own);
    }
    // A package that was to be replaced may have lost files to the one that did not come.
    let half_replaced: HashSet<u32> = undone.left_for(&begun).map(|left| left.instance.number).collect();
    let stays = own
        .into_iter()
        .filter(|package| half_replaced.contains(&package.header_number));
    if has_files && !coherency::damages(root, stays.collect()).is_empty() {
        return Ok(Ending::NeedsRepair);
    }
    let changed = undone.missing.len() < change.inbound.len() || undone.left.len() < change.outbound.len();
    Ok(if changed { Ending::NeedsState } else { Ending::InOrder })
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

fn own(engine: &Engine, node: &Node) -> Result<Vec<Package>> {
    Ok(snapshot::read(engine, &Databases::locate(engine, node)?.leaf)?.packages)
}

/// No reason is left of a package that went. Of one that belongs to a group libdnf5 keeps none either; it makes one up when such a
/// package is reinstalled before its group is recorded.
fn forget_absent(engine: &Engine, node: &Node, state: &State) -> Result<()> {
    let database = Databases::locate(engine, node)?.leaf;
    let opened = database.exists().then(|| database.open(engine)).transpose()?;
    let of_group = state.reasons.iter().filter(|marked| marked.reason == "Group");
    let of_group: HashSet<String> = of_group.filter_map(|marked| name_and_arch(&marked.nevra)).collect();
    let has_reason = |name: &str| match &opened {
        Some(database) if !of_group.contains(name) => is_installed(database, name),
        _ => Ok(false),
    };
    system_state::forget_absent(node.path(), &Texts::new(), &|_| true, &has_reason)
}

/// `hello.noarch` of `hello-1:2.0-3.noarch`. Neither version nor release nor architecture has a dash.
pub fn name_and_arch(nevra: &str) -> Option<String> {
    let (rest, arch) = nevra.rsplit_once('.')?;
    let name = rest.rsplitn(3, '-').nth(2)?;
    Some(format!("{name}.{arch}"))
}

/// Whether an rpmdb has a package, by its name and architecture: `hello.noarch`.
pub fn is_installed(database: &Database<'_>, name: &str) -> Result<bool> {
    let Some((name, arch)) = name.rsplit_once('.') else {
        return Ok(false);
    };
    for header in database.named(OsStr::new(name))? {
        if snapshot::package(&header?)?.arch.is_some_and(|found| found == arch) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn instances(packages: &[Package]) -> Vec<Instance> {
    packages.iter().map(Instance::from).collect()
}

/// The leaf's packages that have a name of the plan's: no other decides whether it was carried out.
fn planned(engine: &Engine, database: &NodeDatabase, change: &Change) -> Result<Vec<Instance>> {
    let database = database.open(engine)?;
    let mut found = Vec::new();
    for name in change.names().collect::<HashSet<_>>() {
        for header in database.named(OsStr::new(name))? {
            found.push(Instance::from(&snapshot::package(&header?)?));
        }
    }
    Ok(found)
}

/// The package file, where it is there, whole, and the one that was meant; and signed where the family demands it.
fn intact<'e>(engine: &'e Engine, keys: Option<&Keyring<'_>>, package: &Inbound) -> Option<PackageFile<'e>> {
    let verification = keys.map_or(Verification::Digests, Verification::Signatures);
    let file = PackageFile::open(engine, &package.path, verification).ok()?;
    let is_signed = keys.is_none() || file.signature() == SignatureState::Good;
    let is_it = snapshot::package(file.header()).is_ok_and(|found| found.header_digest == package.digest);
    (is_signed && is_it && file.verify(verification).is_ok()).then_some(file)
}

/// The keys that packages have to be signed by, where the family demands it.
fn demanded_keys<'e>(engine: &'e Engine, node: &Node) -> Result<Option<Keyring<'e>>> {
    let demanded = node.demands_signatures();
    demanded
        .then(|| Databases::locate(engine, node)?.keys(engine))
        .transpose()
}

/// The rest of the plan as a transaction of its own. Nothing else comes or goes: a package that lacks another one, whose file is
/// gone, is left out.
fn finish(place: Place<'_>, undone: &Undone, plan: &Plan) -> Result<()> {
    let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| add(jobs, goal, undone);
    let node = place.node;
    let prepare = |session: &Session<'_>| checks::set_flags(&session.base, node, &plan.flags);
    carry_out(
        place,
        &Wanted {
            prepare: &prepare,
            repair: Some(&plan.state),
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
    if outcome != Outcome::Done {
        bail!(advice());
    }
    Ok(())
}

fn add(jobs: &Jobs<'_>, goal: &mut Goal<'_>, undone: &Undone) -> Result<()> {
    let base = &jobs.session.base;
    let paths: Vec<&PathBuf> = undone.missing.iter().map(|package| &package.path).collect();
    let mut settings = GoalJobSettings::new()?;
    settings.set(GoalSetting::SkipBroken, Some(true))?;
    for package in base.repo_sack().add_cmdline_packages(&paths, &mut ())? {
        goal.add_package(Job::RpmInstallOrReinstall, &package, Some(&settings))?;
    }
    // What comes takes the place of what it replaces. Where it is left out, that stays.
    let replaced: HashSet<u32> = undone
        .left_for(&undone.missing)
        .map(|left| left.instance.number)
        .collect();
    let coming: HashSet<&str> = undone.missing.iter().map(|package| package.nevra.as_str()).collect();
    let (stays, goes): (Vec<&Left>, Vec<&Left>) = undone
        .left
        .iter()
        .partition(|left| jobs.keeps_outbound && left.replaced_by.is_none());
    tell_what_stays(&stays);
    let goes = goes.into_iter().map(|left| &left.instance);
    let goes = goes.filter(|instance| !replaced.contains(&instance.number) && !coming.contains(&*instance.nevra));
    let goes: HashSet<u32> = goes.map(|instance| instance.number).collect();
    let mut installed = PackageQuery::new(base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
    for package in installed.filter_installed()?.list()? {
        let here = jobs.judge.installed_package(&package)?;
        if here.owner.is_none() && goes.contains(&here.header_number) {
            goal.add_package(Job::RpmRemove, &package, None)?;
        }
    }
    Ok(())
}

fn tell_what_stays(stays: &[&Left]) {
    if !stays.is_empty() {
        let lines = stays
            .iter()
            .map(|left| format!("\n  {}", display::text(&left.instance.nevra)));
        eprintln!(
            "These packages stay, although they were to be removed, because the rest cannot be carried out without them:{}",
            lines.collect::<String>()
        );
    }
}

fn names(undone: &Undone) -> String {
    let came = undone.missing.iter().map(|package| ("installing", &package.nevra));
    let went = undone.left.iter().map(|left| ("removing", &left.instance.nevra));
    came.chain(went)
        .map(|(verb, nevra)| format!("\n  {verb} {}", display::text(nevra)))
        .collect()
}
