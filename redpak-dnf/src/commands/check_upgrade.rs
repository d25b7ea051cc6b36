//! `check-upgrade`: what `upgrade` would find for the leaf's own packages.

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::colors::Colors;
use super::upgrade::any_advisory;
use crate::options::{Advisories, Global, Unknown};
use crate::query::{Case, Family, Needs, ask};
use crate::session::is_file_pattern;
use libdnf5::QueryCmp;
use libdnf5::output::{ChangelogFilter, Detail, changelogs, package_sections};

/// Checks for available package upgrades.
#[derive(Debug, Args)]
pub struct CheckUpgrade {
    /// Report the lowest versions that fix something
    #[arg(long)]
    minimal: bool,
    /// Show changelogs before update
    #[arg(long)]
    changelogs: bool,
    #[command(flatten)]
    advisories: Advisories,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Names of packages to check for upgrades
    #[arg(value_name = "package-spec-N")]
    specs: Vec<String>,
}

impl CheckUpgrade {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.advisories.kinds.check()?;
        let mut metadata = Vec::new();
        if self.changelogs {
            metadata.push("other");
        }
        if self.specs.iter().any(|spec| is_file_pattern(spec)) {
            metadata.push("filelists");
        }
        let needs = Needs {
            metadata: &metadata,
            quiet: self.json,
            ..Needs::default()
        };
        ask(global, needs, |family| self.report(family))
    }

    fn report(&self, family: &Family<'_>) -> Result<Outcome> {
        let all = family.upgrades(&family.packages()?)?;
        let (mut upgrades, _) = family.named(&all, &self.specs, Case::Counts)?;
        let all = upgrades.size()?;
        let advisories = if self.minimal && !self.advisories.is_given() {
            any_advisory()
        } else {
            self.advisories.clone()
        };
        let Advisories { advisories, kinds } = &advisories;
        let unknown = if self.json { Unknown::Ignored } else { Unknown::Told };
        if let Some(advisories) = kinds.query(&family.session.base, advisories, unknown)? {
            upgrades.filter_advisories(&advisories, QueryCmp::GTE)?;
        }
        if self.minimal {
            upgrades.filter_earliest_evr(1)?;
        } else {
            upgrades.filter_latest_evr(1)?;
        }
        let none = upgrades.is_empty()?;
        if none && all > 0 && !self.json {
            println!("No security updates needed, but {all} update(s) available");
        }
        let sections = [("Upgrades", upgrades)];
        let colors = Colors::new(family)?;
        package_sections(&sections, Detail::List, self.json, Some(&colors.shown()))?;
        let [(_, upgrades)] = sections;
        if self.changelogs && !self.json {
            changelogs(&upgrades, &ChangelogFilter::Upgrades(&family.installed()?))?;
        }
        Ok(if none || self.json {
            Outcome::Done
        } else {
            Outcome::Upgradable
        })
    }
}
