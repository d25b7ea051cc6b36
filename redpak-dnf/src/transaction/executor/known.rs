//! What an attempt teaches the next one: libdnf5 does not know that packages of ancestors cannot change.

use std::collections::BTreeSet;
use std::ffi::OsString;

use anyhow::Result;
use redpak::transaction::{Item, ancestors};

use crate::dnf5::{Action, ExcludeFlags, Goal, Job, PackageQuery, Reason, Transaction};
use crate::transaction::judge::Hidden;
use crate::transaction::{Jobs, Wanted};

/// What is known of the ancestors' packages.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// With `--forcenode`: these have to be out of sight, or rpm takes the new ones for upgrades.
    pub hidden: Hidden,
    /// The numbers of those that look like unused dependencies to libdnf5, because the leaf's state says so of their name.
    pub kept: BTreeSet<u64>,
    /// The reasons that packages of the leaf get, where the ancestors' would get some too.
    pub own_reasons: Option<Vec<(OsString, Reason)>>,
}

impl Known {
    /// This is the first attempt.
    pub fn is_nothing(&self) -> bool {
        self.hidden.is_empty() && self.kept.is_empty() && self.own_reasons.is_none()
    }

    /// More than before, if a transaction teaches something.
    pub fn more(&self, transaction: &Transaction<'_>, items: &[Item], wanted: &Wanted<'_>) -> Result<Option<Self>> {
        let (mut kept, mut marks_ancestor, mut own_reasons) = (self.kept.clone(), false, Vec::new());
        for (package, item) in transaction.transaction_packages()?.iter().zip(items) {
            if item.owner.is_some() && package.action == Action::Remove && package.reason == Reason::Clean {
                kept.insert(package.package.rpmdbid()?);
            }
            marks_ancestor |= ancestors::is_mark(item);
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
