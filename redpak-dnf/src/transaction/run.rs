//! What happens while rpm runs.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use redpak::display;
use redpak::transaction::Item;
use redpak_rpm::{Engine, Fingerprint, NodeDatabase, WriterLock};

use super::accounts::Declared;
use super::executor::Guard;
use super::journal::{self, INSTALL, Journal, Plan, REMOVE};
use super::recovery;
use super::scriptlets::Scriptlets;
use crate::confinement::{self, Confined, Owners};
use crate::databases::Databases;
use crate::dnf5::{BoxError, EndedScript, TransactionCallbacks, TransactionItem};
use crate::failure_point;
use crate::node::Node;
use crate::progress::Steps;
use crate::session::Session;

/// What was judged, and from what.
#[derive(Debug)]
pub struct Judged {
    /// What is going to be done.
    pub plan: Plan,
    /// The packages of the leaf before.
    pub before: Headers,
}

/// What tells whether the headers in an rpmdb changed.
#[derive(Debug, Clone)]
pub struct Headers {
    fingerprint: Fingerprint,
    /// Numbers and digests.
    headers: Vec<(u32, Option<String>)>,
}

impl Headers {
    /// Reads them; imported keys do not count.
    pub fn read(engine: &Engine, leaf: &NodeDatabase) -> redpak_rpm::Result<Self> {
        let fingerprint = leaf.fingerprint()?;
        let opened = leaf.open(engine)?;
        let mut headers = Vec::new();
        for header in opened.headers()? {
            let header = header?;
            if !header.is_public_key() {
                // A digest that cannot be read is none, before as after.
                headers.push((header.number_in_database(), header.digest().ok().flatten()));
            }
        }
        headers.sort();
        Ok(Self { fingerprint, headers })
    }

    /// Whether they are in that rpmdb still. Where its files have not been touched, none has to be read.
    fn are_still_in(&self, engine: &Engine, leaf: &NodeDatabase) -> redpak_rpm::Result<bool> {
        Ok(leaf.fingerprint()? == self.fingerprint || Self::read(engine, leaf)?.headers == self.headers)
    }
}

/// What happens when the node begins to change, before rpm opens its database.
#[derive(Debug)]
pub struct Starting {
    /// Accounts that the packages declare.
    pub accounts: Declared,
    /// The root of scriptlets, where there are any.
    pub scriptlets: Option<Scriptlets>,
}

impl Starting {
    fn carry_out(&self, node: &Path, owners: Owners) -> Result<()> {
        self.scriptlets.as_ref().map_or(Ok(()), |some| some.compose(owners))?;
        self.accounts.write(node)
    }
}

/// Progress, and the moment when the node begins to change.
pub struct Run<'e> {
    engine: &'e Engine,
    node: &'e Node,
    judged: Option<Judged>,
    starting: Starting,
    journal: Option<Journal>,
    writer_lock: Option<WriterLock>,
    guard: Guard<'e>,
    confined: Confined,
    steps: Steps,
    script_failed: bool,
}

impl<'e> Run<'e> {
    pub fn new(
        session: &Session<'_>,
        (engine, node): (&'e Engine, &'e Node),
        items: &[Item],
        (judged, starting): (Judged, Starting),
        (guard, confined): (Guard<'e>, Confined),
    ) -> Self {
        let inbound = items.iter().any(|item| item.action.is_inbound());
        let packages = items.len() as u64;
        Self {
            engine,
            node,
            judged: Some(judged),
            starting,
            journal: None,
            writer_lock: None,
            guard,
            confined,
            steps: Steps::new(session.messages, packages + 1 + u64::from(inbound)),
            script_failed: false,
        }
    }

    fn begin(&mut self) -> Result<()> {
        // From here on librpm opens the node's own rpmdb.
        self.guard.take();
        failure_point::pass("view-dropped")?;
        let Some(judged) = self.judged.take() else {
            bail!("a transaction runs once");
        };
        self.keep_writers_out(&judged.before)?;
        self.journal = Some(Journal::begin(self.node.path(), judged.plan)?);
        failure_point::pass("journal")?;
        if self.starting.scriptlets.is_some() {
            super::scriptlets::narrow_lua(self.engine)?;
        }
        self.starting.carry_out(self.node.path(), self.confined.owners)?;
        failure_point::pass("composed")?;
        confinement::seal()?;
        confinement::forget_temporary();
        self.confined.running.announce();
        failure_point::pass("sealed")
    }

    /// No other program of rpm writes the rpmdb, and none has since the transaction was resolved.
    fn keep_writers_out(&mut self, before: &Headers) -> Result<()> {
        let leaf = Databases::locate(self.engine, self.node)?.leaf;
        let steps = &self.steps;
        let waiting = |lock: &Path| {
            steps.print(&format!(
                "Waiting for another program of rpm, which holds {}.",
                display::path(lock)
            ));
        };
        self.writer_lock = WriterLock::acquire(&leaf, waiting)?;
        ensure!(
            before.are_still_in(self.engine, &leaf)?,
            "another program has changed the rpmdb in {} meanwhile; nothing has been changed, try again",
            display::path(leaf.directory())
        );
        Ok(())
    }
}

impl TransactionCallbacks for Run<'_> {
    fn before_begin(&mut self, _: u64) -> Result<(), BoxError> {
        let begun = self.begin();
        if begun.is_err()
            && let Some(journal) = self.journal.take()
        {
            // Nothing has been changed.
            journal.end()?;
        }
        Ok(begun?)
    }

    fn after_complete(&mut self, success: bool) {
        let _ = failure_point::pass("completed");
        // libdnf5 is about to delete the package files, without which what has not reached the disk is lost in a power cut.
        if success && let Err(error) = journal::synchronise(self.node.path()) {
            self.steps.print(&format!("{error:#}"));
        }
    }

    fn verify_start(&mut self, total: u64) {
        self.steps.start("Verify package files", total);
    }

    fn verify_progress(&mut self, amount: u64, _: u64) {
        self.steps.advance(amount);
    }

    fn verify_stop(&mut self, total: u64) {
        self.steps.stop(total);
    }

    fn transaction_start(&mut self, total: u64) {
        self.steps.start("Prepare transaction", total);
    }

    fn transaction_progress(&mut self, amount: u64, _: u64) {
        self.steps.advance(amount);
    }

    fn transaction_stop(&mut self, total: u64) {
        self.steps.stop(total);
    }

    fn install_start(&mut self, item: TransactionItem<'_>, total: u64) {
        self.step(INSTALL, item);
        let _ = failure_point::pass("install");
        self.steps.start_package(item, total);
    }

    fn install_progress(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        let _ = failure_point::pass("unpacked");
        self.steps.advance(amount);
    }

    fn install_stop(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        let _ = failure_point::pass("installed");
        self.steps.stop(amount);
    }

    fn uninstall_start(&mut self, item: TransactionItem<'_>, total: u64) {
        self.step(REMOVE, item);
        let _ = failure_point::pass("remove");
        self.steps.start_package(item, total);
    }

    fn uninstall_progress(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        self.steps.advance(amount);
    }

    fn uninstall_stop(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        let _ = failure_point::pass("removed");
        self.steps.stop(amount);
    }

    fn script_stop(&mut self, ended: EndedScript<'_>) {
        self.script_failed |= ended.return_code != 0;
        confinement::end_others();
        self.steps.end_scriptlet(&ended);
    }

    fn unpack_error(&mut self, item: TransactionItem<'_>) {
        self.failed("Unpack error", item);
    }

    fn cpio_error(&mut self, item: TransactionItem<'_>) {
        self.failed("Cpio error", item);
    }
}

impl Run<'_> {
    /// A scriptlet failed, whether rpm minds or not.
    pub fn has_failed_scriptlet(&self) -> bool {
        self.script_failed
    }

    /// rpm is done. The journal goes when the rpmdb shows what came of it, and all is on the disk.
    pub fn end(self, succeeded: bool) -> Result<()> {
        let Some(journal) = self.journal else { return Ok(()) };
        failure_point::pass("ended")?;
        let node = display::path(self.node.path());
        let is_in_order = recovery::is_in_order(self.engine, self.node, &journal.record, succeeded);
        let is_in_order = is_in_order
            .with_context(|| format!("cannot tell in which state {node} is; the next command repairs it"))?;
        if is_in_order {
            journal::synchronise(self.node.path())?;
            return journal.end();
        }
        ensure!(
            !succeeded,
            "the rpmdb of {node} does not show what has just been done: another program changed it meanwhile; \
             the next command repairs it"
        );
        eprintln!("The transaction is half done in {node}; the next command finishes it.");
        Ok(())
    }

    fn step(&mut self, step: &str, item: TransactionItem<'_>) {
        let package = item.package().and_then(|package| package.nevra());
        if let (Some(journal), Ok(package)) = (&mut self.journal, package) {
            journal.step(step, &package.to_string_lossy());
        }
    }

    fn failed(&self, what: &str, item: TransactionItem<'_>) {
        let package = item.package().and_then(|package| package.full_nevra());
        self.steps
            .print(&format!(">>> {what}: {}", package.unwrap_or_default().display()));
    }
}
