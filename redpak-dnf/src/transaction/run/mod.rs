//! What happens while rpm runs.

mod end;
mod headers;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use librpm::{Engine, MacroGuard};
use redpak::display;
use redpak::package::Package;
use redpak::transaction::Item;
use redpak::transaction::recovery::{Change, Step as Border, steps};
use redpak::transaction::scriptlets::Expected;
use redpak_packages::WriterLock;

pub use self::headers::Headers;
use super::accounts::Declared;
use super::executor::Guard;
use super::journal::{self, Journal, Plan, Step};
use super::scriptlets::Scriptlets;
use crate::confinement::{self, Confined, Message, Owners};
use crate::databases::Databases;
use crate::failure_point;
use crate::node::Node;
use crate::progress::Steps;
use crate::session::Session;
use crate::system_state::Texts;
use libdnf5::{BoxError, EndedScript, ScriptType, TransactionCallbacks, TransactionItem};

/// What was judged, and from what.
#[derive(Debug)]
pub struct Judged {
    /// What is going to be done.
    pub plan: Plan,
    /// The packages of the leaf before.
    pub before: Headers,
}

/// What happens when the node begins to change, before rpm opens its database.
#[derive(Debug)]
pub struct Starting {
    /// Accounts that the packages declare.
    pub accounts: Declared,
    /// The root of scriptlets, where there are any.
    pub scriptlets: Option<Scriptlets>,
    /// The packages that the rpmdb may hold afterwards.
    pub expected: Expected,
}

impl Starting {
    /// The macro that leads rpm to the rpmdb, where that moves.
    fn carry_out<'e>(
        &self,
        run: (&'e Engine, &Node),
        owners: Owners,
        change: &Change,
    ) -> Result<Option<MacroGuard<'e>>> {
        let (engine, node) = run;
        let moved = match &self.scriptlets {
            Some(scriptlets) => {
                super::scriptlets::narrow_lua(engine)?;
                let packages: Vec<&Path> = change.inbound.iter().map(|package| &*package.path).collect();
                scriptlets.compose(owners, &packages)?;
                scriptlets.move_rpmdb(engine)?
            }
            None => None,
        };
        self.accounts.write(node.path())?;
        Ok(moved)
    }
}

/// Progress, and the moment when the node begins to change.
pub struct Run<'e, 's> {
    engine: &'e Engine,
    node: &'e Node,
    judged: Option<Judged>,
    starting: Starting,
    journal: Option<Journal>,
    /// What is being changed, once it is.
    change: Change,
    /// Not with the flag `justdb`.
    changes_files: bool,
    /// libdnf5's state before the run.
    state_before: Texts,
    /// Full names of the packages that rpm has begun to install.
    begun: HashSet<String>,
    /// The scriptlet that is running, and the full name of its package.
    scriptlet: Option<(String, &'static str)>,
    writer_lock: Option<WriterLock>,
    /// The imported keys before the run.
    keys: Vec<Package>,
    /// Where temporary files go when no scriptlet runs.
    temporary: Option<OsString>,
    /// Places of other file systems in the node.
    mounts: Vec<PathBuf>,
    /// Where the rpmdb is in the node.
    rpmdb: PathBuf,
    moved: Option<MacroGuard<'e>>,
    guard: Guard<'e>,
    confined: Confined,
    steps: Steps,
    script_failed: bool,
    /// It finishes an interrupted transaction, whose journal it goes on with.
    is_repair: bool,
    /// It was prepared before and waited.
    is_offline: bool,
    started: Option<Box<dyn Fn() -> Result<()> + 's>>,
}

impl<'e, 's> Run<'e, 's> {
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
            change: Change::default(),
            changes_files: true,
            state_before: Texts::new(),
            begun: HashSet::new(),
            scriptlet: None,
            writer_lock: None,
            keys: Vec::new(),
            temporary: None,
            mounts: Vec::new(),
            rpmdb: PathBuf::new(),
            moved: None,
            guard,
            confined,
            steps: Steps::new(session.messages, packages + 1 + u64::from(inbound)),
            script_failed: false,
            is_repair: false,
            is_offline: false,
            started: None,
        }
    }

    /// Calls this as the last thing before the node changes, when the journal is there.
    pub fn telling(self, started: Option<Box<dyn Fn() -> Result<()> + 's>>) -> Self {
        Self { started, ..self }
    }

    /// Finishes an interrupted transaction.
    pub fn repairing(self, is_repair: bool) -> Self {
        Self { is_repair, ..self }
    }

    fn begin(&mut self) -> Result<()> {
        // From here on librpm opens the node's own rpmdb.
        self.guard.take();
        failure_point::pass("view-dropped")?;
        let Some(judged) = self.judged.take() else {
            bail!("a transaction runs once");
        };
        self.keep_writers_out(&judged.before)?;
        self.mounts = confinement::mounts_below(self.node.path(), self.node.below()?)?;
        self.change = judged.plan.change.clone();
        self.changes_files = !judged.plan.changes_database_only();
        self.state_before = judged.plan.before.clone();
        self.is_offline = judged.plan.state.offline;
        let mut plan = Some(judged.plan);
        steps::before_run().try_for_each(|border| self.pass(border, &mut plan))?;
        confinement::seal()?;
        self.temporary = confinement::forget_temporary();
        failure_point::pass("sealed")?;
        self.started.as_ref().map_or(Ok(()), |started| started())
    }

    fn pass(&mut self, border: Border, plan: &mut Option<Plan>) -> Result<()> {
        let node = self.node.path();
        match border {
            Border::SynchronisePackages => journal::synchronise(node, &self.mounts),
            Border::WriteJournal => {
                // Once there is a journal, the next command carries the transaction out: a signal comes too late.
                self.confined.supervisor.tell(Message::Changing);
                self.journal = Some(match plan.take().filter(|_| !self.is_repair) {
                    Some(plan) => Journal::write(node, &plan)?,
                    None => Journal::open(node)?,
                });
                self.note(&Step::Run { ended: false });
                failure_point::pass("journal")
            }
            Border::ComposeRoot => {
                let run = (self.engine, self.node);
                self.moved = self.starting.carry_out(run, self.confined.owners, &self.change)?;
                failure_point::pass("composed")
            }
            _ => Ok(()),
        }
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
        self.keys = before.keys_if_still_in(self.engine, &leaf)?.with_context(|| {
            format!(
                "another program has changed the rpmdb in {} meanwhile; nothing has been changed, try again",
                display::path(leaf.directory())
            )
        })?;
        self.rpmdb = leaf.directory().to_owned();
        Ok(())
    }
}

impl TransactionCallbacks for Run<'_, '_> {
    fn before_begin(&mut self, _: u64) -> Result<(), BoxError> {
        let begun = self.begin();
        if begun.is_err() && !self.is_repair && self.journal.take().is_some() {
            // Nothing has been changed.
            self.confined.supervisor.tell(Message::InOrder);
        }
        Ok(begun?)
    }

    fn after_complete(&mut self, success: bool) {
        self.note(&Step::Run { ended: true });
        let _ = failure_point::pass("completed");
        // libdnf5 is about to delete the package files, without which what has not reached the disk is lost in a power cut. The
        // kernel tells of a failed write once: a later call would succeed.
        if success && let Err(error) = self.synchronise() {
            self.note(&Step::Unwritten);
            self.steps
                .print(&format!("{error:#}; the next command repairs the node"));
            std::process::exit(1);
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
        if let Some(package) = nevra(item) {
            self.begun.insert(package.clone());
            self.note(&Step::Install { package });
        }
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
        if let Some(package) = nevra(item) {
            self.note(&Step::Remove { package });
        }
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

    fn script_start(&mut self, item: Option<TransactionItem<'_>>, owner: &OsStr, script: ScriptType) {
        // The owner of a trigger need not be part of the transaction.
        let package = item.and_then(nevra).unwrap_or_else(|| without_epoch(owner));
        self.scriptlet = script.section().map(|section| (package, section));
        self.note_scriptlet(false, false);
        let _ = failure_point::pass("scriptlet");
    }

    fn script_stop(&mut self, ended: EndedScript<'_>) {
        self.note_scriptlet(true, ended.return_code != 0);
        self.scriptlet = None;
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

impl Run<'_, '_> {
    /// Also what lies below mounts that rpm saw in a root of its own.
    fn synchronise(&self) -> Result<()> {
        failure_point::pass("flush")?;
        journal::synchronise(self.node.path(), &self.mounts)?;
        if self.starting.scriptlets.is_some() {
            journal::synchronise(Path::new(confinement::root::BARE), &[])?;
        }
        Ok(())
    }

    /// A scriptlet failed, whether rpm minds or not.
    pub fn has_failed_scriptlet(&self) -> bool {
        self.script_failed
    }

    fn note(&mut self, step: &Step) {
        if let Some(journal) = &mut self.journal {
            journal.step(step);
        }
    }

    fn note_scriptlet(&mut self, ended: bool, failed: bool) {
        if let Some((package, scriptlet)) = self.scriptlet.clone() {
            let scriptlet = scriptlet.to_owned();
            self.note(&Step::Scriptlet {
                package,
                scriptlet,
                ended,
                failed,
            });
        }
    }

    fn failed(&self, what: &str, item: TransactionItem<'_>) {
        let package = item.package().and_then(|package| package.full_nevra());
        self.steps
            .print(&format!(">>> {what}: {}", package.unwrap_or_default().display()));
    }
}

fn nevra(item: TransactionItem<'_>) -> Option<String> {
    let nevra = item.package().and_then(|package| package.nevra()).ok()?;
    Some(nevra.to_string_lossy().into_owned())
}

/// A full name in which an epoch of 0 is left out.
fn without_epoch(full: &OsStr) -> String {
    full.to_string_lossy().replacen("-0:", "-", 1)
}
