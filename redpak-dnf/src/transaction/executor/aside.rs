//! Packages are downloaded, and transactions that are not run come to their end.

use anyhow::Result;

use super::report::{description, succeeded};
use super::{Executor, Guard};
use crate::commands::Outcome;
use crate::options::Ending;
use crate::progress::Downloads;
use crate::session::{Session, checks};
use crate::transaction::{offline, store};
use libdnf5::Transaction;

impl<'e> Executor<'e> {
    pub(super) fn download(&self, session: &Session<'_>, transaction: &mut Transaction<'_>) -> Result<()> {
        store::prepare(session, &self.wanted.ending, transaction)?;
        let expected = transaction
            .transaction_packages()?
            .iter()
            .filter(|item| item.action.is_inbound())
            .count();
        self.check_space(transaction)?;
        let mut downloads = Downloads::new(session.messages, Some(expected as u64));
        transaction.download(&mut downloads)?;
        downloads.finish();
        Ok(())
    }

    /// The end of a transaction that is not run.
    pub(super) fn put_aside(&self, session: &Session<'_>, transaction: &mut Transaction<'_>) -> Result<()> {
        match &self.wanted.ending {
            Ending::Store(path) => store::write(transaction, path)?,
            Ending::Run | Ending::RunOffline | Ending::Offline | Ending::Download(_) => {}
        }
        session.messages.say("Complete!");
        Ok(())
    }

    /// What has to be downloaded fits. Downloading until the disk is full helps nobody, and ends in a riddle.
    pub(super) fn check_space(&self, transaction: &Transaction<'_>) -> Result<()> {
        let mut needed = 0;
        for item in transaction
            .transaction_packages()?
            .iter()
            .filter(|item| item.action.is_inbound())
        {
            needed += if item.package.is_available_locally()? {
                0
            } else {
                item.package.download_size()?
            };
        }
        let Ok(state) = nix::sys::statvfs::statvfs(self.node.path()) else {
            return Ok(());
        };
        let free = state.blocks_available().saturating_mul(state.fragment_size());
        anyhow::ensure!(
            needed <= free,
            "no space left for the packages on the file system of {}: {needed} bytes are needed, {free} are free",
            self.node.path().display()
        );
        Ok(())
    }

    /// The end of a transaction that is prepared for later: tested as the run would be, and kept in the node.
    pub(super) fn keep(
        &self,
        session: &Session<'_>,
        transaction: &mut Transaction<'_>,
        guard: &Guard<'e>,
    ) -> Result<Outcome> {
        offline::write(session, transaction)?;
        session.messages.say("Testing offline transaction");
        let skipped = transaction.gpg_signature_problems()?;
        let _level = checks::pin_level(self.engine, skipped.is_empty())?;
        let result = transaction.test(&mut ())?;
        if !succeeded(transaction, result, &skipped, (self.engine, self.node.path()))? {
            return Ok(Outcome::Failed);
        }
        // The cookie is that of the leaf's own rpmdb.
        guard.take();
        offline::complete(session, self.global, &description(self.global))?;
        session.messages.say(
            "Transaction stored to be performed offline. Run `redwrap-dnf offline reboot` to run the transaction. To cancel the transaction and delete the downloaded files, use `redwrap-dnf offline clean`.",
        );
        session.messages.say("Complete!");
        Ok(Outcome::Done)
    }
}
