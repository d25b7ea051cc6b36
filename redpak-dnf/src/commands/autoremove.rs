//! `autoremove`

use anyhow::Result;
use clap::Args;

use super::{Outcome, jobs};
use crate::options::{Global, Postpone};
use crate::transaction::{Wanted, execute};
use libdnf5::{ExcludeFlags, GoalJobSettings, Job, Load, PackageQuery};

/// Removes the node's packages that came as dependencies and that nothing needs any more.
#[derive(Debug, Args)]
pub struct Autoremove {
    #[command(flatten)]
    pub postpone: Postpone,
}

impl Autoremove {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        execute(
            global,
            &Wanted {
                allow_erasing: true,
                ..Wanted::new(Load::System, &|jobs, goal| {
                    let mut unneeded = PackageQuery::new(&jobs.session.base, ExcludeFlags::APPLY_EXCLUDES)?;
                    unneeded.filter_installed()?.filter_unneeded()?;
                    jobs::own_packages(jobs, goal, Job::RpmRemove, &unneeded, &GoalJobSettings::new()?)
                })
                .ending(self.postpone.ending())
            },
        )
    }
}
