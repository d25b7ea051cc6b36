//! `upgrade`

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, Choice};
use crate::options::{Advisories, AdvisoryKinds, Download, Ending, Global, InstalledFrom, Resolve, Selection};
use crate::transaction::hints::Given;
use crate::transaction::{Wanted, execute};
use libdnf5::{Job, Load};

/// Takes newer versions of packages that the node has.
#[derive(Debug, Args)]
pub struct Upgrade {
    /// Only to the lowest versions that fix something
    #[arg(long)]
    pub minimal: bool,
    #[command(flatten)]
    pub common: Common,
}

/// The options of `upgrade` and `upgrade-minimal`.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    pub resolve: ResolveUpgrade,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub installed_from: InstalledFrom,
    #[command(flatten)]
    pub advisories: Advisories,
    #[command(flatten)]
    pub download: Download,
    /// Only download the packages, to this directory
    #[arg(long)]
    pub destdir: Option<PathBuf>,
    /// Packages, groups, files and URLs [default: all that the node has]
    #[arg(value_name = "specs")]
    pub specs: Vec<String>,
}

/// As [`Resolve`], without `--skip-broken`: what cannot be upgraded stays.
#[derive(Debug, Clone, Default, Args)]
pub struct ResolveUpgrade {
    /// Allow removing of installed packages to resolve problems
    #[arg(long)]
    pub allowerasing: bool,
    /// Skip what is not available
    #[arg(long)]
    pub skip_unavailable: bool,
    /// Allow downgrade of dependencies
    #[arg(long, conflicts_with = "no_allow_downgrade")]
    pub allow_downgrade: bool,
    /// Do not downgrade dependencies
    #[arg(long)]
    pub no_allow_downgrade: bool,
}

impl ResolveUpgrade {
    /// In the usual form.
    pub fn to_resolve(&self) -> Resolve {
        Resolve {
            allowerasing: self.allowerasing,
            skip_broken: false,
            skip_unavailable: self.skip_unavailable,
            allow_downgrade: self.allow_downgrade,
            no_allow_downgrade: self.no_allow_downgrade,
        }
    }
}

impl Upgrade {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.common.run(global, self.minimal)
    }
}

impl Common {
    pub fn run(self, global: &Global, minimal: bool) -> Result<Outcome> {
        self.advisories.kinds.check()?;
        let advisories = if minimal && !self.advisories.is_given() {
            any_advisory()
        } else {
            self.advisories.clone()
        };
        let resolve = self.resolve.to_resolve();
        let choice = Choice {
            resolve: Some(&resolve),
            selection: Some(&self.selection),
            installed_from: Some(&self.installed_from),
            advisories: Some(&advisories),
        };
        let (of_spec, of_all) = if minimal {
            (Job::UpgradeMinimal, Job::RpmUpgradeMinimal)
        } else {
            (Job::Upgrade, Job::RpmUpgrade)
        };
        execute(
            global,
            &Wanted {
                given: Given {
                    skip_broken: None,
                    ..resolve.given()
                },
                ..Wanted::new(Load::All, &|jobs, goal| match self.specs.as_slice() {
                    [] => jobs::all_own(jobs, goal, of_all, &choice.settings(jobs)?),
                    specs => jobs::add(jobs, goal, of_spec, specs, &choice.settings(jobs)?),
                })
                .resolving(&resolve)
                .enabling(&self.selection.from_repo)
                .ending(self.ending())
            },
        )
    }

    fn ending(&self) -> Ending {
        match self.download.ending() {
            Ending::Run | Ending::Download(_) if self.destdir.is_some() => Ending::Download(self.destdir.clone()),
            ending => ending,
        }
    }
}

/// What `--minimal` means by itself: the lowest versions that fix anything.
pub fn any_advisory() -> Advisories {
    Advisories {
        kinds: AdvisoryKinds {
            security: true,
            bugfix: true,
            enhancement: true,
            newpackage: true,
            ..AdvisoryKinds::default()
        },
        ..Advisories::default()
    }
}
