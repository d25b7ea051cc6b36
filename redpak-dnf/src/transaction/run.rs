//! What happens while rpm runs.

use std::ffi::OsStr;
use std::path::Path;

use redpak::transaction::Item;

use super::executor::Guard;
use super::journal::{Journal, Plan};
use crate::confinement::{self, Confined};
use crate::dnf5::{BoxError, ScriptType, TransactionCallbacks, TransactionItem};
use crate::progress::Steps;
use crate::session::Session;

/// Progress, and the moment when the node begins to change.
pub struct Run<'e> {
    node: &'e Path,
    plan: Plan,
    journal: Option<Journal>,
    guard: Guard<'e>,
    confined: Confined,
    steps: Steps,
}

impl<'e> Run<'e> {
    pub fn new(
        session: &Session<'_>,
        guard: Guard<'e>,
        items: Vec<Item>,
        confined: Confined,
        (node, plan): (&'e Path, Plan),
    ) -> Self {
        session.messages.say("Running transaction");
        let inbound = items.iter().any(|item| item.action.is_inbound());
        let packages = items.len() as u64;
        Self {
            node,
            plan,
            journal: None,
            guard,
            confined,
            steps: Steps::new(session.messages, packages + 1 + u64::from(inbound)),
        }
    }
}

impl TransactionCallbacks for Run<'_> {
    fn before_begin(&mut self, _: u64) -> Result<(), BoxError> {
        self.journal = Some(Journal::begin(self.node, &self.plan)?);
        confinement::seal()?;
        confinement::forget_temporary();
        self.confined.running.announce();
        // From here on librpm opens the node's own rpmdb.
        self.guard.take();
        Ok(())
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
        self.step("install", item);
        self.steps.start_package(item, total);
    }

    fn install_progress(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        self.steps.advance(amount);
    }

    fn install_stop(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        self.steps.stop(amount);
    }

    fn uninstall_start(&mut self, item: TransactionItem<'_>, total: u64) {
        self.step("remove", item);
        self.steps.start_package(item, total);
    }

    fn uninstall_progress(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        self.steps.advance(amount);
    }

    fn uninstall_stop(&mut self, _: TransactionItem<'_>, amount: u64, _: u64) {
        self.steps.stop(amount);
    }

    fn script_start(&mut self, _: Option<TransactionItem<'_>>, nevra: &OsStr, script: ScriptType) {
        self.steps.scriptlet("Running", script, nevra);
    }

    fn script_stop(&mut self, _: Option<TransactionItem<'_>>, nevra: &OsStr, script: ScriptType, return_code: u64) {
        match return_code {
            0 => self.steps.scriptlet("Finished", script, nevra),
            _ => self.steps.scriptlet("Non-critical error in", script, nevra),
        }
    }

    fn script_error(&mut self, _: Option<TransactionItem<'_>>, nevra: &OsStr, script: ScriptType, return_code: u64) {
        self.steps
            .scriptlet(&format!("Error (status {return_code}) in"), script, nevra);
    }

    fn unpack_error(&mut self, item: TransactionItem<'_>) {
        self.failed("Unpack error", item);
    }

    fn cpio_error(&mut self, item: TransactionItem<'_>) {
        self.failed("Cpio error", item);
    }
}

impl Run<'_> {
    /// rpm is done, whatever came of it.
    pub fn end(self) -> anyhow::Result<()> {
        self.journal.map_or(Ok(()), Journal::end)
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
