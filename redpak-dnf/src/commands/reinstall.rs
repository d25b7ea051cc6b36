//! `reinstall`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::versions::Versions;
use crate::options::{Global, Resolve};
use libdnf5::Job;

/// Installs the same versions again.
#[derive(Debug, Args)]
pub struct Reinstall {
    #[command(flatten)]
    pub resolve: Resolve,
    #[command(flatten)]
    pub versions: Versions,
    /// Packages, files and URLs
    #[arg(required = true, value_name = "package-spec-NPFB")]
    pub specs: Vec<String>,
}

impl Reinstall {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.versions.run(global, &self.resolve, Job::Reinstall, &self.specs)
    }
}
