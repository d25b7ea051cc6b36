//! The end of a transaction, in the process that waited for it.
//!
//! Overlays that scriptlets saw are gone with the confined process, so what they left in the node can be cleared only here;
//! and only when that is on the disk the journal may go.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use librpm::Engine;
use redpak::transaction::recovery::{Ending, Step, steps};

use super::{journal, locked, offline, recovery};
use crate::confinement::{self, Ended, Message, Standby, root};
use crate::failure_point;
use crate::node::Node;
use crate::options::Global;
use crate::terminal::Messages;

/// Takes the last steps of a transaction. `standby` records why packages are installed; `mounts` are the places of other file
/// systems in the node, which this process cannot look up any more.
pub fn finish(node: &Node, global: &Global, ended: &Ended, standby: Standby, mounts: &[PathBuf]) -> Result<()> {
    let ending = match ended {
        ended if ended.has_said(Message::InOrder) => Ending::InOrder,
        ended if ended.has_said(Message::NeedsState) => Ending::NeedsState,
        _ => Ending::NeedsRepair,
    };
    let mut standby = Some(standby);
    let taken = steps::at_end(ending).into_iter().try_for_each(|step| match step {
        Step::RecordState => standby.take().map_or(Ok(()), record_state),
        step => take(step, node, mounts),
    });
    if let Some(standby) = standby {
        standby.dismiss();
    }
    taken?;
    ensure!(
        !(ended.is_success && ended.has_said(Message::Changing) && ending == Ending::NeedsRepair),
        "the transaction did not come to its end; the next command repairs the node"
    );
    if ended.has_said(Message::Complete) {
        Messages::new(global).say("Complete!");
    }
    Ok(())
}

/// The journal of a repaired transaction goes.
pub fn forget(node: &Node) -> Result<()> {
    let is_offline = journal::interrupted(node.path())?.is_some_and(|record| record.plan.state.offline);
    if is_offline {
        offline::forget(node.path())?;
    }
    let mounts = confinement::mounts_below(node.path(), node.below()?)?;
    let steps = steps::at_end(Ending::InOrder).into_iter();
    steps
        .filter(|step| *step != Step::ClearRoot)
        .try_for_each(|step| take(step, node, &mounts))
}

fn take(step: Step, node: &Node, mounts: &[PathBuf]) -> Result<()> {
    let path = node.path();
    match step {
        Step::ClearRoot => {
            root::clear(path)?;
            failure_point::pass("cleared")
        }
        Step::SynchroniseNode => journal::synchronise(path, mounts),
        Step::RemoveJournal => {
            journal::remove(path)?;
            failure_point::pass("journal-removed")
        }
        Step::SynchroniseDirectory => journal::synchronise_names(path),
        _ => Ok(()),
    }
}

fn record_state(standby: Standby) -> Result<()> {
    ensure!(
        standby.carry_out()?,
        "why packages are installed could not be recorded; the next command repairs it"
    );
    Ok(())
}

/// The process that records why packages are installed that came although rpm failed.
pub fn stand_by(node: &Node, global: &Global) -> Result<Standby> {
    let quiet = Global {
        quiet: true,
        ..global.clone()
    };
    Standby::start(|| {
        let confined = confinement::enter_then(&locked(node)?, |_| root::clear(node.path()))?;
        recovery::repair(recovery::Stage::Reasons, &Engine::start()?, node, &quiet, confined)
    })
}
