//! From specifications on the command line to libdnf5's jobs.

use std::path::Path;

use anyhow::Result;

use crate::dnf5::{
    ExcludeFlags, Goal, GoalFlag, GoalJobSettings, GoalSetting, GoalStrings, Job, Package, PackageQuery,
};
use crate::options::{Resolve, Selection};
use crate::progress::Downloads;
use crate::transaction::Jobs;

/// Settings of every job of a command.
pub fn settings(resolve: &Resolve, selection: &Selection) -> Result<GoalJobSettings> {
    let mut settings = GoalJobSettings::new()?;
    if resolve.skip_broken {
        settings.set(GoalSetting::SkipBroken, Some(true))?;
    }
    if resolve.skip_unavailable {
        settings.set(GoalSetting::SkipUnavailable, Some(true))?;
    }
    if !selection.from_repo.is_empty() {
        settings.set_strings(GoalStrings::ToRepoIds, &selection.from_repo)?;
    }
    if !selection.from_vendor.is_empty() {
        settings.set_strings(GoalStrings::ToVendors, &selection.from_vendor)?;
    }
    Ok(settings)
}

/// A job for each specification; files and URLs of packages are opened first.
pub fn add(jobs: &Jobs<'_>, goal: &mut Goal<'_>, job: Job, specs: &[String], settings: &GoalJobSettings) -> Result<()> {
    let (files, names): (Vec<&String>, Vec<&String>) = specs.iter().partition(|spec| is_file(spec));
    for name in names {
        if job != Job::Install || is_wanted(jobs, name)? {
            goal.add(job, name, Some(settings))?;
        }
    }
    if files.is_empty() || job == Job::Remove {
        return files
            .into_iter()
            .try_for_each(|file| Ok(goal.add(job, file, Some(settings))?));
    }
    let mut downloads = Downloads::new(jobs.session.messages, None);
    let packages = jobs
        .session
        .base
        .repo_sack()
        .add_cmdline_packages(&files, &mut downloads)?;
    for package in &packages {
        goal.add_package(of_package(job), package, Some(settings))?;
    }
    Ok(())
}

/// Whether a specification is to be installed at all: what an ancestor provides is not installed again, and a package
/// that an ancestor has cannot be.
fn is_wanted(jobs: &Jobs<'_>, spec: &str) -> Result<bool> {
    if spec.starts_with('@') || jobs.same_name_allowed || spec.contains(['*', '?', '[']) {
        return Ok(true);
    }
    let mut by_name = GoalJobSettings::new()?;
    for flag in [GoalFlag::WithProvides, GoalFlag::WithFilenames, GoalFlag::WithBinaries] {
        by_name.set_flag(flag, false)?;
    }
    let named = of_ancestors(jobs, spec, &by_name)?;
    named.iter().try_for_each(|package| jobs.refuse_installed(package))?;
    if !named.is_empty() {
        return Ok(false);
    }
    let mut by_anything = GoalJobSettings::new()?;
    by_anything
        .set_flag(GoalFlag::WithFilenames, true)?
        .set_flag(GoalFlag::WithProvides, true)?;
    let providing = of_ancestors(jobs, spec, &by_anything)?;
    for package in &providing {
        eprintln!("Package \"{}\" is already installed.", package.nevra()?.display());
    }
    Ok(providing.is_empty())
}

/// The installed packages that a specification means, when they are all ancestors'.
fn of_ancestors<'j>(jobs: &Jobs<'j>, spec: &str, settings: &GoalJobSettings) -> Result<Vec<Package<'j>>> {
    let mut query = PackageQuery::new(&jobs.session.base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
    query.filter_installed()?;
    query.resolve_pkg_spec(spec, Some(settings), false)?;
    let found = query.list()?;
    let own = found
        .iter()
        .map(|package| jobs.is_own(package))
        .collect::<Result<Vec<_>>>()?;
    Ok(if own.contains(&true) { Vec::new() } else { found })
}

/// The kind of job that takes a package instead of a specification.
fn of_package(job: Job) -> Job {
    match job {
        Job::Upgrade => Job::RpmUpgrade,
        Job::UpgradeMinimal => Job::RpmUpgradeMinimal,
        Job::Downgrade => Job::RpmDowngrade,
        Job::Reinstall => Job::RpmReinstall,
        _ => Job::RpmInstall,
    }
}

/// dnf5's rule: a URL, or a path that ends in .rpm.
fn is_file(spec: &str) -> bool {
    let is_url = ["file://", "http://", "https://", "ftp://"]
        .iter()
        .any(|scheme| spec.starts_with(scheme));
    is_url || (Path::new(spec).extension().is_some_and(|extension| extension == "rpm") && Path::new(spec).exists())
}

/// Upgrades the leaf's own packages. A job for all that is installed would begin to upgrade the ancestors'.
pub fn upgrade_own(jobs: &Jobs<'_>, goal: &mut Goal<'_>, minimal: bool, settings: &GoalJobSettings) -> Result<()> {
    let mut own = PackageQuery::new(&jobs.session.base, ExcludeFlags::APPLY_EXCLUDES)?;
    own.filter_installed()?;
    let installed = own.list()?;
    let is_own = installed
        .iter()
        .map(|package| jobs.is_own(package))
        .collect::<Result<Vec<_>>>()?;
    if !is_own.contains(&false) {
        let job = if minimal {
            Job::RpmUpgradeMinimal
        } else {
            Job::RpmUpgrade
        };
        return Ok(goal.add_all(job, Some(settings))?);
    }
    let job = if minimal { Job::UpgradeMinimal } else { Job::Upgrade };
    for (package, _) in installed.iter().zip(is_own).filter(|(_, is_own)| *is_own) {
        goal.add(job, package.na()?, Some(settings))?;
    }
    Ok(())
}
