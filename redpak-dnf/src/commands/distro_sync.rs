//! `distro-sync`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, Choice};
use crate::dnf5::{Job, Load};
use crate::options::{Download, Global, InstalledFrom, Resolve, Selection};
use crate::transaction::{Wanted, execute};

/// Takes the versions that the repositories have.
#[derive(Debug, Args)]
pub struct DistroSync {
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub installed_from: InstalledFrom,
    #[command(flatten)]
    pub download: Download,
    /// Packages [default: all that the node has]
    #[arg(value_name = "package-spec-NPFB")]
    pub specs: Vec<String>,
}

impl DistroSync {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let choice = Choice {
            resolve: Some(&self.resolve),
            selection: Some(&self.selection),
            installed_from: Some(&self.installed_from),
            ..Choice::default()
        };
        execute(
            global,
            &Wanted::new(Load::All, &|jobs, goal| match self.specs.as_slice() {
                [] => jobs::all_own(jobs, goal, Job::RpmDistroSync, &choice.settings(jobs)?),
                specs => jobs::add(jobs, goal, Job::RpmDistroSync, specs, &choice.settings(jobs)?),
            })
            .resolving(&self.resolve)
            .ending(self.download.ending()),
        )
    }
}
