//! `advisory`: what updates of the family's packages fix.

use std::ffi::OsStr;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Outcome;
use crate::json;
use crate::options::{AdvisoryKinds, Global, Unknown};
use crate::query::{Family, Needs, ask};
use libdnf5::output::{self, AdvisoryPackages};
use libdnf5::{AdvisoryQuery, PackageQuery, QueryCmp};

mod summary;

use summary::Summary;

/// What is shown of advisories.
#[derive(Debug, Subcommand)]
pub enum Advisory {
    /// List advisories
    List(WithJson),
    /// Print details about advisories
    Info(WithJson),
    /// Print summary of advisories
    Summary(WithJson),
}

/// Which advisories, and as JSON.
#[derive(Debug, Args)]
pub struct WithJson {
    #[command(flatten)]
    shown: Shown,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
}

/// Which advisories.
#[derive(Debug, Args)]
pub struct Shown {
    #[command(flatten)]
    scope: Scope,
    /// Show only advisories with these packages (globs)
    #[arg(long, value_name = "PACKAGE_NAME,...", value_delimiter = ',')]
    contains_pkgs: Vec<String>,
    #[command(flatten)]
    kinds: AdvisoryKinds,
    /// Show only advisories that refer to a bug
    #[arg(long)]
    with_bz: bool,
    /// Show only advisories that refer to a CVE
    #[arg(long)]
    with_cve: bool,
    /// Names of advisories
    #[arg(value_name = "advisory-spec")]
    names: Vec<String>,
}

/// How the versions of an advisory stand to the installed ones.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Scope {
    /// Show advisories with any version of installed packages
    #[arg(long)]
    all: bool,
    /// Show advisories with newer versions of installed packages (default)
    #[arg(long)]
    available: bool,
    /// Show advisories with equal and older versions of installed packages
    #[arg(long)]
    installed: bool,
    /// Show advisories with newer versions of installed packages that are available
    #[arg(long)]
    updates: bool,
}

impl Scope {
    fn name(&self) -> &'static str {
        match (self.all, self.installed, self.updates) {
            (true, ..) => "All",
            (_, true, _) => "Installed",
            (_, _, true) => "Updates",
            _ => "Available",
        }
    }
}

impl Advisory {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let (shown, json) = match &self {
            Self::List(command) | Self::Info(command) | Self::Summary(command) => (&command.shown, command.json),
        };
        shown.kinds.check()?;
        let needs = Needs {
            metadata: &["updateinfo"],
            quiet: json,
            ..Needs::default()
        };
        ask(global, needs, |family| {
            if !json && !family.has_repositories()? {
                family.no_matches(None)?;
                return Ok(Outcome::Done);
            }
            let unknown = if json { Unknown::Ignored } else { Unknown::Told };
            let advisories = shown.advisories(family, unknown)?;
            let packages = shown.packages(family)?;
            match &self {
                Self::List(_) => shown.list(&advisories, &packages, json)?,
                Self::Info(_) => output::advisoryinfo(&shown.applicable(&advisories, &packages)?, json)?,
                Self::Summary(_) if json => {
                    json::print(&Summary::of(&shown.applicable(&advisories, &packages)?)?)?;
                }
                Self::Summary(_) => {
                    output::advisorysummary(&shown.applicable(&advisories, &packages)?, shown.scope.name())?;
                }
            }
            Ok(Outcome::Done)
        })
    }
}

impl Shown {
    /// The advisories that the options mean, whatever is installed.
    fn advisories<'q>(&self, family: &Family<'q>, unknown: Unknown) -> Result<AdvisoryQuery<'q>> {
        let base = &family.session.base;
        let chosen = self.kinds.query(base, &self.names, unknown)?;
        let mut advisories = chosen.map_or_else(|| AdvisoryQuery::new(base), Ok)?;
        if self.with_bz {
            advisories.filter_bugzilla(&["*"], QueryCmp::GLOB)?;
        }
        if self.with_cve && !self.with_bz {
            advisories.filter_cve(&["*"], QueryCmp::GLOB)?;
        }
        Ok(advisories)
    }

    /// The installed packages whose versions are compared with the advisories'.
    fn packages<'q>(&self, family: &Family<'q>) -> Result<PackageQuery<'q>> {
        let mut packages = if self.scope.updates {
            let mut packages = family.packages()?;
            packages.filter_upgradable()?;
            packages
        } else {
            family.installed()?
        };
        if !self.contains_pkgs.is_empty() {
            packages.filter_name(&self.contains_pkgs, QueryCmp::GLOB)?;
        }
        Ok(packages)
    }

    /// Whether newer versions count, and equal and older ones.
    fn wants(&self) -> (bool, bool) {
        (!self.scope.installed, self.scope.installed || self.scope.all)
    }

    fn applicable<'q>(&self, advisories: &AdvisoryQuery<'q>, packages: &PackageQuery<'q>) -> Result<AdvisoryQuery<'q>> {
        let (newer, older) = self.wants();
        let mut found = advisories.try_clone()?;
        found.difference(advisories)?;
        for cmp in [newer.then_some(QueryCmp::GT), older.then_some(QueryCmp::LTE)]
            .into_iter()
            .flatten()
        {
            let mut query = advisories.try_clone()?;
            found.update(query.filter_packages(packages, cmp)?)?;
        }
        Ok(found)
    }

    fn list<'q>(&self, advisories: &AdvisoryQuery<'q>, packages: &PackageQuery<'q>, json: bool) -> Result<()> {
        let (newer, older) = self.wants();
        let mut none = advisories.try_clone()?;
        none.difference(advisories)?;
        let side = |wanted, cmp| AdvisoryPackages {
            advisories: if wanted { advisories } else { &none },
            packages,
            cmp,
        };
        let reference = match (self.with_bz, self.with_cve) {
            (true, _) => Some(OsStr::new("bugzilla")),
            (_, true) => Some(OsStr::new("cve")),
            _ => None,
        };
        Ok(output::advisorylist(
            &side(newer, QueryCmp::GT),
            &side(older, QueryCmp::LTE),
            reference,
            json,
        )?)
    }
}
