//! What users are shown and asked before anything is done.

use anyhow::Result;

use super::Executor;
use crate::options::Ending;
use crate::progress::whole_size;
use crate::session::Session;
use crate::terminal;
use crate::transaction::judge::Judge;
use crate::transaction::{leaves, offline};
use libdnf5::output;
use libdnf5::{Action, Transaction};

impl Executor<'_> {
    /// dnf5's table and question.
    pub(super) fn is_confirmed(
        &self,
        session: &Session<'_>,
        judge: &Judge<'_>,
        transaction: &Transaction<'_>,
    ) -> Result<bool> {
        output::transaction(transaction)?;
        if self.global.show_new_leaves {
            leaves::show(session, judge, transaction)?;
        }
        sizes(session, transaction, self.wanted.ending != Ending::RunOffline)?;
        match &self.wanted.ending {
            Ending::Run => {
                if let Some(command) = offline::pending(session)? {
                    terminal::tell(format_args!(
                        "Warning: A pending offline transaction initiated by the following command will be invalidated: {command}"
                    ));
                }
            }
            Ending::Offline | Ending::RunOffline => {}
            Ending::Download(_) => session
                .messages
                .say("The operation will only download packages for the transaction."),
            Ending::Store(path) => session.messages.say(format_args!(
                "The operation will only store the transaction in {}",
                path.display()
            )),
        }
        let is_confirmed = session.answers.confirm(session.default_yes);
        if is_confirmed && self.wanted.ending == Ending::Offline {
            return offline::may_replace(session);
        }
        Ok(is_confirmed)
    }
}

/// dnf5's sentences about bytes: what is downloaded, if anything can be, and what the node will hold more or less.
fn sizes(session: &Session<'_>, transaction: &Transaction<'_>, is_download: bool) -> Result<()> {
    let (mut inbound, mut missing, mut installed, mut removed) = (0, 0, 0, 0);
    for item in transaction.transaction_packages()? {
        if item.action.is_inbound() {
            let size = item.package.download_size()?;
            inbound += size;
            let is_missing = is_download && !item.package.is_available_locally()?;
            missing += if is_missing { size } else { 0 };
            installed += item.package.install_size()?;
        } else if matches!(item.action, Action::Remove | Action::Replaced) {
            removed += item.package.install_size()?;
        }
    }
    if inbound > 0 {
        session.messages.say(format_args!(
            "Total size of inbound packages is {}. Need to download {}.",
            whole_size(inbound),
            whole_size(missing)
        ));
    }
    let (install, remove) = (whole_size(installed), whole_size(removed));
    let difference = whole_size(installed.abs_diff(removed));
    session.messages.say(match installed >= removed {
        true => format!("After this operation, {difference} extra will be used (install {install}, remove {remove})."),
        false => format!("After this operation, {difference} will be freed (install {install}, remove {remove})."),
    });
    Ok(())
}
