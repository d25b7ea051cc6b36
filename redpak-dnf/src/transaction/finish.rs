//! The end of a transaction, in the process that waited for it.
//!
//! Overlays that scriptlets saw are gone with the confined process, so what they left in the node can be cleared only here;
//! and only when that is on the disk the journal may go.

use anyhow::{Result, ensure};
use redpak::transaction::recovery::{Ending, Step, steps};
use redpak_rpm::Engine;

use super::{journal, locked, offline, recovery};
use crate::confinement::{self, Ended, Message, root};
use crate::failure_point;
use crate::node::Node;
use crate::options::Global;
use crate::terminal::Messages;

/// Takes the last steps of a transaction.
pub fn finish(node: &Node, global: &Global, ended: &Ended) -> Result<()> {
    let ending = match ended {
        ended if ended.has_said(Message::InOrder) => Ending::InOrder,
        ended if ended.has_said(Message::NeedsState) => Ending::NeedsState,
        _ => Ending::NeedsRepair,
    };
    steps::at_end(ending)
        .into_iter()
        .try_for_each(|step| take(step, node, global))?;
    if ended.has_said(Message::Complete) {
        Messages::new(global).say("Complete!");
    }
    Ok(())
}

/// The journal of a repaired transaction goes.
pub fn forget(node: &Node, global: &Global) -> Result<()> {
    let is_offline = journal::interrupted(node.path())?.is_some_and(|record| record.plan.state.offline);
    if is_offline {
        offline::forget(node.path())?;
    }
    let steps = steps::at_end(Ending::InOrder).into_iter();
    steps
        .filter(|step| *step != Step::ClearRoot)
        .try_for_each(|step| take(step, node, global))
}

fn take(step: Step, node: &Node, global: &Global) -> Result<()> {
    let path = node.path();
    match step {
        Step::ClearRoot => {
            root::clear(path)?;
            failure_point::pass("cleared")
        }
        Step::RecordState => record_state(node, global),
        Step::SynchroniseNode => journal::synchronise(path),
        Step::RemoveJournal => {
            journal::remove(path)?;
            failure_point::pass("journal-removed")
        }
        Step::SynchroniseDirectory => journal::synchronise_names(path),
        _ => Ok(()),
    }
}

/// Why packages are installed that came although rpm failed.
fn record_state(node: &Node, global: &Global) -> Result<()> {
    let quiet = Global {
        quiet: true,
        ..global.clone()
    };
    confinement::leave_process_namespace()?;
    let recorded = confinement::in_child(|| {
        let confined = confinement::enter_then(&locked(node)?, |_| root::clear(node.path()))?;
        recovery::record_state(&Engine::start()?, node, &quiet, confined)
    })?;
    ensure!(
        recorded,
        "why packages are installed could not be recorded; the next command repairs it"
    );
    Ok(())
}
