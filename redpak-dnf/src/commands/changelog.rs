//! `changelog`: what changed in packages.

use anyhow::Result;
use clap::Args;

use super::Outcome;
use crate::json;
use crate::options::Global;
use crate::options::usage::{Usage, number};
use crate::query::{Case, Family, Needs, ask};
use libdnf5::PackageQuery;
use libdnf5::output::{ChangelogFilter, changelogs};

mod described;

/// Shows changelogs of packages.
#[derive(Debug, Args)]
pub struct Changelog {
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Show changelog entries since a date
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<String>,
    /// Limit the number of changelog entries shown per package
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, conflicts_with = "since")]
    count: Option<String>,
    /// Show new changelog entries of packages that upgrade an installed one
    #[arg(long, conflicts_with_all = ["since", "count"])]
    upgrades: bool,
    /// Names of packages (case insensitive)
    #[arg(value_name = "package-spec-NI")]
    specs: Vec<String>,
}

/// Which entries are wanted.
enum Entries {
    All,
    Count(i32),
    Since(redpak::time::Day),
    Upgrades,
}

impl Changelog {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let entries = self.entries()?;
        let needs = Needs {
            metadata: &["other"],
            quiet: self.json,
            ..Needs::default()
        };
        ask(global, needs, |family| self.report(&entries, family))
    }

    fn entries(&self) -> Result<Entries> {
        if let Some(date) = &self.since {
            let wrong = || {
                Usage(format!(
                    "Invalid date passed: \"{date}\". Dates in \"YYYY-MM-DD\" format are expected."
                ))
            };
            return Ok(Entries::Since(redpak::time::Day::parse(date).ok_or_else(wrong)?));
        }
        if let Some(count) = &self.count {
            return Ok(match number(count)? {
                0 => Entries::All,
                count => Entries::Count(count),
            });
        }
        Ok(if self.upgrades { Entries::Upgrades } else { Entries::All })
    }

    fn report(&self, entries: &Entries, family: &Family<'_>) -> Result<Outcome> {
        let packages = self.matching(family)?;
        let installed = family.installed()?;
        if self.json {
            json::print(&described::packages(&packages, entries, &installed)?)?;
            return Ok(Outcome::Done);
        }
        let filter = match entries {
            Entries::All => {
                println!("Listing all changelogs");
                ChangelogFilter::All
            }
            Entries::Count(count) => {
                println!("Listing only latest changelogs");
                ChangelogFilter::Count(*count)
            }
            Entries::Since(day) => {
                println!("Listing changelogs since {}", day.ctime());
                ChangelogFilter::Since(day.seconds())
            }
            Entries::Upgrades => {
                println!("Listing only new changelogs since installed version of the package");
                ChangelogFilter::Upgrades(&installed)
            }
        };
        changelogs(&packages, &filter)?;
        Ok(Outcome::Done)
    }

    fn matching<'q>(&self, family: &Family<'q>) -> Result<PackageQuery<'q>> {
        let mut all = family.available()?;
        if self.upgrades {
            all = family.upgrades(&all)?;
        }
        if self.specs.is_empty() {
            return Ok(all);
        }
        let mut matching = PackageQuery::empty(&family.session.base)?;
        for spec in &self.specs {
            let (mut query, _) = family.named(&all, std::slice::from_ref(spec), Case::Ignored)?;
            matching.update(query.filter_latest_evr(1)?)?;
        }
        Ok(matching)
    }
}
