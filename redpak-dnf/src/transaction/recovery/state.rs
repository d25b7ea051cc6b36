//! Restores what libdnf5 would have recorded of an interrupted transaction besides the rpmdb.
//!
//! A node's owner can write any journal: what it says here ends in the node's own system state, through jobs that anybody can ask for.

use std::ffi::{OsStr, OsString};

use anyhow::Result;
use redpak::display;

use super::{Place, carry_out};
use crate::temporary::Temporary;
use crate::transaction::journal::{Marked, State};
use crate::transaction::{Jobs, Wanted};
use libdnf5::{ExcludeFlags, Goal, GoalFlag, GoalJobSettings, Group, GroupQuery, Load, Package, PackageQuery, Reason};

/// Groups and environments: they come and go without their packages. Those that did already stay as they are.
pub fn restore_groups(place: Place<'_>, state: &State) -> Result<()> {
    let directory = Temporary::new()?;
    let keep = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_string_lossy().into_owned())
    };
    let transaction = directory.path().join("transaction.json");
    std::fs::write(&transaction, state.groups_to_replay(&keep)?)?;
    let jobs = |_: &Jobs<'_>, goal: &mut Goal<'_>| {
        let mut settings = GoalJobSettings::new()?;
        settings
            .set_flag(GoalFlag::IgnoreExtras, true)?
            .set_flag(GoalFlag::IgnoreInstalled, true)?;
        Ok(goal.add_serialized_transaction(&transaction, Some(&settings))?)
    };
    let wanted = Wanted {
        repair: Some(state),
        ..Wanted::new(Load::System, &jobs)
    };
    carry_out(place, &wanted)
}

/// Why packages are installed, where that differs. Only the leaf's own have a reason here.
pub fn restore_reasons(place: Place<'_>, state: &State) -> Result<()> {
    let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
        let mut query = PackageQuery::new(&jobs.session.base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
        for package in query.filter_installed()?.list()? {
            if let Some(marked) = differing(jobs, &package, state)? {
                mark(jobs, goal, &package, marked)?;
            }
        }
        Ok(())
    };
    let wanted = Wanted {
        repair: Some(state),
        ..Wanted::new(Load::System, &jobs)
    };
    carry_out(place, &wanted)
}

/// What a package is to be marked as, and is not.
fn differing<'s>(jobs: &Jobs<'_>, package: &Package<'_>, state: &'s State) -> Result<Option<(&'s Marked, Reason)>> {
    let nevra = package.nevra()?;
    let Some(marked) = state.reasons.iter().find(|marked| *nevra == *marked.nevra) else {
        return Ok(None);
    };
    let Some(reason) = reason(&marked.reason) else {
        return Ok(None);
    };
    let differs = jobs.is_own(package)? && package.reason()? != reason;
    Ok(differs.then_some((marked, reason)))
}

/// The words that libdnf5 stores. Other reasons it never gives by itself.
fn reason(words: &str) -> Option<Reason> {
    Some(match words {
        "User" => Reason::User,
        "Dependency" => Reason::Dependency,
        "Weak Dependency" => Reason::WeakDependency,
        "Group" => Reason::Group,
        "External User" => Reason::ExternalUser,
        _ => return None,
    })
}

fn mark(
    jobs: &Jobs<'_>,
    goal: &mut Goal<'_>,
    package: &Package<'_>,
    (marked, reason): (&Marked, Reason),
) -> Result<()> {
    let group = match (reason, &marked.group_id) {
        (Reason::Group, Some(group)) => Some(group.into()),
        (Reason::Group, None) => group_of(jobs, &package.name()?)?,
        _ => None,
    };
    if reason == Reason::Group && group.is_none() {
        return Ok(());
    }
    goal.add_rpm_reason_change(package.nevra()?, reason, group.as_deref(), None)?;
    eprintln!(
        "  marking {} {}",
        display::text(&marked.nevra),
        display::text(&marked.reason)
    );
    Ok(())
}

/// The installed group that has a package.
fn group_of(jobs: &Jobs<'_>, name: &OsStr) -> Result<Option<OsString>> {
    let mut groups = GroupQuery::new(&jobs.session.base)?;
    let groups = groups.filter_installed(true)?.list()?;
    let has = |group: &Group| group.packages.iter().any(|(member, _)| member == name);
    Ok(groups.into_iter().find(has).map(|group| group.id))
}
