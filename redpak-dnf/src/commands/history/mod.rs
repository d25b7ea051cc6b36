//! `history`: what happened in a node, and going back. A node's history knows nothing of its ancestors'.

use anyhow::Result;
use clap::{Args, Subcommand};
use librpm::Engine;

use super::Outcome;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::transaction::confine_query;
use libdnf5::{Base, History as Transactions, output};

mod change;
mod spec;
mod store;

/// What is done with past transactions.
#[derive(Debug, Subcommand)]
pub enum History {
    /// List transactions
    List(Shown),
    /// Print details about transactions
    Info(Shown),
    /// Revert all actions from the specified transaction
    Undo(change::Revert),
    /// Repeat all actions from the specified transaction
    Redo(change::Redo),
    /// Undo all transactions performed after the specified transaction
    Rollback(change::Revert),
    /// Store transaction to a file
    Store(store::Store),
}

/// Which transactions are shown, and how.
#[derive(Debug, Args)]
pub struct Shown {
    /// Reverse the order of transactions
    #[arg(long)]
    pub reverse: bool,
    /// Show only transactions that contain packages of these names (globs)
    #[arg(long, value_name = "PACKAGE_NAME,...", value_delimiter = ',')]
    pub contains_pkgs: Vec<String>,
    /// Request JSON output format
    #[arg(long)]
    pub json: bool,
    /// Transactions: ID or ID..ID, where ID is NUMBER, last or last-NUMBER
    #[arg(value_name = "transaction-id")]
    pub specs: Vec<String>,
}

impl History {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::List(_) | Self::Info(_) | Self::Store(_) => true,
            Self::Undo(_) | Self::Redo(_) | Self::Rollback(_) => false,
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::List(shown) => shown.show(global, list),
            Self::Info(shown) => shown.show(global, info),
            Self::Undo(command) => command.undo(global),
            Self::Redo(command) => command.run(global),
            Self::Rollback(command) => command.rollback(global),
            Self::Store(command) => command.run(global),
        }
    }
}

impl Shown {
    fn show(&self, global: &Global, show: fn(&Self, &Base<'_>) -> Result<()>) -> Result<Outcome> {
        let node = Node::find(global)?;
        let _confined = confine_query(&node)?;
        let engine = Engine::start()?;
        let session = Session::open(&engine, &node, global)?;
        show(self, &session.base)?;
        Ok(Outcome::Done)
    }

    fn narrow(&self, transactions: &mut Transactions<'_>) -> Result<()> {
        if !self.contains_pkgs.is_empty() {
            transactions.filter_package_names(&self.contains_pkgs)?;
        }
        if self.reverse {
            transactions.reverse()?;
        }
        Ok(())
    }
}

fn list(shown: &Shown, base: &Base<'_>) -> Result<()> {
    let mut transactions = match shown.specs.as_slice() {
        [] => Transactions::all(base)?,
        specs => of_specs(base, specs)?,
    };
    shown.narrow(&mut transactions)?;
    if transactions.size() > 0 || shown.json {
        output::history_list(&transactions, shown.json)?;
    }
    Ok(())
}

fn info(shown: &Shown, base: &Base<'_>) -> Result<()> {
    let mut transactions = of_specs_or_last(base, &shown.specs)?;
    shown.narrow(&mut transactions)?;
    if transactions.size() == 0 && shown.specs.is_empty() && !shown.json {
        println!(
            "No match found, history info defaults to considering only the last transaction, specify \"1..last\" range to search all transactions."
        );
        return Ok(());
    }
    Ok(output::history_info(&transactions, shown.json)?)
}

/// The transactions that are meant, the newest first; one that is named twice is there twice.
fn of_specs<'b, S: AsRef<str>>(base: &'b Base<'_>, specs: &[S]) -> Result<Transactions<'b>> {
    let last = Transactions::last_id(base)?;
    let mut ids = Vec::new();
    for spec in specs {
        let range = spec::parse(spec.as_ref(), last)?;
        // There is none below 1 and above the last: no number is worth a place in a list.
        ids.extend((*range.start()).max(1)..=(*range.end()).min(last));
    }
    Ok(Transactions::of_ids(base, &ids)?)
}

fn of_specs_or_last<'b>(base: &'b Base<'_>, specs: &[String]) -> Result<Transactions<'b>> {
    if specs.is_empty() {
        of_specs(base, &["last"])
    } else {
        of_specs(base, specs)
    }
}
