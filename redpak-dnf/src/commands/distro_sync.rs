//! `distro-sync`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::versions::Versions;
use crate::options::{Global, Resolve};
use libdnf5::Job;

/// Takes the versions that the repositories have.
#[derive(Debug, Args)]
pub struct DistroSync {
    #[command(flatten)]
    pub problems: Problems,
    #[command(flatten)]
    pub versions: Versions,
    /// Packages [default: all that the node has]
    #[arg(value_name = "package-spec-NPFB")]
    pub specs: Vec<String>,
}

/// Those options about problems that dnf5 has here: versions follow the repositories, whichever way.
#[derive(Debug, Args)]
pub struct Problems {
    /// Allow removing of installed packages to resolve problems
    #[arg(long)]
    allowerasing: bool,
    /// Resolve problems by skipping packages
    #[arg(long)]
    skip_broken: bool,
    /// Skip what is not available
    #[arg(long)]
    skip_unavailable: bool,
}

impl Problems {
    fn resolve(&self) -> Resolve {
        Resolve {
            allowerasing: self.allowerasing,
            skip_broken: self.skip_broken,
            skip_unavailable: self.skip_unavailable,
            ..Resolve::default()
        }
    }
}

impl DistroSync {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.versions
            .run(global, &self.problems.resolve(), Job::RpmDistroSync, &self.specs)
    }
}
