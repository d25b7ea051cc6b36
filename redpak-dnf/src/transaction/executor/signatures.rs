//! Signatures of the packages, and the keys that are imported for them.

use std::cell::RefCell;

use anyhow::{Result, bail};
use redpak_packages::FamilyView;

use super::report::lines;
use super::{Executor, Guard};
use crate::databases::Databases;
use crate::keys::{Import, Keys};
use crate::options::Ending;
use crate::session::{Session, checks};
use crate::transaction::judge::Hidden;
use libdnf5::Transaction;

impl<'e> Executor<'e> {
    /// A key that is imported goes to the leaf's own database, and then the view is made anew with it: the next package may be
    /// signed by an ancestor's key.
    pub(super) fn check_signatures(
        &self,
        session: &Session<'_>,
        hidden: &Hidden,
        guard: &Guard<'e>,
        transaction: &mut Transaction<'_>,
    ) -> Result<Vec<FamilyView>> {
        if self.wanted.ending != Ending::Offline {
            session.messages.say("Running transaction");
        }
        // A stored transaction has brought repositories of its own.
        checks::demand_of_repos(&session.base, self.node)?;
        let views = RefCell::new(Vec::new());
        let failed = RefCell::new(None);
        let mut keys = Keys::new(session.answers, session.default_yes).watched(|import| match import {
            Import::Begins => drop(guard.take()),
            Import::Done => match self.view_anew(hidden, guard) {
                Ok(view) => views.borrow_mut().push(view),
                Err(error) => *failed.borrow_mut() = Some(error),
            },
        });
        let good = transaction.check_gpg_signatures(&mut keys)?;
        drop(keys);
        let problems = transaction.gpg_signature_problems()?;
        if !good {
            bail!("Transaction failed: Signature verification failed.{}", lines(&problems));
        }
        if self.node.demands_signatures() && !problems.is_empty() {
            bail!(
                "The transaction is refused, nothing has been changed: a config of the family has \"gpgcheck: true\", and not every package was checked:{}",
                lines(&problems)
            );
        }
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        if guard.borrow().is_none() {
            let view = self.view_anew(hidden, guard)?;
            views.borrow_mut().push(view);
        }
        Ok(views.into_inner())
    }

    /// Located anew: the first key of a new node makes its rpmdb.
    pub(super) fn view_anew(&self, hidden: &Hidden, guard: &Guard<'e>) -> Result<FamilyView> {
        let view = self.view(&Databases::locate(self.engine, self.node)?, hidden)?;
        guard.replace(Some(view.push_dbpath(self.engine, self.node.path())?));
        Ok(view)
    }
}
