//! `distro-sync`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::versions::Versions;
use crate::dnf5::Job;
use crate::options::Global;

/// Takes the versions that the repositories have.
#[derive(Debug, Args)]
pub struct DistroSync {
    #[command(flatten)]
    pub versions: Versions,
    /// Packages [default: all that the node has]
    #[arg(value_name = "package-spec-NPFB")]
    pub specs: Vec<String>,
}

impl DistroSync {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.versions.run(global, Job::RpmDistroSync, &self.specs)
    }
}
