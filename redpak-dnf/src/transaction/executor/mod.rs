//! From jobs to a changed node.

use std::cell::RefCell;

use anyhow::{Result, bail};
use librpm::{Engine, PackageFile};
use redpak::package::Package;
use redpak::transaction::scriptlets::Expected;
use redpak::transaction::{Item, ancestors};
use redpak_host::dir::Dir;
use redpak_packages::{FamilyView, ViewGuard, snapshot};

mod aside;
mod carry_out;
mod groups;
mod known;
mod question;
mod replay;
mod report;
mod resolve;
mod signatures;
mod state;

use self::known::Known;
use self::report::description;
use self::state::state;
use super::accounts::{Accounts, Declared};
use super::descendants::{self, Change};
use super::journal::{self, Plan, State};
use super::judge::{self, Hidden, Judge};
use super::run::{Judged, Starting};
use super::scriptlets::Scriptlets;
use super::{Wanted, forced, offline, refuse};
use crate::commands::Outcome;
use crate::confinement::Confined;
use crate::databases::Databases;
use crate::failure_point;
use crate::node::Node;
use crate::options::{Ending, Global};
use crate::session::{Session, checks};
use crate::system_state;
use libdnf5::output;

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
    /// Another one, knowing more, comes to something that can be done.
    Again(Known),
}

/// Attempts that teach something: packages to hide, to keep, and reasons to leave alone.
const ATTEMPTS: usize = 6;

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
        let mut known = Known::default();
        for _ in 0..ATTEMPTS {
            match self.attempt(&databases, &known)? {
                Attempt::Ended(outcome) => return Ok(outcome),
                Attempt::Again(more) => known = more,
            }
        }
        bail!("packages of ancestors stay in the way");
    }

    /// A second package of an ancestor's name may come. One that a repair brings was asked for already.
    fn is_forced(&self) -> bool {
        self.global.forcenode || self.wanted.is_repair()
    }

    /// A package that an ancestor has in the version that is wanted comes a second time. To libdnf5 it is installed already, and
    /// only gets the reason of what was asked for.
    fn is_second_wanted(&self) -> bool {
        self.global.forcenode && self.wanted.installs_again
    }

    /// A repair that does not resolve is tried once more without removing what nothing replaces.
    fn may_keep_outbound(&self, known: &Known) -> bool {
        self.wanted.is_repair() && !known.keeps_outbound
    }

    fn view(&self, databases: &Databases, hidden: &Hidden) -> Result<FamilyView> {
        let view = databases.view(self.engine, self.node)?;
        Ok(if hidden.is_empty() {
            view
        } else {
            view.without(&hidden.numbers)?
        })
    }

    fn attempt(&self, databases: &Databases, known: &Known) -> Result<Attempt> {
        let hidden = &known.hidden;
        let mut session = Session::open(self.engine, self.node, self.global)?;
        if self.wanted.is_repair() {
            checks::lift_for_repair(&session.base, self.node)?;
        }
        session.enable_repos(self.wanted.from_repo)?;
        (self.wanted.prepare)(&session)?;
        let view = self.view(databases, hidden)?;
        // Session::open() has read rpm's configuration; from here on the macro stays until it is popped.
        let guard = RefCell::new(Some(view.push_dbpath(self.engine, self.node.path())?));
        // The first attempt has told of it.
        let messages = session.messages;
        session = session.quiet_if(!known.is_nothing());
        session.load(self.wanted.load)?;
        session.messages = messages;
        let judge = Judge::new(self.engine, databases, &view)?;
        let Some(mut transaction) = self.resolve(&session, &judge, known)? else {
            if self.may_keep_outbound(known) {
                return Ok(Attempt::Again(Known {
                    keeps_outbound: true,
                    ..known.clone()
                }));
            }
            return Ok(Attempt::Ended(Outcome::Failed));
        };
        failure_point::pass("resolved")?;
        if transaction.is_empty()? {
            if self.wanted.is_repair() {
                output::resolve_logs(&transaction)?;
            } else {
                output::transaction(&transaction)?;
            }
            return Ok(Attempt::Ended(Outcome::Done));
        }
        groups::refuse_paths(&transaction)?;
        let mut items = judge.items(&transaction)?;
        if let Some(more) = known.more(&transaction, &items, self.wanted)? {
            return Ok(Attempt::Again(more));
        }
        if self.is_forced() {
            let doubled = judge.doubled(&items, self.is_second_wanted())?;
            if !doubled.is_empty() {
                return Ok(Attempt::Again(Known {
                    hidden: doubled.and(hidden),
                    ..known.clone()
                }));
            }
        }
        if !self.wanted.marks {
            items.retain(|item| !ancestors::is_mark(item));
        }
        refuse(&judge.ancestors(&items, self.is_forced())?)?;
        if !self.wanted.is_repair() && !self.is_confirmed(&session, &judge, &transaction)? {
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
        let headers = files.iter().map(PackageFile::header);
        let inbound = headers.map(snapshot::package).collect::<Result<Vec<_>, _>>()?;
        let comes = (files, &inbound[..], judge::sources(&transaction)?);
        let mut judged = self.judge_files((&session, &judge), (databases, hidden), comes, &items)?;
        let _views = self.check_signatures(&session, hidden, &guard, &mut transaction)?;
        if self.wanted.ending == Ending::Offline {
            return self.keep(&session, &mut transaction, &guard).map(Attempt::Ended);
        }
        let Some(confined) = self.confined.take() else {
            bail!("a transaction runs once in a process")
        };
        judged.plan.state = match self.wanted.repair {
            Some(state) => state.clone(),
            None => State {
                offline: self.wanted.ending == Ending::RunOffline,
                ..state(&transaction)?
            },
        };
        if self.is_forced() {
            forced::record(self.node.path(), hidden.names())?;
        }
        let going = judge.going(&items)?;
        let mut scriptlets = Scriptlets::of(self.node, databases, &judge.triggered()?, (&inbound, &going))?;
        let expected = match &mut scriptlets {
            Some(scriptlets) => {
                let before = snapshot::read(self.engine, &databases.leaf)?.packages;
                scriptlets.look_for_abandoned(&before, (&inbound, &going));
                Expected::new(&before, &going, &inbound)
            }
            None => Expected::default(),
        };
        let starting = Starting {
            accounts: Declared::of(self.node, &inbound),
            scriptlets,
            expected,
        };
        let declared = (&inbound[..], &starting.accounts);
        let _accounts = Accounts::provide(self.engine, self.node, confined.owners, declared)?;
        failure_point::pass("judged")?;
        self.run(&session, transaction, &items, (judged, starting), (guard, confined))
            .map(Attempt::Ended)
    }

    /// The rules about files and the nodes below; what they let through is the plan.
    fn judge_files(
        &self,
        (session, judge): (&Session<'_>, &Judge<'_>),
        (databases, hidden): (&Databases, &Hidden),
        (files, inbound, sources): (Vec<PackageFile<'e>>, &[Package], Vec<String>),
        items: &[Item],
    ) -> Result<Judged> {
        let mut refusals = judge.files(inbound, self.node)?;
        refusals.extend(judge.beside(self.engine, hidden, (&files, inbound))?);
        refuse(&refusals)?;
        let paths = files.iter().map(|file| file.path().to_owned()).collect::<Vec<_>>();
        if !self.global.no_check_descendants && !self.wanted.is_repair() {
            descendants::check(
                self.engine,
                self.node,
                &Change::new(self.engine, databases, items, files)?,
                inbound,
            )?;
        }
        let comes = inbound.iter().zip(paths).zip(sources);
        let comes = comes.map(|((package, path), source)| (package, path, source));
        let change = judge.change(comes, items, self.node.path())?;
        let flags = session.base.config().get("tsflags")?.to_string_lossy().into_owned();
        Ok(Judged {
            plan: Plan {
                version: journal::VERSION,
                command: description(self.global),
                flags,
                change,
                state: State::default(),
                before: system_state::keep(&Dir::open(self.node.path())?),
            },
            before: judge.before().clone(),
        })
    }
}

/// The view's macro, as long as librpm shall open the view.
pub type Guard<'e> = RefCell<Option<ViewGuard<'e>>>;
