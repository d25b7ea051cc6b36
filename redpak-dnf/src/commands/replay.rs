//! `replay`: a stored transaction, carried out here.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::Outcome;
use crate::options::Global;
use crate::transaction::{Wanted, execute, hints};
use libdnf5::{Goal, GoalFlag, GoalJobSettings, GoalSetting, Load};

/// Carries out a transaction that was stored in a directory.
#[derive(Debug, Args)]
pub struct Replay {
    /// Resolve problems by skipping packages
    #[arg(long)]
    pub skip_broken: bool,
    /// Skip what is not available
    #[arg(long)]
    pub skip_unavailable: bool,
    #[command(flatten)]
    pub mismatches: Mismatches,
    /// Directory with the stored transaction
    #[arg(value_name = "transaction-path")]
    pub path: PathBuf,
}

/// What may differ from the stored transaction.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Mismatches {
    /// Packages that come in addition are no error
    #[arg(long)]
    pub ignore_extras: bool,
    /// Packages that are installed in another version are no error
    #[arg(long)]
    pub ignore_installed: bool,
}

impl Mismatches {
    /// What can be advised beyond what was given.
    pub fn given(self) -> hints::Given {
        hints::Given {
            ignore_extras: Some(self.ignore_extras),
            ignore_installed: Some(self.ignore_installed),
            ..hints::Given::default()
        }
    }

    /// As flags of a job.
    pub fn set(self, settings: &mut GoalJobSettings) -> Result<()> {
        settings
            .set_flag(GoalFlag::IgnoreExtras, self.ignore_extras)?
            .set_flag(GoalFlag::IgnoreInstalled, self.ignore_installed)?;
        Ok(())
    }
}

impl Replay {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        execute(
            global,
            &Wanted {
                allow_erasing: true,
                given: hints::Given {
                    skip_broken: Some(self.skip_broken),
                    skip_unavailable: Some(self.skip_unavailable),
                    ..self.mismatches.given()
                },
                ..Wanted::new(Load::All, &|_, goal| self.add(goal))
            },
        )
    }

    fn add(&self, goal: &mut Goal<'_>) -> Result<()> {
        let mut settings = GoalJobSettings::new()?;
        for (setting, given) in [
            (GoalSetting::SkipBroken, self.skip_broken),
            (GoalSetting::SkipUnavailable, self.skip_unavailable),
        ] {
            if given {
                settings.set(setting, Some(true))?;
            }
        }
        self.mismatches.set(&mut settings)?;
        Ok(goal.add_serialized_transaction(self.path.join("transaction.json"), Some(&settings))?)
    }
}
