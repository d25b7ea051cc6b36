//! `downgrade`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, Choice};
use crate::dnf5::{Job, Load};
use crate::options::{Download, Global, InstalledFrom, Resolve, Selection};
use crate::transaction::{Wanted, execute};

/// Takes the next older version.
#[derive(Debug, Args)]
pub struct Downgrade {
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub installed_from: InstalledFrom,
    #[command(flatten)]
    pub download: Download,
    /// Packages, files and URLs
    #[arg(required = true, value_name = "package-spec-NPFB")]
    pub specs: Vec<String>,
}

impl Downgrade {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let choice = Choice {
            resolve: Some(&self.resolve),
            selection: Some(&self.selection),
            installed_from: Some(&self.installed_from),
            ..Choice::default()
        };
        execute(
            global,
            &Wanted::new(Load::All, &|jobs, goal| {
                jobs::add(jobs, goal, Job::Downgrade, &self.specs, &choice.settings(jobs)?)
            })
            .resolving(&self.resolve)
            .ending(self.download.ending()),
        )
    }
}
