//! From jobs to a changed node.

use std::cell::RefCell;
use std::ffi::OsString;

use anyhow::{Context, Result, bail};
use redpak::package::Package;
use redpak::transaction::scriptlets::tampering;
use redpak::transaction::{Item, ancestors};
use redpak_rpm::{Engine, FamilyView, PackageFile, ViewGuard, snapshot};

use super::accounts::{Accounts, Declared};
use super::descendants::{self, Change};
use super::forced;
use super::hints;
use super::judge::{self, Hidden, Judge};
use super::run::{Judged, Run, Starting};
use super::scriptlets::Scriptlets;
use super::{Jobs, Wanted, leaves, offline, refuse, store};
use crate::commands::Outcome;
use crate::confinement::Confined;
use crate::databases::Databases;
use crate::dnf5::output;
use crate::dnf5::{Action, Goal, OptionPriority, Problems, RunResult, Transaction};
use crate::failure_point;
use crate::keys::{Import, Keys};
use crate::node::Node;
use crate::options::{Ending, Global};
use crate::progress::{Downloads, whole_size};
use crate::session::{Session, checks};

/// Everything that a transaction stands on.
pub struct Executor<'e> {
    engine: &'e Engine,
    node: &'e Node,
    global: &'e Global,
    wanted: &'e Wanted<'e>,
    confined: RefCell<Option<Confined>>,
}

/// What came of one attempt.
enum Attempt {
    /// The command is done.
    Ended(Outcome),
    /// With `--forcenode`: these packages of ancestors have to be out of sight, or rpm takes the new ones for upgrades.
    Hiding(Hidden),
}

impl<'e> Executor<'e> {
    pub fn new(
        engine: &'e Engine,
        node: &'e Node,
        global: &'e Global,
        wanted: &'e Wanted<'e>,
        confined: Confined,
    ) -> Self {
        let confined = RefCell::new(Some(confined));
        Self {
            engine,
            node,
            global,
            wanted,
            confined,
        }
    }

    /// All steps.
    pub fn execute(&self) -> Result<Outcome> {
        let databases = Databases::locate(self.engine, self.node)?;
        match self.attempt(&databases, &Hidden::default())? {
            Attempt::Ended(outcome) => Ok(outcome),
            Attempt::Hiding(hidden) => match self.attempt(&databases, &hidden)? {
                Attempt::Ended(outcome) => Ok(outcome),
                Attempt::Hiding(_) => bail!("packages of ancestors stay in the way of --forcenode"),
            },
        }
    }

    fn view(&self, databases: &Databases, hidden: &Hidden) -> Result<FamilyView> {
        let view = databases.view(self.engine, self.node)?;
        Ok(if hidden.is_empty() {
            view
        } else {
            view.without(&hidden.numbers)?
        })
    }

    fn attempt(&self, databases: &Databases, hidden: &Hidden) -> Result<Attempt> {
        let session = Session::open(self.engine, self.node, self.global)?;
        session.enable_repos(self.wanted.from_repo)?;
        (self.wanted.prepare)(&session)?;
        let view = self.view(databases, hidden)?;
        // Session::open() has read rpm's configuration; from here on the macro stays until it is popped.
        let guard = RefCell::new(Some(view.push_dbpath(self.engine, self.node.path())?));
        session.load(self.wanted.load)?;
        let judge = Judge::new(self.engine, databases, &view)?;
        let Some(mut transaction) = self.resolve(&session, &judge)? else {
            return Ok(Attempt::Ended(Outcome::Failed));
        };
        failure_point::pass("resolved")?;
        if transaction.is_empty()? {
            if !self.wanted.is_repair {
                println!("Nothing to do.");
            }
            return Ok(Attempt::Ended(Outcome::Done));
        }
        let mut items = judge.items(&transaction)?;
        if !self.wanted.marks {
            items.retain(|item| !ancestors::is_mark(item));
        }
        if self.global.forcenode {
            let doubled = judge.doubled(&items)?;
            if !doubled.is_empty() {
                return Ok(Attempt::Hiding(doubled));
            }
        }
        refuse(&judge.ancestors(&items, self.global.forcenode)?)?;
        if !self.wanted.is_repair && !self.is_confirmed(&session, &judge, &transaction)? {
            eprintln!("Operation aborted by the user.");
            return Ok(Attempt::Ended(Outcome::Failed));
        }
        match self.wanted.ending {
            Ending::RunOffline => offline::use_packages(&session)?,
            _ => self.download(&session, &mut transaction)?,
        }
        if !self.wanted.ending.is_run() && self.wanted.ending != Ending::Offline {
            self.put_aside(&session, &mut transaction)?;
            return Ok(Attempt::Ended(Outcome::Done));
        }
        failure_point::pass("downloaded")?;
        let files = judge::inbound(self.engine, &transaction)?;
        let inbound = files.iter().map(PackageFile::package).collect::<Result<Vec<_>, _>>()?;
        let judged = self.judge_files(&judge, databases, (files, &inbound), &items)?;
        let _views = self.check_signatures(&session, hidden, &guard, &mut transaction)?;
        if self.wanted.ending == Ending::Offline {
            return self.keep(&session, &mut transaction, &guard).map(Attempt::Ended);
        }
        let Some(confined) = self.confined.take() else {
            bail!("a transaction runs once in a process")
        };
        if self.global.forcenode {
            forced::record(self.node.path(), hidden.names())?;
        }
        let going = judge.going(&items)?;
        let starting = Starting {
            accounts: Declared::of(self.node, &inbound),
            scriptlets: Scriptlets::of(self.node, databases, &judge.triggered()?, (&inbound, &going))?,
        };
        let before = starting
            .scriptlets
            .as_ref()
            .map(|_| snapshot::read(self.engine, &databases.leaf));
        let before = before.transpose()?;
        let declared = (&inbound[..], &starting.accounts);
        let _accounts = Accounts::provide(self.engine, self.node, confined.owners, declared)?;
        failure_point::pass("judged")?;
        let outcome = self.run(&session, transaction, &items, (judged, starting), (guard, confined));
        if let Some(before) = before {
            let after = snapshot::read(self.engine, &databases.leaf);
            let after = after
                .context("A scriptlet has changed the node's rpmdb, which cannot be read any more")?
                .packages;
            refuse_tampering(&tampering(&before.packages, &going, &inbound, &after))?;
        }
        outcome.map(Attempt::Ended)
    }

    /// dnf5's table and question.
    fn is_confirmed(&self, session: &Session<'_>, judge: &Judge<'_>, transaction: &Transaction<'_>) -> Result<bool> {
        output::transaction(transaction)?;
        if self.global.show_new_leaves {
            leaves::show(session, judge, transaction)?;
        }
        sizes(session, transaction, self.wanted.ending != Ending::RunOffline)?;
        match &self.wanted.ending {
            Ending::Run => {
                if let Some(command) = offline::pending(session)? {
                    eprintln!(
                        "Warning: A pending offline transaction initiated by the following command will be invalidated: {command}"
                    );
                }
            }
            Ending::Offline | Ending::RunOffline => {}
            Ending::Download(_) => session
                .messages
                .say("The operation will only download packages for the transaction."),
            Ending::Store(path) => session.messages.say(format_args!(
                "The operation will only store the transaction in {}",
                path.display()
            )),
        }
        let is_confirmed = session.answers.confirm(session.default_yes);
        if is_confirmed && self.wanted.ending == Ending::Offline {
            return offline::may_replace(session);
        }
        Ok(is_confirmed)
    }

    fn run(
        &self,
        session: &Session<'_>,
        mut transaction: Transaction<'_>,
        items: &[Item],
        (judged, starting): (Judged, Starting),
        (guard, confined): (Guard<'e>, Confined),
    ) -> Result<Outcome> {
        transaction.set_description(description(self.global))?;
        if let Some(comment) = &self.global.comment {
            transaction.set_comment(comment)?;
        }
        let skipped = transaction.gpg_signature_problems()?;
        if self.wanted.ending == Ending::RunOffline {
            offline::started(session)?;
        }
        let _level = checks::pin_level(self.engine, skipped.is_empty())?;
        let mut run = Run::new(
            session,
            (self.engine, self.node),
            items,
            (judged, starting),
            (guard, confined),
        );
        // Around the run: what is captured within it leaves the log to libdnf5 then, which listens.
        let (result, _) = self.engine.capture(|| transaction.run(&mut run, &mut ()));
        let result = result?;
        let has_failed_scriptlet = run.has_failed_scriptlet();
        run.end(result == RunResult::Success)?;
        // rpm before 6.0 goes on as if nothing were wrong where a scriptlet fails that could not stop a package.
        let result = match result {
            RunResult::Success if has_failed_scriptlet => RunResult::ErrorRpmRun,
            other => other,
        };
        if !succeeded(&transaction, result, &skipped)? {
            return Ok(Outcome::Failed);
        }
        match (&self.wanted.ending, offline::pending(session)?) {
            (Ending::RunOffline, _) => {
                offline::clean(session, self.node)?;
            }
            (_, Some(command)) if !self.wanted.is_repair => {
                eprintln!("Warning: Pending offline transaction has been invalidated.\nTo reschedule, run: {command}")
            }
            _ => {}
        }
        session.messages.say("Complete!");
        Ok(Outcome::Done)
    }

    /// The end of a transaction that is prepared for later: tested as the run would be, and kept in the node.
    fn keep(&self, session: &Session<'_>, transaction: &mut Transaction<'_>, guard: &Guard<'e>) -> Result<Outcome> {
        offline::write(session, transaction)?;
        session.messages.say("Testing offline transaction");
        let skipped = transaction.gpg_signature_problems()?;
        let _level = checks::pin_level(self.engine, skipped.is_empty())?;
        let result = transaction.test(&mut ())?;
        if !succeeded(transaction, result, &skipped)? {
            return Ok(Outcome::Failed);
        }
        // The cookie is that of the leaf's own rpmdb.
        guard.take();
        offline::complete(session, self.global, &description(self.global))?;
        session.messages.say(
            "Transaction stored to be performed offline. Run `redwrap-dnf offline reboot` to run the transaction. To cancel the transaction and delete the downloaded files, use `redwrap-dnf offline clean`.",
        );
        session.messages.say("Complete!");
        Ok(Outcome::Done)
    }

    /// A key that is imported goes to the leaf's own database, and then the view is made anew with it: the next package may be
    /// signed by an ancestor's key.
    fn check_signatures(
        &self,
        session: &Session<'_>,
        hidden: &Hidden,
        guard: &Guard<'e>,
        transaction: &mut Transaction<'_>,
    ) -> Result<Vec<FamilyView>> {
        if self.wanted.ending != Ending::Offline {
            session.messages.say("Running transaction");
        }
        // A stored transaction has brought repositories of its own.
        checks::demand_of_repos(&session.base, self.node)?;
        let views = RefCell::new(Vec::new());
        let failed = RefCell::new(None);
        let mut keys = Keys::new(session.answers, session.default_yes).watched(|import| match import {
            Import::Begins => drop(guard.take()),
            Import::Done => match self.view_anew(hidden, guard) {
                Ok(view) => views.borrow_mut().push(view),
                Err(error) => *failed.borrow_mut() = Some(error),
            },
        });
        let good = transaction.check_gpg_signatures(&mut keys)?;
        drop(keys);
        let problems = transaction.gpg_signature_problems()?;
        if !good {
            bail!("Transaction failed: Signature verification failed.{}", lines(&problems));
        }
        if self.node.demands_signatures() && !problems.is_empty() {
            bail!(
                "The transaction is refused, nothing has been changed: a config of the family has \"gpgcheck: true\", and not every package was checked:{}",
                lines(&problems)
            );
        }
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        if guard.borrow().is_none() {
            let view = self.view_anew(hidden, guard)?;
            views.borrow_mut().push(view);
        }
        Ok(views.into_inner())
    }

    /// Located anew: the first key of a new node makes its rpmdb.
    fn view_anew(&self, hidden: &Hidden, guard: &Guard<'e>) -> Result<FamilyView> {
        let view = self.view(&Databases::locate(self.engine, self.node)?, hidden)?;
        guard.replace(Some(view.push_dbpath(self.engine, self.node.path())?));
        Ok(view)
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
            // The table of a transaction begins with them; where there is none, they are said alone.
            if transaction.is_empty()? {
                output::resolve_logs(&transaction)?;
            }
            return Ok(Some(transaction));
        }
        eprintln!("Failed to resolve the transaction:");
        logs.iter().for_each(|line| eprintln!("{}", line.display()));
        let text: Vec<String> = logs.iter().map(|line| line.to_string_lossy().into_owned()).collect();
        for (package, owner) in ancestors::mentioned(&text.join("\n"), &judge.installed_above()?) {
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
        store::prepare(session, &self.wanted.ending, transaction)?;
        let expected = transaction
            .transaction_packages()?
            .iter()
            .filter(|item| item.action.is_inbound())
            .count();
        self.check_space(transaction)?;
        let mut downloads = Downloads::new(session.messages, Some(expected as u64));
        transaction.download(&mut downloads)?;
        downloads.finish();
        Ok(())
    }

    /// The end of a transaction that is not run.
    fn put_aside(&self, session: &Session<'_>, transaction: &mut Transaction<'_>) -> Result<()> {
        match &self.wanted.ending {
            Ending::Store(path) => store::write(transaction, path)?,
            Ending::Run | Ending::RunOffline | Ending::Offline | Ending::Download(_) => {}
        }
        session.messages.say("Complete!");
        Ok(())
    }

    /// What has to be downloaded fits. Downloading until the disk is full helps nobody, and ends in a riddle.
    fn check_space(&self, transaction: &Transaction<'_>) -> Result<()> {
        let mut needed = 0;
        for item in transaction
            .transaction_packages()?
            .iter()
            .filter(|item| item.action.is_inbound())
        {
            needed += if item.package.is_available_locally()? {
                0
            } else {
                item.package.download_size()?
            };
        }
        let Ok(state) = nix::sys::statvfs::statvfs(self.node.path()) else {
            return Ok(());
        };
        let free = state.blocks_available().saturating_mul(state.fragment_size());
        anyhow::ensure!(
            needed <= free,
            "no space left for the packages on the file system of {}: {needed} bytes are needed, {free} are free",
            self.node.path().display()
        );
        Ok(())
    }

    /// The rules about files and the nodes below; what they let through is the plan.
    fn judge_files(
        &self,
        judge: &Judge<'_>,
        databases: &Databases,
        (files, inbound): (Vec<PackageFile<'e>>, &[Package]),
        items: &[Item],
    ) -> Result<Judged> {
        refuse(&judge.files(inbound, self.node)?)?;
        let paths = files.iter().map(|file| file.path().to_owned()).collect::<Vec<_>>();
        if !self.global.no_check_descendants && !self.wanted.is_repair {
            descendants::check(
                self.engine,
                self.node,
                &Change::new(self.engine, databases, items, files)?,
                inbound,
            )?;
        }
        Ok(Judged {
            plan: judge.plan(description(self.global), inbound, paths, items)?,
            before: judge.before().clone(),
        })
    }
}

/// The view's macro, as long as librpm shall open the view.
pub type Guard<'e> = RefCell<Option<ViewGuard<'e>>>;

/// Nothing can be refused any more, but nobody shall believe the rpmdb.
fn refuse_tampering(found: &[String]) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let lines = found.iter().map(|line| format!("\n  {line}"));
    bail!(
        "A scriptlet has changed the node's rpmdb, make the node anew:{}",
        lines.collect::<String>()
    )
}

/// dnf5's sentences about bytes: what is downloaded, if anything can be, and what the node will hold more or less.
fn sizes(session: &Session<'_>, transaction: &Transaction<'_>, is_download: bool) -> Result<()> {
    let (mut inbound, mut missing, mut installed, mut removed) = (0, 0, 0, 0);
    for item in transaction.transaction_packages()? {
        if item.action.is_inbound() {
            let size = item.package.download_size()?;
            inbound += size;
            let is_missing = is_download && !item.package.is_available_locally()?;
            missing += if is_missing { size } else { 0 };
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

/// Whether it went well; why not is said.
fn succeeded(transaction: &Transaction<'_>, result: RunResult, skipped: &[OsString]) -> Result<bool> {
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
    }
    Ok(!failed)
}

fn lines(problems: &[OsString]) -> String {
    problems.iter().map(|line| format!("\n{}", line.display())).collect()
}
