//! What came of a run.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use redpak::display;
use redpak::transaction::scriptlets::Expected;
use redpak_rpm::{NodeDatabase, snapshot};

use super::Run;
use crate::confinement;
use crate::dnf5::RunResult;
use crate::failure_point;
use crate::transaction::journal::{self, Journal, TAMPERED};
use crate::transaction::{database_error, offline, recovery};

impl Run<'_, '_> {
    /// rpm is done, or has given up without a result. The journal goes when the rpmdb shows what came of it and nothing
    /// else, and all is on the disk. To libdnf5 a header that could not be written is a success; librpm logs
    /// why it was not.
    pub fn end(mut self, result: Option<RunResult>) -> Result<()> {
        let Some(mut journal) = self.journal.take() else {
            return Ok(());
        };
        failure_point::pass("ended")?;
        self.moved.take();
        let node = display::path(self.node.path());
        let unknown = || format!("cannot tell in which state {node} is; the next command repairs it");
        let database = self.database().with_context(unknown)?;
        if self.starting.scriptlets.is_some() {
            self.refuse_tampering(&mut journal, &database)?;
        }
        // The next command finds out.
        let Some(result) = result else { return Ok(()) };
        let succeeded = result == RunResult::Success;
        if recovery::is_in_order(self.engine, (self.root(), &database), &journal.record, succeeded)
            .with_context(unknown)?
        {
            journal::synchronise(self.node.path())?;
            if succeeded && self.leaves_journal {
                return Ok(());
            }
            if succeeded && journal.record.plan.state.offline {
                offline::forget(self.root())?;
                failure_point::pass("forgotten")?;
            }
            return journal.end();
        }
        ensure!(
            !succeeded,
            "the rpmdb of {node} does not show what has just been done: {}; the next command repairs it",
            database_error::first(self.engine).unwrap_or_else(|| "another program changed it meanwhile".into())
        );
        eprintln!("The transaction is half done in {node}; the next command finishes it.");
        Ok(())
    }

    /// The node's directory as it is, without what scriptlets saw over it.
    fn root(&self) -> &Path {
        match self.starting.scriptlets {
            Some(_) => Path::new(confinement::root::BARE),
            None => self.node.path(),
        }
    }

    /// The rpmdb, which may have been made just now.
    fn database(&self) -> redpak_rpm::Result<NodeDatabase> {
        match self.rpmdb.strip_prefix(self.node.path()) {
            Ok(inside) => NodeDatabase::locate_at(self.root(), &self.root().join(inside)),
            Err(_) => NodeDatabase::locate_at(self.root(), &self.rpmdb),
        }
    }

    /// Nothing can be refused any more, but nobody shall believe the rpmdb.
    fn refuse_tampering(&self, journal: &mut Journal, database: &NodeDatabase) -> Result<()> {
        let read = snapshot::read_with_keys(self.engine, database);
        let (packages, keys) = read.context("the rpmdb cannot be read any more after scriptlets ran")?;
        let mut found = self.starting.expected.differences(&packages.packages);
        found.extend(Expected::new(&self.keys, &[], &[]).differences(&keys));
        if found.is_empty() {
            return Ok(());
        }
        found.iter().for_each(|line| journal.step(TAMPERED, line));
        bail!(recovery::tampered(self.node, &found))
    }
}
