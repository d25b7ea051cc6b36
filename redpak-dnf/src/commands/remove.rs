//! `remove`

use std::collections::HashSet;
use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, Choice};
use crate::options::usage::Usage;
use crate::options::{Global, InstalledFrom, Postpone};
use crate::transaction::{Jobs, Wanted, execute};
use libdnf5::{ExcludeFlags, Goal, GoalJobSettings, GoalSetting, Job, Load, Package, PackageQuery};

/// Removes packages from the node.
#[derive(Debug, Args)]
pub struct Remove {
    #[command(flatten)]
    pub installed_from: InstalledFrom,
    /// Keep dependencies that are no longer used
    #[arg(long, alias = "noautoremove")]
    pub no_autoremove: bool,
    /// Remove old installonly packages
    #[arg(long, conflicts_with = "duplicates")]
    pub oldinstallonly: bool,
    /// Remove older versions of duplicate packages and reinstall the newest one
    #[arg(long)]
    pub duplicates: bool,
    /// How many versions of an installonly package --oldinstallonly keeps
    #[arg(long, value_name = "LIMIT")]
    pub limit: Option<i32>,
    #[command(flatten)]
    pub postpone: Postpone,
    /// Packages and groups to remove
    #[arg(required_unless_present_any = ["oldinstallonly", "duplicates"], value_name = "specs")]
    pub specs: Vec<String>,
}

impl Remove {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.check()?;
        let load = if self.duplicates { Load::All } else { Load::System };
        execute(
            global,
            &Wanted {
                // A removal takes with it what depends on it, as dnf5's does.
                allow_erasing: true,
                ..Wanted::new(load, &|jobs, goal| self.add(jobs, goal)).ending(self.postpone.ending())
            },
        )
    }

    fn check(&self) -> Result<()> {
        match self.limit {
            Some(_) if !self.oldinstallonly => {
                Err(Usage("Option '--limit' can only be used with '--oldinstallonly'..".into()).into())
            }
            Some(limit) if limit < 1 => Err(Usage(format!("Invalid value for --limit: {limit}.")).into()),
            _ => Ok(()),
        }
    }

    fn add(&self, jobs: &Jobs<'_>, goal: &mut Goal<'_>) -> Result<()> {
        let choice = Choice {
            installed_from: Some(&self.installed_from),
            ..Choice::default()
        };
        let mut settings = choice.settings(jobs)?;
        if self.no_autoremove {
            settings.set(GoalSetting::CleanRequirementsOnRemove, Some(false))?;
        }
        if self.oldinstallonly {
            let mut old = self.installed(jobs)?;
            old.filter_installonly()?.filter_latest_evr(-self.limit(jobs)?)?;
            return jobs::own_packages(jobs, goal, Job::RpmRemove, &old, &settings);
        }
        if self.duplicates {
            return self.add_duplicates(jobs, goal, &settings);
        }
        let is_from_any = self.installed_from.installed_from_repo.is_empty();
        for spec in &self.specs {
            if !is_from_any || !self.add_doubled(jobs, goal, spec, &settings)? {
                jobs::add(jobs, goal, Job::Remove, std::slice::from_ref(spec), &settings)?;
            }
        }
        Ok(())
    }

    /// Of packages that an ancestor has too (`--forcenode`) the leaf's own are meant; libdnf5 would take all of that name, which is
    /// refused. Adds nothing and returns `false` where an ancestor's package is meant that the leaf has none of, or nobody's.
    fn add_doubled(
        &self,
        jobs: &Jobs<'_>,
        goal: &mut Goal<'_>,
        spec: &str,
        settings: &GoalJobSettings,
    ) -> Result<bool> {
        let mut query = PackageQuery::new(&jobs.session.base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
        query.filter_installed()?;
        query.resolve_pkg_spec(spec, None, false)?;
        let (mut own, mut above) = (Vec::new(), Vec::new());
        for package in query.list()? {
            if jobs.is_own(&package)? {
                own.push(package);
            } else {
                above.push(package.name()?);
            }
        }
        let names: HashSet<OsString> = own.iter().map(Package::name).collect::<Result<_, _>>()?;
        if above.is_empty() || !above.iter().all(|name| names.contains(name)) {
            return Ok(false);
        }
        for package in &own {
            goal.add_package(Job::RpmRemove, package, Some(settings))?;
        }
        Ok(true)
    }

    fn add_duplicates(&self, jobs: &Jobs<'_>, goal: &mut Goal<'_>, settings: &GoalJobSettings) -> Result<()> {
        let mut old = self.installed(jobs)?;
        old.filter_duplicates()?;
        let mut newest = old.try_clone()?;
        newest.filter_latest_evr(1)?;
        old.difference(&newest)?;
        jobs::own_packages(jobs, goal, Job::RpmRemove, &old, settings)?;
        jobs::own_packages(jobs, goal, Job::RpmReinstall, &newest, settings)
    }

    /// What is installed and meant by the specifications, if there are any.
    fn installed<'j>(&self, jobs: &Jobs<'j>) -> Result<PackageQuery<'j>> {
        let mut installed = PackageQuery::new(&jobs.session.base, ExcludeFlags::APPLY_EXCLUDES)?;
        installed.filter_installed()?;
        if self.specs.is_empty() {
            return Ok(installed);
        }
        let mut named = PackageQuery::empty(&jobs.session.base)?;
        for spec in &self.specs {
            let mut query = installed.try_clone()?;
            query.resolve_pkg_spec(spec, None, false)?;
            named.update(&query)?;
        }
        Ok(named)
    }

    fn limit(&self, jobs: &Jobs<'_>) -> Result<i32> {
        let configured = jobs.session.base.config().get("installonly_limit")?;
        let configured = configured.to_string_lossy().parse().unwrap_or(3);
        Ok(self.limit.unwrap_or(configured).max(1))
    }
}
