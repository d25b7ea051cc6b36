//! From specifications on the command line to libdnf5's jobs.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use super::group::removal;
use crate::options::{Advisories, InstalledFrom, Resolve, Selection};
use crate::progress::Downloads;
use crate::terminal;
use crate::transaction::Jobs;
use libdnf5::{ExcludeFlags, Goal, GoalFlag, GoalJobSettings, GoalSetting, GoalStrings, Job, Package, PackageQuery};

/// The options of a command that say how its jobs are meant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'o> {
    /// `--skip-broken`, `--skip-unavailable`
    pub resolve: Option<&'o Resolve>,
    /// `--from-repo`, `--from-vendor`
    pub selection: Option<&'o Selection>,
    /// `--installed-from-repo`
    pub installed_from: Option<&'o InstalledFrom>,
    /// `--advisories` and its like
    pub advisories: Option<&'o Advisories>,
}

impl Choice<'_> {
    /// Settings of every job of the command, once the repositories are loaded.
    pub fn settings(&self, jobs: &Jobs<'_>) -> Result<GoalJobSettings> {
        let mut settings = GoalJobSettings::new()?;
        if self.resolve.is_some_and(|options| options.skip_broken) {
            settings.set(GoalSetting::SkipBroken, Some(true))?;
        }
        if self.resolve.is_some_and(|options| options.skip_unavailable) {
            settings.set(GoalSetting::SkipUnavailable, Some(true))?;
        }
        let lists = [
            (GoalStrings::ToRepoIds, self.selection.map(|options| &options.from_repo)),
            (
                GoalStrings::ToVendors,
                self.selection.map(|options| &options.from_vendor),
            ),
            (
                GoalStrings::FromRepoIds,
                self.installed_from.map(|options| &options.installed_from_repo),
            ),
        ];
        for (field, values) in lists {
            if let Some(values) = values.filter(|values| values.iter().any(|value| !value.is_empty())) {
                settings.set_strings(field, values)?;
            }
        }
        if let Some(options) = self.advisories
            && let Some(advisories) = options.query(&jobs.session.base)?
        {
            settings.set_advisory_filter(&advisories)?;
        }
        Ok(settings)
    }
}

/// A job for each specification; files and URLs of packages are opened first.
pub fn add(jobs: &Jobs<'_>, goal: &mut Goal<'_>, job: Job, specs: &[String], settings: &GoalJobSettings) -> Result<()> {
    let (files, names): (Vec<&String>, Vec<&String>) = specs.iter().partition(|spec| is_file(spec));
    for name in names {
        let is_wanted = match (job, name.strip_prefix('@')) {
            (Job::Install | Job::RpmInstall, _) => is_wanted(jobs, name)?,
            (Job::Remove, Some(group)) => !removal::keep_ancestors(jobs, goal, group, settings)?,
            _ => true,
        };
        if is_wanted {
            goal.add(job, name, Some(settings))?;
        }
    }
    if files.is_empty() || matches!(job, Job::Remove | Job::RpmRemove) {
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
        terminal::tell(format_args!(
            "Package \"{}\" is already installed.",
            package.nevra()?.display()
        ));
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
        Job::Install => Job::RpmInstall,
        Job::Upgrade => Job::RpmUpgrade,
        Job::UpgradeMinimal => Job::RpmUpgradeMinimal,
        Job::Downgrade => Job::RpmDowngrade,
        Job::Reinstall => Job::RpmReinstall,
        of_packages => of_packages,
    }
}

/// dnf5's rule: a URL, or a path that ends in .rpm.
fn is_file(spec: &str) -> bool {
    let is_url = ["file://", "http://", "https://", "ftp://"]
        .iter()
        .any(|scheme| spec.starts_with(scheme));
    is_url || (Path::new(spec).extension().is_some_and(|extension| extension == "rpm") && Path::new(spec).exists())
}

/// A job for all of the leaf's own packages: [`Job::RpmUpgrade`], [`Job::RpmUpgradeMinimal`] or [`Job::RpmDistroSync`]. One
/// for all that is installed would begin to change the ancestors'.
pub fn all_own(jobs: &Jobs<'_>, goal: &mut Goal<'_>, job: Job, settings: &GoalJobSettings) -> Result<()> {
    let (own, others): (Vec<_>, Vec<_>) = installed(jobs)?.into_iter().partition(|(_, is_own)| *is_own);
    if others.is_empty() {
        return Ok(goal.add_all(job, Some(settings))?);
    }
    let above = others.iter().map(|(package, _)| package.name());
    let above: HashSet<OsString> = above.collect::<Result<_, _>>()?;
    for (package, _) in own {
        // By its name a package finds those that obsolete it too; with an architecture it finds just its own versions.
        let name = package.name()?;
        let spec = if above.contains(&name) { package.na()? } else { name };
        goal.add(job, spec, Some(settings))?;
    }
    Ok(())
}

/// Everything that is installed, and whether it is the leaf's own.
fn installed<'j>(jobs: &Jobs<'j>) -> Result<Vec<(Package<'j>, bool)>> {
    let mut query = PackageQuery::new(&jobs.session.base, ExcludeFlags::APPLY_EXCLUDES)?;
    query.filter_installed()?;
    let packages = query.list()?.into_iter();
    packages
        .map(|package| {
            let is_own = jobs.is_own(&package)?;
            Ok((package, is_own))
        })
        .collect()
}

/// Jobs for the leaf's own packages out of a set; ancestors' stay as they are.
pub fn own_packages(
    jobs: &Jobs<'_>,
    goal: &mut Goal<'_>,
    job: Job,
    packages: &PackageQuery<'_>,
    settings: &GoalJobSettings,
) -> Result<()> {
    for package in packages.list()? {
        if jobs.is_own(&package)? {
            goal.add_package(job, &package, Some(settings))?;
        }
    }
    Ok(())
}
