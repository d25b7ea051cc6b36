//! `install`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, settings};
use crate::dnf5::{Job, Load};
use crate::options::{Download, Global, Resolve, Selection};
use crate::transaction::{Wanted, execute};

/// Installs packages, groups and files.
#[derive(Debug, Args)]
pub struct Install {
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub download: Download,
    /// Packages, @groups, @environments, files and URLs to install
    #[arg(required = true)]
    pub specs: Vec<String>,
}

impl Install {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let settings = settings(&self.resolve, &self.selection)?;
        execute(
            global,
            &Wanted {
                load: Load::All,
                jobs: &|jobs, goal| jobs::add(jobs, goal, Job::Install, &self.specs, &settings),
                allow_erasing: self.resolve.allowerasing,
                given: self.resolve.given(),
                download_only: self.download.downloadonly,
                downgrades: self.resolve.downgrades(),
                is_repair: false,
            },
        )
    }
}
