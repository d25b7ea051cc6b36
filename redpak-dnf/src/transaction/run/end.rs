//! What came of a run.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use redpak::display;
use redpak::transaction::recovery::Ending;
use redpak::transaction::scriptlets::Expected;
use redpak_packages::{NodeDatabase, snapshot};

use super::Run;
use crate::confinement::{self, Message};
use crate::failure_point;
use crate::system_state;
use crate::transaction::journal::{Journal, Step};
use crate::transaction::{database_error, offline, recovery};
use libdnf5::RunResult;

impl Run<'_, '_> {
    /// rpm is done, or has given up without a result. The supervisor removes the journal when the rpmdb shows what came of it and
    /// nothing else. To libdnf5 a header that could not be written is a success; librpm logs why it was not.
    pub fn end(&mut self, result: Option<RunResult>) -> Result<()> {
        let Some(mut journal) = self.journal.take() else {
            return Ok(());
        };
        failure_point::pass("ended")?;
        self.moved.take();
        confinement::restore_temporary(self.temporary.take());
        let node = display::path(self.node.path());
        let unknown = || format!("cannot tell in which state {node} is; the next command repairs it");
        let database = self.database().with_context(unknown)?;
        if self.starting.scriptlets.is_some() {
            self.refuse_tampering(&mut journal, &database)?;
        }
        // The next command finds out.
        let Some(result) = result else { return Ok(()) };
        let succeeded = result == RunResult::Success;
        let run = (&self.change, &self.begun, self.changes_files);
        let ending = recovery::ending(self.engine, (self.root(), &database), run, succeeded).with_context(unknown)?;
        ensure!(
            ending == Ending::InOrder || !succeeded,
            "the rpmdb of {node} does not show what has just been done: {}; the next command repairs it",
            database_error::first(self.engine).unwrap_or_else(|| "another program changed it meanwhile".into())
        );
        if succeeded {
            self.forget_absent(&database)?;
        }
        self.conclude(ending, succeeded)
    }

    /// libdnf5 sees the packages of ancestors as installed: it records reasons of some, and keeps those of some that went.
    fn forget_absent(&self, database: &NodeDatabase) -> Result<()> {
        let went = self
            .change
            .outbound
            .iter()
            .map(|package| package.instance.nevra.as_str());
        let went: HashSet<String> = went.filter_map(recovery::name_and_arch).collect();
        let database = database.open(self.engine)?;
        let is_installed = |name: &str| recovery::is_installed(&database, name);
        system_state::forget_absent(
            self.root(),
            &self.state_before,
            &|name| went.contains(name),
            &is_installed,
        )
    }

    /// The command did what it was asked for.
    pub fn complete(&self) {
        self.confined.supervisor.tell(Message::Complete);
    }

    fn conclude(&self, ending: Ending, succeeded: bool) -> Result<()> {
        let supervisor = &self.confined.supervisor;
        match ending {
            // The transaction that is repaired is not over yet.
            _ if self.is_repair => {}
            Ending::InOrder => {
                if succeeded && self.is_offline {
                    offline::forget(self.root())?;
                    failure_point::pass("forgotten")?;
                }
                supervisor.tell(Message::InOrder);
            }
            Ending::NeedsState => supervisor.tell(Message::NeedsState),
            Ending::NeedsRepair => {
                let node = display::path(self.node.path());
                eprintln!("The transaction is half done in {node}; the next command finishes it.");
            }
        }
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
    fn database(&self) -> redpak_packages::Result<NodeDatabase> {
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
        for line in &found {
            let package = line.clone();
            journal.step(&Step::Tampered { package });
        }
        bail!(recovery::tampered(self.node, &found))
    }
}
