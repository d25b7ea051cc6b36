//! Removing a group of which an ancestor has a part: libdnf5 would remove all of its packages that are installed.

use std::collections::HashSet;
use std::ffi::OsString;

use anyhow::Result;

use crate::transaction::Jobs;
use libdnf5::{
    Base, EnvironmentQuery, ExcludeFlags, Goal, GoalFlag, GoalJobSettings, Group, GroupJob, GroupQuery, Job,
    PackageQuery, QueryCmp, Reason,
};

/// Adds jobs that remove the group or environment with the leaf's packages of it, and returns `true`; where no ancestor has a
/// part of it, adds nothing and returns `false`.
pub fn keep_ancestors(jobs: &Jobs<'_>, goal: &mut Goal<'_>, spec: &str, settings: &GoalJobSettings) -> Result<bool> {
    let base = &jobs.session.base;
    let meant = installed_groups(base, spec)?;
    let names = names(&meant);
    let mut query = PackageQuery::new(base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
    query.filter_installed()?;
    let (mut own, mut has_others) = (Vec::new(), false);
    for package in query.list()? {
        if !names.contains(&package.name()?) {
            continue;
        }
        match jobs.is_own(&package)? {
            true => own.push(package),
            false => has_others = true,
        }
    }
    if !has_others {
        return Ok(false);
    }
    let mut group_alone = GoalJobSettings::new()?;
    group_alone.set_flag(GoalFlag::GroupNoPackages, true)?;
    goal.add_group(GroupJob::Remove, spec, Reason::User, Some(&group_alone))?;
    let elsewhere = names_elsewhere(base, &meant)?;
    for package in own {
        if package.reason()? == Reason::Group && !elsewhere.contains(&package.name()?) {
            goal.add_package(Job::RpmRemove, &package, Some(settings))?;
        }
    }
    Ok(true)
}

/// The installed groups that a specification means, those of the environments that it means among them.
fn installed_groups(base: &Base<'_>, spec: &str) -> Result<Vec<Group>> {
    let mut environments = EnvironmentQuery::new(base)?;
    environments
        .filter_installed(true)?
        .filter_environmentid(&[spec], QueryCmp::IGLOB)?;
    let environments = environments.list()?;
    let ids = environments.into_iter().flat_map(|environment| environment.groups);
    let ids: Vec<OsString> = ids.chain([OsString::from(spec)]).collect();
    let mut groups = GroupQuery::new(base)?;
    groups.filter_installed(true)?.filter_groupid(&ids, QueryCmp::IGLOB)?;
    Ok(groups.list()?)
}

/// What other installed groups have too stays.
fn names_elsewhere(base: &Base<'_>, meant: &[Group]) -> Result<HashSet<OsString>> {
    let mut groups = GroupQuery::new(base)?;
    groups.filter_installed(true)?;
    let others = groups.list()?.into_iter();
    let others: Vec<Group> = others
        .filter(|group| meant.iter().all(|other| other.id != group.id))
        .collect();
    Ok(names(&others))
}

fn names(groups: &[Group]) -> HashSet<OsString> {
    let packages = groups.iter().flat_map(|group| &group.packages);
    packages.map(|(name, _)| name.clone()).collect()
}
