//! `history store`

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use librpm::Engine;
use redpak_host::dir::Dir;
use redpak_host::write::{self, Existing};

use super::super::Outcome;
use super::of_specs_or_last;
use crate::confinement::in_child;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::transaction::{confine_query_but, store::TRANSACTION};

/// Stores a past transaction, for `replay`.
#[derive(Debug, Args)]
pub struct Store {
    /// Path to a directory for storing the transaction
    #[arg(short, long, value_name = "PATH", default_value = "./transaction")]
    pub output: PathBuf,
    /// Transaction [default: the last one]
    #[arg(value_name = "transaction-id")]
    pub specs: Vec<String>,
}

impl Store {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let node = Node::find(global)?;
        // While the process can still write everywhere; a child is confined, so that this one can still clean up.
        let directory = std::path::absolute(&self.output)?;
        let made = missing(&directory);
        std::fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let is_stored = in_child(|| {
            let _confined = confine_query_but(&node, std::slice::from_ref(&directory))?;
            let engine = Engine::start()?;
            let session = Session::open(&engine, &node, global)?;
            self.write(&session, &directory)
        });
        if !matches!(is_stored, Ok(true)) {
            // Only what is empty goes.
            let _ = made.iter().try_for_each(std::fs::remove_dir);
        }
        Ok(if is_stored? { Outcome::Done } else { Outcome::Failed })
    }

    fn write(&self, session: &Session<'_>, directory: &Path) -> Result<()> {
        let transactions = of_specs_or_last(&session.base, &self.specs)?;
        match transactions.size() {
            0 => bail!("No matching transaction ID found, exactly one required."),
            1 => {}
            _ => bail!("Multiple transactions selected for storing, only one allowed."),
        }
        let text = transactions.serialize(0)?;
        let file = self.output.join(TRANSACTION);
        if file.exists() {
            eprintln!("File \"{}\" already exists, it will be overwritten.", file.display());
            if !session.answers.confirm(session.default_yes) {
                bail!("Operation aborted by the user.");
            }
        }
        let (dir, name) = (Dir::open(directory)?, Path::new(TRANSACTION));
        write::within(&dir, name, text.as_encoded_bytes(), 0o644, Existing::Replace)
            .with_context(|| format!("cannot write {}", file.display()))?;
        session
            .messages
            .say(format_args!("Transaction saved to {}.", self.output.display()));
        Ok(())
    }
}

/// A directory and those that lead to it, as far as they are not there: the innermost first.
fn missing(directory: &Path) -> Vec<&Path> {
    directory
        .ancestors()
        .take_while(|path| path.symlink_metadata().is_err())
        .collect()
}
