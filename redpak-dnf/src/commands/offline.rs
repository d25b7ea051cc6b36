//! `offline`: a transaction that was prepared with `--offline`. A node has nothing that runs while it changes, so
//! nothing is booted: `reboot` carries the transaction out.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use librpm::Engine;
use serde::Serialize;

use super::Outcome;
use crate::json;
use crate::node::Node;
use crate::options::{Ending, Global};
use crate::session::Session;
use crate::terminal;
use crate::transaction::{Jobs, Wanted, change_node, confine_query, execute, offline};
use libdnf5::{Goal, GoalJobSettings, Load, Offline as State, OfflineField};

/// What is done with the transaction that waits.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Offline {
    /// Remove any stored offline transaction and delete cached package files
    Clean,
    /// Carry the offline transaction out, now: a node is not booted
    Reboot,
    /// Show status of the current offline transaction
    Status(Shown),
}

/// How the status is shown.
#[derive(Debug, Clone, Copy, Args)]
pub struct Shown {
    /// Request JSON output format
    #[arg(long)]
    json: bool,
}

/// What is known of a transaction that waits.
#[derive(Serialize)]
struct Stored {
    status: String,
    command_line: String,
    is_valid: bool,
}

impl Offline {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::Status(_) => true,
            Self::Clean | Self::Reboot => false,
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::Clean => change_node(global, offline::clean),
            Self::Reboot => reboot(global),
            Self::Status(shown) => status(global, shown.json),
        }
    }
}

fn reboot(global: &Global) -> Result<Outcome> {
    execute(
        global,
        &Wanted {
            allow_erasing: true,
            prepare: &offline::begin,
            ..Wanted::new(Load::System, &|jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
                let stored = offline::transaction(&jobs.session.base)?;
                Ok(goal.add_serialized_transaction(stored, Some(&GoalJobSettings::new()?))?)
            })
            .ending(Ending::RunOffline)
        },
    )
}

fn status(global: &Global, json: bool) -> Result<Outcome> {
    let node = Node::find(global)?;
    let _confined = confine_query(&node)?;
    let engine = Engine::start()?;
    let session = Session::open(&engine, &node, global)?;
    let state = State::read(&session.base)?;
    offline::require_readable(&state)?;
    if json {
        json::print(&stored(&state)?)?;
        return Ok(Outcome::Done);
    }
    let command = state.get(OfflineField::CmdLine)?;
    let command = command.display();
    match state.get(OfflineField::Status)?.to_string_lossy().as_ref() {
        "" | offline::DOWNLOAD_INCOMPLETE => println!("No offline transaction is stored."),
        offline::DOWNLOAD_COMPLETE | offline::READY if state.check_rpmdb_cookie()? => terminal::show(format_args!(
            "An offline transaction was initiated by the following command:\n\t{command}\nRun `redwrap-dnf offline reboot` to perform the offline transaction."
        )),
        offline::DOWNLOAD_COMPLETE | offline::READY => terminal::show(format_args!(
            "The system has been modified since the offline transaction was prepared. The offline transaction initiated by the following command is no longer valid:\n  {command}\nTo reschedule, run the command above. To clean up, run `redwrap-dnf offline clean`."
        )),
        offline::TRANSACTION_INCOMPLETE => terminal::show(format_args!(
            "An offline transaction was started, but it did not finish. The command that initiated the transaction was:\n\t{command}"
        )),
        unknown => bail!("Unknown offline transaction status: {unknown}"),
    }
    Ok(Outcome::Done)
}

/// The transaction that waits or did not finish, as a list: there may be none.
fn stored(state: &State<'_>) -> Result<Vec<Stored>> {
    let status = json::text(state.get(OfflineField::Status)?);
    let is_valid = match status.as_str() {
        "" | offline::DOWNLOAD_INCOMPLETE => return Ok(Vec::new()),
        offline::DOWNLOAD_COMPLETE | offline::READY => state.check_rpmdb_cookie()?,
        offline::TRANSACTION_INCOMPLETE => false,
        unknown => bail!("Unknown offline transaction status: {unknown}"),
    };
    Ok(vec![Stored {
        status,
        command_line: json::text(state.get(OfflineField::CmdLine)?),
        is_valid,
    }])
}
