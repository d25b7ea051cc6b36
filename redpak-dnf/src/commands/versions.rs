//! What `downgrade`, `reinstall` and `distro-sync` have in common: other versions of packages that the node has.

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, Choice};
use crate::options::{Download, Global, InstalledFrom, Resolve, Selection};
use crate::transaction::{Wanted, execute};
use libdnf5::{Job, Load};

/// Their options.
#[derive(Debug, Args)]
pub struct Versions {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub installed_from: InstalledFrom,
    #[command(flatten)]
    pub download: Download,
}

impl Versions {
    /// A job for each specification; without any, for all that the node has, where the job can be of all.
    pub fn run(&self, global: &Global, resolve: &Resolve, job: Job, specs: &[String]) -> Result<Outcome> {
        let choice = Choice {
            resolve: Some(resolve),
            selection: Some(&self.selection),
            installed_from: Some(&self.installed_from),
            ..Choice::default()
        };
        execute(
            global,
            &Wanted::new(Load::All, &|jobs, goal| match specs {
                [] => jobs::all_own(jobs, goal, job, &choice.settings(jobs)?),
                specs => jobs::add(jobs, goal, job, specs, &choice.settings(jobs)?),
            })
            .resolving(resolve)
            .enabling(&self.selection.from_repo)
            .ending(self.download.ending()),
        )
    }
}
