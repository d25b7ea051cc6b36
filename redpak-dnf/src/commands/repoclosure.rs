//! `repoclosure`: dependencies that no repository satisfies.

use std::ffi::OsString;

use anyhow::{Result, bail};
use clap::Args;
use redpak::display;
use serde::Serialize;

use super::Outcome;
use crate::json;
use crate::options::Global;
use crate::query::{Family, Needs, ask};
use crate::terminal;
use libdnf5::{GoalFlag, GoalJobSettings, Load, PackageQuery, QueryCmp};

/// Prints unresolved dependencies of the packages of repositories.
#[derive(Debug, Args)]
pub struct Repoclosure {
    /// Check the packages of these repositories
    #[arg(long, value_name = "<REPO_ID>,...", value_delimiter = ',')]
    check: Vec<String>,
    /// Check packages of these architectures
    #[arg(long, value_name = "<ARCH>,...", value_delimiter = ',')]
    arch: Vec<String>,
    /// Only the latest version of a package from each repository
    #[arg(long)]
    newest: bool,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Packages to check
    #[arg(value_name = "specs")]
    specs: Vec<String>,
}

/// A package and what it lacks.
#[derive(Serialize)]
struct Broken {
    package: String,
    repo: String,
    unresolved_dependencies: Vec<String>,
}

fn shown(text: &OsString) -> String {
    display::os(text).to_string()
}

impl Repoclosure {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let needs = Needs {
            load: Load::Available,
            metadata: &["filelists"],
            quiet: self.json,
        };
        ask(global, needs, |family| self.report(family))
    }

    fn report(&self, family: &Family<'_>) -> Result<Outcome> {
        let mut providing = family.available()?;
        if self.newest {
            providing = newest(&providing, family)?;
        }
        let Some(checked) = self.checked(family, &providing)? else {
            return Ok(Outcome::Failed);
        };
        let mut broken = Vec::new();
        for package in checked.list()? {
            let mut unresolved = Vec::new();
            for dependency in package.requires()? {
                if !providing.is_dep_satisfied(&dependency)? {
                    unresolved.push(shown(&dependency));
                }
            }
            unresolved.sort();
            if !unresolved.is_empty() {
                broken.push(Broken {
                    package: shown(&package.nevra()?),
                    repo: shown(&package.repo_id()?),
                    unresolved_dependencies: unresolved,
                });
            }
        }
        self.print(&broken)
    }

    /// The packages to check; none when nothing is what was asked for.
    fn checked<'q>(&self, family: &Family<'q>, providing: &PackageQuery<'q>) -> Result<Option<PackageQuery<'q>>> {
        let mut query = providing.try_clone()?;
        if !self.check.is_empty() {
            query.filter_repo_id(&self.check, QueryCmp::GLOB)?;
        }
        if !self.arch.is_empty() {
            query.filter_arch(&self.arch, QueryCmp::EQ)?;
        }
        if self.specs.is_empty() {
            return Ok(Some(query));
        }
        let mut settings = GoalJobSettings::new()?;
        for flag in [GoalFlag::WithProvides, GoalFlag::WithFilenames, GoalFlag::WithBinaries] {
            settings.set_flag(flag, false)?;
        }
        let mut matching = PackageQuery::empty(&family.session.base)?;
        let mut all_found = true;
        for spec in &self.specs {
            let mut found = query.try_clone()?;
            if found.resolve_pkg_spec(spec, Some(&settings), true)? {
                matching.update(&found)?;
            } else {
                eprintln!("No match for argument \"{spec}\".");
                all_found = false;
            }
        }
        if !all_found {
            bail!("Failed to resolve package specifications.");
        }
        Ok(Some(matching))
    }

    fn print(&self, broken: &[Broken]) -> Result<Outcome> {
        if self.json {
            json::print(&broken)?;
        }
        if broken.is_empty() {
            return Ok(Outcome::Done);
        }
        if self.json {
            return Ok(Outcome::Failed);
        }
        for package in broken {
            terminal::show(format_args!("package: {} from {}", package.package, package.repo));
            println!("  unresolved deps ({}):", package.unresolved_dependencies.len());
            for dependency in &package.unresolved_dependencies {
                terminal::show(format_args!("    {dependency}"));
            }
        }
        let count: usize = broken.iter().map(|package| package.unresolved_dependencies.len()).sum();
        bail!(
            "Error: Repoclosure ended with unresolved dependencies ({count}) across {} packages.",
            broken.len()
        )
    }
}

/// The newest versions of each repository.
fn newest<'q>(all: &PackageQuery<'q>, family: &Family<'q>) -> Result<PackageQuery<'q>> {
    let mut repos: Vec<OsString> = Vec::new();
    for package in all.list_unsorted()? {
        let id = package.repo_id()?;
        if repos.last() != Some(&id) {
            repos.push(id);
        }
    }
    repos.sort();
    repos.dedup();
    let mut newest = PackageQuery::empty(&family.session.base)?;
    for id in repos {
        let mut query = all.try_clone()?;
        query.filter_repo_id(&[id], QueryCmp::EQ)?.filter_latest_evr(1)?;
        newest.update(&query)?;
    }
    Ok(newest)
}
