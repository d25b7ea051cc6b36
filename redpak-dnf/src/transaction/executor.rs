//! From jobs to a changed node.

use std::cell::RefCell;
use std::ffi::OsString;

use anyhow::{Result, bail};
use redpak::package::Package;
use redpak::transaction::scriptlets::Runs;
use redpak::transaction::{Item, ancestors};
use redpak_rpm::{Engine, PackageFile, ViewGuard};

use super::accounts::Accounts;
use super::descendants::{self, Change};
use super::hints;
use super::journal::Plan;
use super::judge::{self, Judge};
use super::run::Run;
use super::{Jobs, Wanted, refuse};
use crate::commands::Outcome;
use crate::confinement::{self, Confined};
use crate::databases::Databases;
use crate::dnf5::output;
use crate::dnf5::{Action, Goal, OptionPriority, Problems, RunResult, Transaction};
use crate::keys::Keys;
use crate::node::Node;
use crate::options::Global;
use crate::progress::{Downloads, whole_size};
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
    pub fn new(
        engine: &'e Engine,
        node: &'e Node,
        global: &'e Global,
        wanted: &'e Wanted<'e>,
        confined: Confined,
    ) -> Self {
        Self {
            engine,
            node,
            global,
            wanted,
            confined,
        }
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
        let Some(mut transaction) = self.resolve(&session, &judge)? else {
            return Ok(Outcome::Failed);
        };
        if transaction.is_empty()? {
            println!("Nothing to do.");
            return Ok(Outcome::Done);
        }
        let items = judge.items(&transaction)?;
        refuse(&judge.ancestors(&items, self.global.forcenode))?;
        if !self.wanted.is_repair && !self.is_confirmed(&session, &transaction)? {
            session.messages.say("Operation aborted by the user.");
            return Ok(Outcome::Failed);
        }
        self.download(&session, &mut transaction)?;
        if self.wanted.download_only {
            session.messages.say("Complete!");
            return Ok(Outcome::Done);
        }
        let files = judge::inbound(self.engine, &transaction)?;
        let inbound = files.iter().map(PackageFile::package).collect::<Result<Vec<_>, _>>()?;
        let plan = self.judge_files(&judge, &databases, (files, &inbound), &items)?;
        self.check_signatures(&session, &databases, &guard, &mut transaction)?;
        let _accounts = Accounts::provide(self.engine, self.node, self.confined.owners, &inbound)?;
        self.run(&session, transaction, items, plan, guard)
    }

    /// dnf5's table and question.
    fn is_confirmed(&self, session: &Session<'_>, transaction: &Transaction<'_>) -> Result<bool> {
        output::transaction(transaction)?;
        sizes(session, transaction)?;
        Ok(session.answers.confirm(session.default_yes))
    }

    fn run(
        self,
        session: &Session<'_>,
        mut transaction: Transaction<'_>,
        items: Vec<Item>,
        plan: Plan,
        guard: Guard<'e>,
    ) -> Result<Outcome> {
        transaction.set_description(description(self.global))?;
        if let Some(comment) = &self.global.comment {
            transaction.set_comment(comment)?;
        }
        let skipped = transaction.gpg_signature_problems()?;
        confinement::forget_temporary();
        let mut run = Run::new(session, guard, items, self.confined, (self.node.path(), plan));
        let result = transaction.run(&mut run, &mut ())?;
        run.end()?;
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
            bail!(
                "Signature verification failed.{}",
                lines(&transaction.gpg_signature_problems()?)
            );
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
            base.config().set(
                "allow_downgrade",
                if allow { "1" } else { "0" },
                OptionPriority::Commandline,
            )?;
        }
        let mut goal = Goal::new(base)?;
        goal.set_allow_erasing(self.wanted.allow_erasing)?;
        let same_name_allowed = self.global.forcenode;
        let jobs = Jobs {
            session,
            judge,
            same_name_allowed,
            refusals: RefCell::default(),
        };
        (self.wanted.jobs)(&jobs, &mut goal)?;
        refuse(&jobs.refusals.into_inner())?;
        let transaction = goal.resolve()?;
        let logs = transaction.resolve_logs_as_strings()?;
        if transaction.problems()? == Problems::NO_PROBLEM {
            output::resolve_logs(&transaction)?;
            return Ok(Some(transaction));
        }
        eprintln!("Failed to resolve the transaction:");
        logs.iter().for_each(|line| eprintln!("{}", line.display()));
        let text: Vec<String> = logs.iter().map(|line| line.to_string_lossy().into_owned()).collect();
        for (package, owner) in ancestors::mentioned(&text.join("\n"), judge.installed()) {
            eprintln!(
                "{} belongs to {owner}, which cannot be changed from here.",
                package.package
            );
        }
        hints::lines(self.wanted.given, transaction.problems()?, &text.join("\n"))
            .iter()
            .for_each(|line| eprintln!("{line}"));
        Ok(None)
    }

    fn download(&self, session: &Session<'_>, transaction: &mut Transaction<'_>) -> Result<()> {
        if self.wanted.download_only {
            session
                .messages
                .say("The operation will only download packages for the transaction.");
        }
        let expected = transaction
            .transaction_packages()?
            .iter()
            .filter(|item| item.action.is_inbound())
            .count();
        let mut downloads = Downloads::new(session.messages, Some(expected as u64));
        transaction.download(&mut downloads)?;
        downloads.finish();
        Ok(())
    }

    /// The rules about files, scriptlets and the nodes below; what they let through is the plan.
    fn judge_files(
        &self,
        judge: &Judge<'_>,
        databases: &Databases,
        (files, inbound): (Vec<PackageFile<'e>>, &[Package]),
        items: &[Item],
    ) -> Result<Plan> {
        refuse(&judge.files(inbound, self.node)?)?;
        refuse_scriptlets(&judge.scriptlets(inbound, items))?;
        let paths = files.iter().map(|file| file.path().to_owned()).collect::<Vec<_>>();
        if !self.global.no_check_descendants && !self.wanted.is_repair {
            descendants::check(
                self.engine,
                self.node,
                &Change::new(self.engine, databases, items, files)?,
            )?;
        }
        Ok(judge.plan(description(self.global), inbound, paths, items))
    }
}

/// The view's macro, as long as librpm shall open the view.
pub type Guard<'e> = RefCell<Option<ViewGuard<'e>>>;

fn refuse_scriptlets(runs: &[Runs]) -> Result<()> {
    if runs.is_empty() {
        return Ok(());
    }
    let names = |runs: &Runs| {
        runs.scriptlets
            .iter()
            .map(|scriptlet| format!("%{}", scriptlet.name().display()))
            .collect::<Vec<_>>()
    };
    let lines = runs
        .iter()
        .map(|runs| format!("\n  {} has {}", runs.package, names(runs).join(" ")));
    bail!(
        "The transaction is refused, nothing has been changed: packages with scriptlets cannot be installed or removed yet:{}",
        lines.collect::<String>()
    )
}

/// dnf5's sentences about bytes: what is downloaded, and what the node will hold more or less.
fn sizes(session: &Session<'_>, transaction: &Transaction<'_>) -> Result<()> {
    let (mut inbound, mut missing, mut installed, mut removed) = (0, 0, 0, 0);
    for item in transaction.transaction_packages()? {
        if item.action.is_inbound() {
            let size = item.package.download_size()?;
            inbound += size;
            missing += if item.package.is_available_locally()? { 0 } else { size };
            installed += item.package.install_size()?;
        } else if matches!(item.action, Action::Remove | Action::Replaced) {
            removed += item.package.install_size()?;
        }
    }
    if inbound > 0 {
        session.messages.say(format_args!(
            "Total size of inbound packages is {}. Need to download {}.",
            whole_size(inbound),
            whole_size(missing)
        ));
    }
    let (install, remove) = (whole_size(installed), whole_size(removed));
    let difference = whole_size(installed.abs_diff(removed));
    session.messages.say(match installed >= removed {
        true => format!("After this operation, {difference} extra will be used (install {install}, remove {remove})."),
        false => format!("After this operation, {difference} will be freed (install {install}, remove {remove})."),
    });
    Ok(())
}

/// The command line, as dnf5 keeps it in the history.
fn description(global: &Global) -> String {
    let words = global.command_line.iter().enumerate().map(|(index, word)| {
        let path = std::path::Path::new(word);
        let name = if index == 0 {
            path.file_name().unwrap_or(word)
        } else {
            word
        };
        name.to_string_lossy().into_owned()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn report(
    session: &Session<'_>,
    transaction: &Transaction<'_>,
    result: RunResult,
    skipped: &[OsString],
) -> Result<Outcome> {
    let failed = result != RunResult::Success;
    if failed {
        eprintln!("Transaction failed: {}", result.text()?.display());
    }
    skipped.iter().for_each(|line| eprintln!("{}", line.display()));
    if failed {
        transaction
            .transaction_problems()?
            .iter()
            .for_each(|line| eprintln!("  - {}", line.display()));
        return Ok(Outcome::Failed);
    }
    session.messages.say("Complete!");
    Ok(Outcome::Done)
}

fn lines(problems: &[OsString]) -> String {
    problems
        .iter()
        .map(|line| format!("\n  - {}", line.display()))
        .collect()
}
