//! `list` and `info`: packages by their relation to the node.

use std::ffi::OsStr;

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::colors::Colors;
use crate::options::Global;
use crate::query::{Case, Family, Needs, ask};
use crate::session::Session;
use libdnf5::output::{Detail, Section, colored_sections};
use libdnf5::{Load, Package, PackageQuery, QueryCmp};

/// Lists packages.
#[derive(Debug, Args)]
pub struct List {
    /// Show all versions, not only the latest ones
    #[arg(long)]
    pub showduplicates: bool,
    /// Only packages that were installed from these repositories
    #[arg(long, value_name = "REPO_ID,...", value_delimiter = ',')]
    pub installed_from_repo: Vec<String>,
    #[command(flatten)]
    pub scope: ScopeOptions,
    /// Request JSON output format
    #[arg(long)]
    pub json: bool,
    /// Names of packages (case insensitive)
    #[arg(value_name = "package-spec-NI")]
    pub specs: Vec<String>,
}

/// Which packages; one of them at most.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ScopeOptions {
    /// List installed packages
    #[arg(long)]
    pub installed: bool,
    /// List available packages
    #[arg(long)]
    pub available: bool,
    /// List installed packages that no repository has
    #[arg(long)]
    pub extras: bool,
    /// List packages that obsolete installed ones
    #[arg(long)]
    pub obsoletes: bool,
    /// List packages recently added to the repositories
    #[arg(long)]
    pub recent: bool,
    /// List upgrades of installed packages
    #[arg(long, visible_alias = "updates")]
    pub upgrades: bool,
    /// List packages that `autoremove` would remove
    #[arg(long)]
    pub autoremove: bool,
}

impl List {
    pub fn run(self, global: &Global, detail: Detail) -> Result<Outcome> {
        let system_only = self.scope.installed || self.scope.autoremove || self.only_installed_from();
        let needs = Needs {
            load: if system_only { Load::System } else { Load::All },
            metadata: &[],
            quiet: self.json,
        };
        ask(global, needs, |family| self.report(family, detail))
    }

    fn report(&self, family: &Family<'_>, detail: Detail) -> Result<Outcome> {
        let (all, mut unmatched) = family.named(&family.packages()?, &self.specs, Case::Ignored)?;
        let sections = self.sections(&all, family)?;
        let mut any = false;
        for (_, packages) in &sections {
            any |= !packages.is_empty()?;
        }
        if !self.json {
            unmatched.sort();
            unmatched.dedup();
            family.report_unmatched(&unmatched, any)?;
        }
        let obsoletes = self.obsoletes(&all, &sections)?;
        let sections: Vec<_> = sections
            .iter()
            .map(|(heading, packages)| Section {
                heading: OsStr::new(heading),
                packages,
                obsoletes: &obsoletes,
            })
            .collect();
        colored_sections(&sections, detail, self.json, Some(&Colors::new(family)?.shown()))?;
        // Who named packages wanted to see them; a program sees for itself.
        Ok(if any || self.json || self.specs.is_empty() {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }

    /// `--installed-from-repo` without a scope means installed packages alone.
    fn only_installed_from(&self) -> bool {
        let scope = &self.scope;
        let scoped = [
            scope.available,
            scope.extras,
            scope.obsoletes,
            scope.recent,
            scope.upgrades,
        ];
        !self.installed_from_repo.is_empty() && !scoped.contains(&true)
    }

    /// Packages that obsolete installed ones; both have to be what was named.
    fn obsoleting<'b>(&self, all: &PackageQuery<'b>) -> Result<PackageQuery<'b>> {
        let mut obsoleting = available(all)?;
        obsoleting.filter_obsoletes_of(&self.installed(all)?, QueryCmp::EQ)?;
        Ok(obsoleting)
    }

    /// With `--obsoletes` each of the packages with those that it obsoletes.
    fn obsoletes<'b>(
        &self,
        all: &PackageQuery<'b>,
        sections: &[(&str, PackageQuery<'b>)],
    ) -> Result<Vec<(Package<'b>, Package<'b>)>> {
        let mut pairs = Vec::new();
        if !self.scope.obsoletes {
            return Ok(pairs);
        }
        let installed = self.installed(all)?;
        for (_, obsoleting) in sections {
            for package in obsoleting.list()? {
                let mut obsoleted = installed.try_clone()?;
                obsoleted.filter_provides(&package.obsoletes()?, QueryCmp::EQ)?;
                for other in obsoleted.list()? {
                    pairs.push((package.try_clone()?, other));
                }
            }
        }
        Ok(pairs)
    }

    fn sections<'b>(
        &self,
        all: &PackageQuery<'b>,
        family: &Family<'b>,
    ) -> Result<Vec<(&'static str, PackageQuery<'b>)>> {
        let scope = &self.scope;
        let section = |heading, query| Ok(vec![(heading, query)]);
        if scope.available {
            return section("Available packages", self.latest(available(all)?)?);
        }
        if scope.obsoletes {
            return section("Obsoleting packages", self.obsoleting(all)?);
        }
        if scope.extras {
            let mut query = self.installed(all)?;
            query.filter_extras()?;
            return section("Extra packages", query);
        }
        if scope.upgrades {
            return section("Available upgrades", self.latest(family.upgrades(all)?)?);
        }
        if scope.autoremove {
            let mut query = self.installed(all)?;
            query.filter_unneeded()?;
            return section("Autoremove packages", family.own(&query)?);
        }
        if scope.recent {
            let mut query = available(all)?;
            query.filter_recent(recent_since(family.session)?)?;
            return section("Recently added packages", self.latest(query)?);
        }
        let installed = self.installed(all)?;
        if scope.installed || self.only_installed_from() {
            return section("Installed packages", installed);
        }
        let more = self.not_installed(all)?;
        Ok(vec![("Installed packages", installed), ("Available packages", more)])
    }

    fn installed<'b>(&self, all: &PackageQuery<'b>) -> Result<PackageQuery<'b>> {
        let mut query = all.try_clone()?;
        query.filter_installed()?;
        if !self.installed_from_repo.is_empty() {
            query.filter_from_repo_id(&self.installed_from_repo, QueryCmp::GLOB)?;
        }
        Ok(query)
    }

    fn latest<'b>(&self, mut query: PackageQuery<'b>) -> Result<PackageQuery<'b>> {
        if !self.showduplicates {
            query.filter_latest_evr(1)?;
        }
        Ok(query)
    }

    /// What is available and neither installed nor older than what is installed; all with `--showduplicates`.
    fn not_installed<'b>(&self, all: &PackageQuery<'b>) -> Result<PackageQuery<'b>> {
        let mut installed = all.try_clone()?;
        installed.filter_installed()?;
        let mut query = available(all)?;
        if self.showduplicates {
            return Ok(query);
        }
        let mut upgrades = all.try_clone()?;
        upgrades.filter_upgrades()?;
        query
            .filter_name_arch_of(&installed, QueryCmp::NEQ)?
            .update(&upgrades)?
            .filter_latest_evr(1)?;
        Ok(query)
    }
}

fn available<'b>(all: &PackageQuery<'b>) -> Result<PackageQuery<'b>> {
    let mut query = all.try_clone()?;
    query.filter_available()?;
    Ok(query)
}

/// As many days back as the configuration calls recent.
pub fn recent_since(session: &Session<'_>) -> Result<i64> {
    let days: i64 = session
        .base
        .config()
        .get("recent")?
        .to_string_lossy()
        .parse()
        .unwrap_or(7);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Ok(i64::try_from(now.as_secs()).unwrap_or(i64::MAX) - days * 24 * 60 * 60)
}
