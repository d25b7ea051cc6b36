//! The run of a transaction, and what is said of it.

use anyhow::{Error, Result};
use redpak::transaction::Item;

use super::report::{description, succeeded};
use super::{Executor, Guard};
use crate::commands::Outcome;
use crate::confinement::{Confined, root};
use crate::options::Ending;
use crate::session::{Session, checks};
use crate::terminal;
use crate::transaction::offline;
use crate::transaction::run::{Judged, Run, Starting};
use libdnf5::{RunResult, Transaction};

impl<'e> Executor<'e> {
    pub(super) fn run(
        &self,
        session: &Session<'_>,
        mut transaction: Transaction<'_>,
        items: &[Item],
        (judged, starting): (Judged, Starting),
        (guard, confined): (Guard<'e>, Confined),
    ) -> Result<Outcome> {
        transaction.set_description(description(self.global))?;
        if let Some(comment) = &self.global.comment {
            transaction.set_comment(comment)?;
        }
        let skipped = transaction.gpg_signature_problems()?;
        let _level = checks::pin_level(self.engine, skipped.is_empty())?;
        let abandoned = starting
            .scriptlets
            .as_ref()
            .map(|scriptlets| scriptlets.abandoned().to_owned());
        let mut run = Run::new(
            session,
            (self.engine, self.node),
            items,
            (judged, starting),
            (guard, confined),
        )
        .repairing(self.wanted.is_repair())
        .telling(
            (self.wanted.ending == Ending::RunOffline)
                .then(|| -> Box<dyn Fn() -> Result<()>> { Box::new(|| offline::started(session)) }),
        );
        // Around the run: what is captured within it leaves the log to libdnf5 then, which listens.
        let (result, _) = self.engine.capture(|| transaction.run(&mut run, &mut ()));
        let has_failed_scriptlet = run.has_failed_scriptlet();
        let result = result.map_err(Error::from);
        let ended = run.end(result.as_ref().ok().copied());
        let result = match (result, &ended) {
            // rpm before 6.0 goes on as if nothing were wrong where a scriptlet fails that could not stop a package.
            (Ok(RunResult::Success), _) if has_failed_scriptlet => RunResult::ErrorRpmRun,
            (Ok(result), _) => result,
            (Err(error), Ok(())) => return Err(error),
            (Err(error), Err(_)) => {
                terminal::tell(format_args!("{error:#}"));
                return ended.map(|()| Outcome::Failed);
            }
        };
        let has_succeeded = succeeded(&transaction, result, &skipped, (self.engine, self.node.path()))?;
        ended?;
        if !has_succeeded {
            return Ok(Outcome::Failed);
        }
        abandoned.map_or(Ok(()), |directories| root::remove_emptied(&directories))?;
        self.tell_of_pending(session)?;
        run.complete();
        Ok(Outcome::Done)
    }

    fn tell_of_pending(&self, session: &Session<'_>) -> Result<()> {
        if self.wanted.is_repair() {
            return Ok(());
        }
        if let Some(command) = offline::pending(session)? {
            terminal::tell(format_args!(
                "Warning: Pending offline transaction has been invalidated.\nTo reschedule, run: {command}"
            ));
        }
        Ok(())
    }
}
