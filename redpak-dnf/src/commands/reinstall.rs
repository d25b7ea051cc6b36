//! `reinstall`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, settings};
use crate::dnf5::{Job, Load};
use crate::options::{Download, Global, Resolve, Selection};
use crate::transaction::{Wanted, execute};

/// Installs the same version again.
#[derive(Debug, Args)]
pub struct Reinstall {
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub download: Download,
    /// Packages, files and URLs
    #[arg(required = true, value_name = "package-spec-NPFB")]
    pub specs: Vec<String>,
}

impl Reinstall {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let settings = settings(&self.resolve, &self.selection)?;
        execute(
            global,
            &Wanted {
                load: Load::All,
                jobs: &|jobs, goal| jobs::add(jobs, goal, Job::Reinstall, &self.specs, &settings),
                allow_erasing: self.resolve.allowerasing,
                given: self.resolve.given(),
                download_only: self.download.downloadonly,
                downgrades: self.resolve.downgrades(),
                is_repair: false,
            },
        )
    }
}
