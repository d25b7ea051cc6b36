//! `swap`

use anyhow::Result;
use clap::Args;

use super::Outcome;
use super::jobs::{self, Choice};
use crate::options::{Global, InstalledFrom, Postpone, Selection};
use crate::transaction::{Wanted, execute, hints};
use libdnf5::{Job, Load};

/// Removes a package and installs another one in one transaction.
#[derive(Debug, Args)]
pub struct Swap {
    /// Allow removing of installed packages to resolve problems
    #[arg(long)]
    pub allowerasing: bool,
    #[command(flatten)]
    pub installed_from: InstalledFrom,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub postpone: Postpone,
    /// What is removed
    #[arg(value_name = "remove_spec")]
    pub remove: String,
    /// What is installed
    #[arg(value_name = "install_spec")]
    pub install: String,
}

impl Swap {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let choice = Choice {
            selection: Some(&self.selection),
            installed_from: Some(&self.installed_from),
            ..Choice::default()
        };
        execute(
            global,
            &Wanted {
                allow_erasing: self.allowerasing,
                given: hints::Given {
                    allow_erasing: Some(self.allowerasing),
                    ..hints::Given::default()
                },
                ..Wanted::new(Load::All, &|jobs, goal| {
                    let settings = choice.settings(jobs)?;
                    jobs::add(jobs, goal, Job::Install, std::slice::from_ref(&self.install), &settings)?;
                    jobs::add(jobs, goal, Job::Remove, std::slice::from_ref(&self.remove), &settings)
                })
                .enabling(&self.selection.from_repo)
                .ending(self.postpone.ending())
            },
        )
    }
}
