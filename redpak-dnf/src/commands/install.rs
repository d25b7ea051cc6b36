//! `install`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, Choice};
use crate::options::{Advisories, Download, Global, Resolve, Selection};
use crate::transaction::{Jobs, Wanted, execute};
use libdnf5::{Goal, Job, Load};

/// Installs packages, groups and files.
#[derive(Debug, Args)]
pub struct Install {
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub advisories: Advisories,
    #[command(flatten)]
    pub download: Download,
    /// Packages, @groups, @environments, files and URLs to install
    #[arg(required = true, value_name = "specs")]
    pub specs: Vec<String>,
}

impl Install {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.advisories.kinds.check()?;
        let choice = Choice {
            resolve: Some(&self.resolve),
            selection: Some(&self.selection),
            advisories: Some(&self.advisories),
            ..Choice::default()
        };
        let add = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
            jobs::add(jobs, goal, Job::Install, &self.specs, &choice.settings(jobs)?)
        };
        let wanted = Wanted::new(Load::All, &add);
        let wanted = wanted.resolving(&self.resolve).enabling(&self.selection.from_repo);
        execute(
            global,
            &Wanted {
                // A group brings only what the family lacks.
                installs_again: !self.specs.iter().any(|spec| spec.starts_with('@')),
                ..wanted.ending(self.download.ending())
            },
        )
    }
}
