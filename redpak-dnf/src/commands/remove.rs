//! `remove`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs;
use crate::dnf5::{GoalJobSettings, GoalSetting, GoalStrings, Job, Load};
use crate::options::Global;
use crate::transaction::hints::Given;
use crate::transaction::{Wanted, execute};

/// Removes packages from the node.
#[derive(Debug, Args)]
pub struct Remove {
    /// Only packages that came from these repositories
    #[arg(long, value_name = "REPO_ID,...", value_delimiter = ',')]
    pub installed_from_repo: Vec<String>,
    /// Keep dependencies that are no longer used
    #[arg(long, alias = "noautoremove")]
    pub no_autoremove: bool,
    /// Packages and groups to remove
    #[arg(required = true)]
    pub specs: Vec<String>,
}

impl Remove {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let settings = self.settings()?;
        execute(
            global,
            &Wanted {
                load: Load::System,
                jobs: &|jobs, goal| jobs::add(jobs, goal, Job::Remove, &self.specs, &settings),
                // A removal takes with it what depends on it, as dnf5's does.
                allow_erasing: true,
                given: Given::default(),
                download_only: false,
                downgrades: None,
                is_repair: false,
            },
        )
    }

    fn settings(&self) -> Result<GoalJobSettings> {
        let mut settings = GoalJobSettings::new()?;
        if self.no_autoremove {
            settings.set(GoalSetting::CleanRequirementsOnRemove, Some(false))?;
        }
        if !self.installed_from_repo.is_empty() {
            settings.set_strings(GoalStrings::FromRepoIds, &self.installed_from_repo)?;
        }
        Ok(settings)
    }
}
