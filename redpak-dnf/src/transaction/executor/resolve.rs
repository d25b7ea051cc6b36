//! From jobs to a transaction, or to what speaks against them.

use std::cell::RefCell;

use anyhow::Result;
use redpak::transaction::ancestors;

use super::{Executor, Known};
use crate::confinement::ProcessorTime;
use crate::session::Session;
use crate::terminal;
use crate::transaction::judge::Judge;
use crate::transaction::{Jobs, hints, refuse};
use libdnf5::{Goal, OptionPriority, Problems, Transaction};

impl<'e> Executor<'e> {
    pub(super) fn resolve<'b>(
        &self,
        session: &'b Session<'_>,
        judge: &'b Judge<'_>,
        known: &Known,
    ) -> Result<Option<Transaction<'b>>> {
        let base = &session.base;
        if let Some(allow) = self.wanted.downgrades {
            base.config().set(
                "allow_downgrade",
                if allow { "1" } else { "0" },
                OptionPriority::Commandline,
            )?;
        }
        let mut goal = Goal::new(base)?;
        goal.set_allow_erasing(self.wanted.allow_erasing)?;
        let same_name_allowed = self.is_forced();
        let jobs = Jobs {
            session,
            judge,
            same_name_allowed,
            own_reasons: known.own_reasons.as_deref(),
            keeps_outbound: known.keeps_outbound,
            refusals: RefCell::default(),
        };
        match &known.replay {
            Some(replay) => replay.add(&mut goal)?,
            None => (self.wanted.jobs)(&jobs, &mut goal)?,
        }
        known.keep(&jobs, &mut goal)?;
        refuse(&jobs.refusals.into_inner())?;
        let limit = ProcessorTime::limit()?;
        let transaction = goal.resolve()?;
        drop(limit);
        let logs = transaction.resolve_logs_as_strings()?;
        if transaction.problems()? == Problems::NO_PROBLEM {
            return Ok(Some(transaction));
        }
        if self.may_keep_outbound(known) {
            return Ok(None);
        }
        eprintln!("Failed to resolve the transaction:");
        logs.iter().for_each(|line| terminal::tell(line.display()));
        let text: Vec<String> = logs.iter().map(|line| line.to_string_lossy().into_owned()).collect();
        for (package, owner) in ancestors::mentioned(&text.join("\n"), &judge.installed_above()?) {
            eprintln!(
                "{} belongs to {owner}, which cannot be changed from here.",
                package.package
            );
        }
        hints::lines(self.wanted.given, transaction.problems()?, &text.join("\n"))
            .iter()
            .for_each(terminal::tell);
        Ok(None)
    }
}
