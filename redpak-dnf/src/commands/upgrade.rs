//! `upgrade`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, settings};
use crate::dnf5::{Job, Load};
use crate::options::{Download, Global, Resolve, Selection};
use crate::transaction::hints::Given;
use crate::transaction::{Wanted, execute};

/// Takes newer versions of packages that the node has.
#[derive(Debug, Args)]
pub struct Upgrade {
    /// Only to the lowest versions that fix something
    #[arg(long)]
    pub minimal: bool,
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub download: Download,
    /// Packages, groups, files and URLs [default: all that the node has]
    pub specs: Vec<String>,
}

impl Upgrade {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let settings = settings(&self.resolve, &self.selection)?;
        let job = if self.minimal {
            Job::UpgradeMinimal
        } else {
            Job::Upgrade
        };
        execute(
            global,
            &Wanted {
                load: Load::All,
                jobs: &|jobs, goal| match self.specs.as_slice() {
                    [] => jobs::upgrade_own(jobs, goal, self.minimal, &settings),
                    specs => jobs::add(jobs, goal, job, specs, &settings),
                },
                allow_erasing: self.resolve.allowerasing,
                given: Given {
                    skip_broken: None,
                    ..self.resolve.given()
                },
                download_only: self.download.downloadonly,
                downgrades: self.resolve.downgrades(),
                is_repair: false,
            },
        )
    }
}
