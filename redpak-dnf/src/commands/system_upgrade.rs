//! `system-upgrade`, `offline-upgrade` and `offline-distrosync`: the transactions that are prepared most often.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::jobs::{self, Choice};
use super::offline::Offline;
use super::{Outcome, distro_sync, upgrade};
use crate::options::{Ending, Global, Resolve};
use crate::session::Session;
use crate::transaction::{Wanted, execute};
use libdnf5::{Job, Load};

/// `system-upgrade`
#[derive(Debug, Subcommand)]
pub enum SystemUpgrade {
    /// Download everything needed to upgrade to a new release
    Download(Download),
    #[command(flatten)]
    Manage(Offline),
}

/// `offline-upgrade`
#[derive(Debug, Subcommand)]
pub enum OfflineUpgrade {
    /// Alias for 'upgrade --offline'
    Download(Box<upgrade::Upgrade>),
    #[command(flatten)]
    Manage(Offline),
}

/// `offline-distrosync`
#[derive(Debug, Subcommand)]
pub enum OfflineDistrosync {
    /// Alias for 'distro-sync --offline'
    Download(distro_sync::DistroSync),
    #[command(flatten)]
    Manage(Offline),
}

/// `system-upgrade download`
#[derive(Debug, Args)]
pub struct Download {
    /// Do not install packages from the new release if they are older than what is currently installed
    #[arg(long)]
    pub no_downgrade: bool,
    /// Allow removing of installed packages to resolve problems
    #[arg(long)]
    pub allowerasing: bool,
}

impl SystemUpgrade {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::Download(_) => false,
            Self::Manage(command) => command.is_query(),
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::Download(command) => command.run(global),
            Self::Manage(command) => command.run(global),
        }
    }
}

impl OfflineUpgrade {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::Download(_) => false,
            Self::Manage(command) => command.is_query(),
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::Download(mut command) => {
                command.common.download.postpone.offline = true;
                command.run(global)
            }
            Self::Manage(command) => command.run(global),
        }
    }
}

impl OfflineDistrosync {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::Download(_) => false,
            Self::Manage(command) => command.is_query(),
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::Download(mut command) => {
                command.versions.download.postpone.offline = true;
                command.run(global)
            }
            Self::Manage(command) => command.run(global),
        }
    }
}

impl Download {
    fn run(self, global: &Global) -> Result<Outcome> {
        let job = if self.no_downgrade {
            Job::RpmUpgrade
        } else {
            Job::RpmDistroSync
        };
        let resolve = Resolve {
            allowerasing: self.allowerasing,
            ..Resolve::default()
        };
        let choice = Choice::default();
        execute(
            global,
            &Wanted {
                prepare: &require_release,
                ..Wanted::new(Load::All, &|jobs, goal| {
                    jobs::all_own(jobs, goal, job, &choice.settings(jobs)?)
                })
                .resolving(&resolve)
                .ending(Ending::Offline)
            },
        )
    }
}

/// Without another release to go to, the repositories stay those of this one. This one is the node's own: it may follow its
/// ancestors to the release that they have already.
fn require_release(session: &Session<'_>) -> Result<()> {
    let vars = session.base.vars();
    let root = session.base.config().get("installroot")?;
    let target = vars.get("releasever")?;
    if target.is_none() || target == vars.detect_release(root)? {
        bail!("Need a --releasever greater than the current system version.")
    }
    Ok(())
}
