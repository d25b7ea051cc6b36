//! From jobs to a changed node.

use std::cell::RefCell;

use anyhow::{Result, bail};
use redpak::transaction::scriptlets::Runs;
use redpak::transaction::{Item, ancestors};
use redpak_rpm::{Engine, PackageFile, ViewGuard};

use super::descendants::{self, Change};
use super::judge::{self, Judge};
use super::run::Run;
use super::{Jobs, Wanted, refuse};
use crate::commands::Outcome;
use crate::confinement::Confined;
use crate::databases::Databases;
use crate::dnf5::{Goal, OptionPriority, Problems, RunResult, Transaction};
use crate::keys::Keys;
use crate::node::Node;
use crate::options::Global;
use crate::progress::Downloads;
use crate::session::Session;

/// Everything that a transaction stands on.
pub struct Executor<'e> {
    engine: &'e Engine,
    node: &'e Node,
    global: &'e Global,
    wanted: &'e Wanted<'e>,
    confined: Confined,
}

impl<'e> Executor<'e> {
    pub fn new(engine: &'e Engine, node: &'e Node, global: &'e Global, wanted: &'e Wanted<'e>, confined: Confined) -> Result<Self> {
        Ok(Self { engine, node, global, wanted, confined })
    }

    /// All steps.
    pub fn execute(self) -> Result<Outcome> {
        let session = Session::open(self.engine, self.node, self.global)?;
        let databases = Databases::locate(self.engine, self.node)?;
        let view = databases.view(self.engine, self.node)?;
        // Session::open() has read rpm's configuration; from here on the macro stays until it is popped.
        let guard = RefCell::new(Some(view.push_dbpath(self.engine, self.node.path())?));
        session.load(self.wanted.load)?;
        let judge = Judge::new(self.engine, &databases, &view)?;
        let Some(mut transaction) = self.resolve(&session, &judge)? else { return Ok(Outcome::Failed) };
        if transaction.is_empty()? {
            println!("Nothing to do.");
            return Ok(Outcome::Done);
        }
        let items = judge.items(&transaction)?;
        refuse(&judge.ancestors(&items, self.global.forcenode))?;
        if !session.answers.confirm(session.default_yes) {
            session.messages.say("Operation aborted by the user.");
            return Ok(Outcome::Failed);
        }
        self.download(&session, &mut transaction)?;
        if self.wanted.download_only {
            return Ok(Outcome::Done);
        }
        self.judge_files(&judge, &databases, &transaction, &items)?;
        self.check_signatures(&session, &databases, &guard, &mut transaction)?;
        self.run(&session, transaction, items, guard)
    }

    fn run(self, session: &Session<'_>, mut transaction: Transaction<'_>, items: Vec<Item>, guard: Guard<'_>) -> Result<Outcome> {
        transaction.set_description(description(self.global))?;
        if let Some(comment) = &self.global.comment {
            transaction.set_comment(comment)?;
        }
        let skipped = transaction.gpg_signature_problems()?;
        let mut run = Run::new(session, guard, items, self.confined);
        let result = transaction.run(&mut run, &mut ())?;
        report(session, &transaction, result, &skipped)
    }

    /// A key that is imported goes to the leaf's own database, and then the view is made anew with it.
    fn check_signatures(
        &self,
        session: &Session<'_>,
        databases: &Databases,
        guard: &Guard<'e>,
        transaction: &mut Transaction<'_>,
    ) -> Result<()> {
        let mut keys = Keys::new(session.answers, session.default_yes).before_import(|| drop(guard.take()));
        let good = transaction.check_gpg_signatures(&mut keys)?;
        let imported = keys.imported;
        drop(keys);
        if !good {
            bail!("Signature verification failed.{}", lines(&transaction.gpg_signature_problems()?));
        }
        if imported > 0 || guard.borrow().is_none() {
            let view = databases.view(self.engine, self.node)?;
            guard.replace(Some(view.push_dbpath(self.engine, self.node.path())?));
        }
        Ok(())
    }

    fn resolve<'b>(&self, session: &'b Session<'_>, judge: &'b Judge<'_>) -> Result<Option<Transaction<'b>>> {
        let base = &session.base;
        if let Some(allow) = self.wanted.downgrades {
            base.config().set("allow_downgrade", if allow { "1" } else { "0" }, OptionPriority::Commandline)?;
        }
        let mut goal = Goal::new(base)?;
        goal.set_allow_erasing(self.wanted.allow_erasing)?;
        let same_name_allowed = self.global.forcenode;
        let jobs = Jobs { session, judge, same_name_allowed, refusals: RefCell::default() };
        (self.wanted.jobs)(&jobs, &mut goal)?;
        refuse(&jobs.refusals.into_inner())?;
        let transaction = goal.resolve()?;
        let logs = transaction.resolve_logs_as_strings()?;
        if transaction.problems()? == Problems::NO_PROBLEM {
            logs.iter().for_each(|line| eprintln!("{}", line.display()));
            return Ok(Some(transaction));
        }
        eprintln!("Failed to resolve the transaction:");
        logs.iter().for_each(|line| eprintln!("{}", line.display()));
        let text: Vec<String> = logs.iter().map(|line| line.to_string_lossy().into_owned()).collect();
        for (package, owner) in ancestors::mentioned(&text.join("\n"), judge.installed()) {
            eprintln!("{} belongs to {owner}, which cannot be changed from here.", package.package);
        }
        Ok(None)
    }

    fn download(&self, session: &Session<'_>, transaction: &mut Transaction<'_>) -> Result<()> {
        let expected = transaction.transaction_packages()?.iter().filter(|item| item.action.is_inbound()).count();
        let mut downloads = Downloads::new(session.messages, Some(expected as u64));
        transaction.download(&mut downloads)?;
        downloads.finish();
        Ok(())
    }

    fn judge_files(&self, judge: &Judge<'_>, databases: &Databases, transaction: &Transaction<'_>, items: &[Item]) -> Result<()> {
        let files = judge::inbound(self.engine, transaction)?;
        let inbound = files.iter().map(PackageFile::package).collect::<Result<Vec<_>, _>>()?;
        refuse(&judge.files(&inbound, self.node)?)?;
        refuse_scriptlets(&judge.scriptlets(&inbound, items))?;
        if self.global.no_check_descendants {
            return Ok(());
        }
        descendants::check(self.engine, self.node, &Change::new(self.engine, databases, items, files)?)
    }
}

/// The view's macro, as long as librpm shall open the view.
pub type Guard<'e> = RefCell<Option<ViewGuard<'e>>>;

fn refuse_scriptlets(runs: &[Runs]) -> Result<()> {
    if runs.is_empty() {
        return Ok(());
    }
    let names = |runs: &Runs| runs.scriptlets.iter().map(|scriptlet| format!("%{}", scriptlet.name().display())).collect::<Vec<_>>();
    let lines = runs.iter().map(|runs| format!("\n  {} has {}", runs.package, names(runs).join(" ")));
    bail!(
        "The transaction is refused, nothing has been changed: packages with scriptlets cannot be installed or removed yet:{}",
        lines.collect::<String>()
    )
}

/// The command line, as dnf5 keeps it in the history.
fn description(global: &Global) -> String {
    let words = global.command_line.iter().enumerate().map(|(index, word)| {
        let path = std::path::Path::new(word);
        let name = if index == 0 { path.file_name().unwrap_or(word) } else { word };
        name.to_string_lossy().into_owned()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn report(session: &Session<'_>, transaction: &Transaction<'_>, result: RunResult, skipped: &[std::ffi::OsString]) -> Result<Outcome> {
    skipped.iter().for_each(|line| session.messages.say(line.display()));
    if result == RunResult::Success {
        session.messages.say("Complete!");
        return Ok(Outcome::Done);
    }
    bail!("Transaction failed: {}{}", result.text()?.display(), lines(&transaction.transaction_problems()?));
}

fn lines(problems: &[std::ffi::OsString]) -> String {
    problems.iter().map(|line| format!("\n  - {}", line.display())).collect()
}
