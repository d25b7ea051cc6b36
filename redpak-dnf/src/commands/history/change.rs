//! `history undo`, `redo` and `rollback`

use anyhow::{Result, bail};
use clap::Args;

use super::super::Outcome;
use super::super::replay::Mismatches;
use super::of_specs;
use crate::options::{Global, Postpone};
use crate::transaction::{Jobs, Wanted, execute, hints};
use libdnf5::{Base, Goal, GoalFlag, GoalJobSettings, GoalSetting, History, Load};

/// `undo` and `rollback`
#[derive(Debug, Args)]
pub struct Revert {
    /// Skip what is not available
    #[arg(long)]
    pub skip_unavailable: bool,
    #[command(flatten)]
    pub mismatches: Mismatches,
    #[command(flatten)]
    pub postpone: Postpone,
    /// Transaction: NUMBER, last or last-NUMBER
    #[arg(value_name = "transaction-id")]
    pub spec: String,
}

/// `redo`
#[derive(Debug, Args)]
pub struct Redo {
    /// Skip what is not available
    #[arg(long)]
    pub skip_unavailable: bool,
    #[command(flatten)]
    pub postpone: Postpone,
    /// Transaction: NUMBER, last or last-NUMBER
    #[arg(value_name = "transaction-id")]
    pub spec: String,
}

impl Revert {
    pub fn undo(self, global: &Global) -> Result<Outcome> {
        self.run(global, |_, id| Ok(vec![id]))
    }

    pub fn rollback(self, global: &Global) -> Result<Outcome> {
        self.run(global, |base, id| {
            let later = id + 1..=History::last_id(base)?;
            Ok(later.collect())
        })
    }

    /// Undoes the transactions that `which` makes of the given one, the oldest first.
    fn run(&self, global: &Global, which: fn(&Base<'_>, i64) -> Result<Vec<i64>>) -> Result<Outcome> {
        let add = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
            let base = &jobs.session.base;
            let ids = which(base, exactly_one(base, &self.spec)?)?;
            let mut settings = settings(self.skip_unavailable)?;
            self.mismatches.set(&mut settings)?;
            if ids.is_empty() {
                return Ok(());
            }
            Ok(goal.add_revert_transactions(&ids, Some(&settings))?)
        };
        let given = hints::Given {
            skip_unavailable: Some(self.skip_unavailable),
            ..self.mismatches.given()
        };
        execute(global, &change(&add, &self.postpone, given))
    }
}

impl Redo {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let add = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
            let mut settings = settings(self.skip_unavailable)?;
            for (flag, value) in [
                (GoalFlag::IgnoreExtras, true),
                (GoalFlag::IgnoreInstalled, true),
                (GoalFlag::OverrideReasons, jobs.own_reasons.is_none()),
            ] {
                settings.set_flag(flag, value)?;
            }
            for (nevra, reason) in jobs.own_reasons.unwrap_or_default() {
                goal.add_rpm_reason_change(nevra, *reason, None, Some(&settings))?;
            }
            let id = exactly_one(&jobs.session.base, &self.spec)?;
            Ok(goal.add_redo_transaction(id, Some(&settings))?)
        };
        let given = hints::Given {
            skip_unavailable: Some(self.skip_unavailable),
            ..hints::Given::default()
        };
        let change = change(&add, &self.postpone, given);
        execute(
            global,
            &Wanted {
                overrides_reasons: true,
                ..change
            },
        )
    }
}

fn change<'c>(
    add: &'c dyn Fn(&Jobs<'_>, &mut Goal<'_>) -> Result<()>,
    postpone: &Postpone,
    given: hints::Given,
) -> Wanted<'c> {
    Wanted {
        allow_erasing: true,
        given,
        repeats_history: true,
        ..Wanted::new(Load::All, add).ending(postpone.ending())
    }
}

fn settings(skip_unavailable: bool) -> Result<GoalJobSettings> {
    let mut settings = GoalJobSettings::new()?;
    if skip_unavailable {
        settings.set(GoalSetting::SkipUnavailable, Some(true))?;
    }
    Ok(settings)
}

/// The number of the one transaction that is meant.
fn exactly_one(base: &Base<'_>, spec: &str) -> Result<i64> {
    match of_specs(base, &[spec])?.transactions()?.as_slice() {
        [] => bail!("No matching transaction ID found, exactly one required."),
        [transaction] => Ok(transaction.id),
        _ => bail!("Matched more than one transaction ID, exactly one required."),
    }
}
