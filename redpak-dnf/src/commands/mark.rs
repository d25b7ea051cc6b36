//! `mark`: why packages are installed.

use std::ffi::OsStr;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Outcome;
use crate::options::{Global, Postpone};
use crate::transaction::{Jobs, Wanted, execute, hints};
use libdnf5::{Goal, GoalJobSettings, GoalSetting, Load, Reason};

/// Changes why packages of the node are installed.
#[derive(Debug, Args)]
pub struct Mark {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub to: To,
}

/// They may stand before and behind the reason.
#[derive(Debug, Args)]
pub struct Options {
    /// Skip what is not available
    #[arg(long, global = true)]
    pub skip_unavailable: bool,
    /// Prepare the transaction and keep it in the node; `offline reboot` carries it out
    #[arg(long, global = true)]
    pub offline: bool,
    /// Store the transaction in a directory instead of running it
    #[arg(long, value_name = "STORED_TRANSACTION_PATH", global = true)]
    pub store: Option<std::path::PathBuf>,
}

/// The new reason.
#[derive(Debug, Subcommand)]
pub enum To {
    /// Mark packages as installed by the user
    User(Specs),
    /// Mark packages as dependencies
    Dependency(Specs),
    /// Mark packages as weak dependencies
    Weak(Specs),
    /// Mark packages as installed by a group
    Group(OfGroup),
}

/// Packages.
#[derive(Debug, Args)]
pub struct Specs {
    /// Packages to mark
    #[arg(required = true, value_name = "package-spec-NPFB")]
    pub specs: Vec<String>,
}

/// Packages of a group.
#[derive(Debug, Args)]
pub struct OfGroup {
    /// Id of the group that the packages belong to
    #[arg(value_name = "group_id")]
    pub group: String,
    /// Packages to mark
    #[arg(required = true, value_name = "specs")]
    pub specs: Vec<String>,
}

impl Mark {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let (reason, group, specs) = match &self.to {
            To::User(packages) => (Reason::User, None, &packages.specs),
            To::Dependency(packages) => (Reason::Dependency, None, &packages.specs),
            To::Weak(packages) => (Reason::WeakDependency, None, &packages.specs),
            To::Group(packages) => (Reason::Group, Some(packages.group.as_str()), &packages.specs),
        };
        let postpone = Postpone {
            offline: self.options.offline,
            store: self.options.store.clone(),
        };
        execute(
            global,
            &Wanted {
                given: hints::Given {
                    skip_unavailable: Some(self.options.skip_unavailable),
                    ..hints::Given::default()
                },
                marks: true,
                ..Wanted::new(Load::System, &|jobs, goal| {
                    self.options.add(jobs, goal, (reason, group), specs)
                })
                .ending(postpone.ending())
            },
        )
    }
}

impl Options {
    fn add(
        &self,
        _: &Jobs<'_>,
        goal: &mut Goal<'_>,
        (reason, group): (Reason, Option<&str>),
        specs: &[String],
    ) -> Result<()> {
        let mut settings = GoalJobSettings::new()?;
        if self.skip_unavailable {
            settings.set(GoalSetting::SkipUnavailable, Some(true))?;
        }
        for spec in specs {
            goal.add_rpm_reason_change(spec, reason, group.map(OsStr::new), Some(&settings))?;
        }
        Ok(())
    }
}
