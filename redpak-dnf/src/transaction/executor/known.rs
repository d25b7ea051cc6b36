//! What an attempt teaches the next one: libdnf5 does not know that packages of ancestors cannot change.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::rc::Rc;

use anyhow::Result;
use redpak::transaction::{Action as ItemAction, Item, ancestors};

use super::replay::Replay;
use crate::transaction::judge::Hidden;
use crate::transaction::{Jobs, Wanted};
use libdnf5::{Action, ExcludeFlags, Goal, Job, PackageQuery, Reason, Transaction};

/// What is known of the ancestors' packages.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// These have to be out of sight: with `--forcenode` rpm takes the new ones for upgrades, and what goes from the leaf by its
    /// full name would go from the ancestor too.
    pub hidden: Hidden,
    /// The numbers of those that look like unused dependencies to libdnf5, because the leaf's state says so of their name.
    pub kept: BTreeSet<u64>,
    /// The reasons that packages of the leaf get, where the ancestors' would get some too.
    pub own_reasons: Option<Vec<(OsString, Reason)>>,
    /// The transaction itself, where it would have given a package the reason "None".
    pub replay: Option<Rc<Replay>>,
    /// A repair does not resolve: what was to go, and nothing takes the place of, stays.
    pub keeps_outbound: bool,
}

impl Known {
    /// This is the first attempt.
    pub fn is_nothing(&self) -> bool {
        self.hidden.is_empty()
            && self.kept.is_empty()
            && self.own_reasons.is_none()
            && self.replay.is_none()
            && !self.keeps_outbound
    }

    /// More than before, if a transaction teaches something.
    pub fn more(&self, transaction: &Transaction<'_>, items: &[Item], wanted: &Wanted<'_>) -> Result<Option<Self>> {
        let (mut kept, mut marks_ancestor, mut own_reasons) = (self.kept.clone(), false, Vec::new());
        let mut loses_reason = false;
        let mut hidden = self.hidden.clone();
        let is_own_removed = |item: &&Item| item.owner.is_none() && item.action == ItemAction::Remove;
        let own_removed: BTreeSet<&OsString> = items
            .iter()
            .filter(is_own_removed)
            .map(|item| &item.package.nevra)
            .collect();
        for (package, item) in transaction.transaction_packages()?.iter().zip(items) {
            let is_of_leaf = wanted.repeats_history || own_removed.contains(&item.package.nevra);
            if item.owner.is_some() && package.action == Action::Remove && package.reason != Reason::Clean && is_of_leaf
            {
                hidden.add(&item.package.name, u32::try_from(package.package.rpmdbid()?)?);
            }
            if item.owner.is_some() && package.action == Action::Remove && package.reason == Reason::Clean {
                kept.insert(package.package.rpmdbid()?);
            }
            marks_ancestor |= ancestors::is_mark(item);
            loses_reason |= package.action == Action::ReasonChange && package.reason == Reason::None;
            if item.owner.is_none() && package.action == Action::ReasonChange {
                own_reasons.push((package.package.nevra()?, package.reason));
            }
        }
        if wanted.overrides_reasons && marks_ancestor && self.own_reasons.is_none() {
            let own_reasons = Some(own_reasons);
            return Ok(Some(Self {
                own_reasons,
                ..self.clone()
            }));
        }
        if loses_reason && self.replay.is_none() {
            let replay = Some(Rc::new(Replay::restoring(transaction)?));
            return Ok(Some(Self { replay, ..self.clone() }));
        }
        if hidden != self.hidden {
            return Ok(Some(Self { hidden, ..self.clone() }));
        }
        Ok((kept != self.kept).then(|| Self { kept, ..self.clone() }))
    }

    /// Keeps what is not the leaf's to clean up.
    pub fn keep(&self, jobs: &Jobs<'_>, goal: &mut Goal<'_>) -> Result<()> {
        if self.kept.is_empty() {
            return Ok(());
        }
        let mut installed = PackageQuery::new(&jobs.session.base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
        for package in installed.filter_installed()?.list()? {
            if self.kept.contains(&package.rpmdbid()?) {
                goal.add_package(Job::RpmInstall, &package, None)?;
            }
        }
        Ok(())
    }
}
