//! What every query does first: it finds the node, confines itself, and shows libdnf5 the family's packages as installed.

use anyhow::{Context, Result};
use librpm::Engine;

use crate::databases::{self, Shown};
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::transaction::confine_query;
use libdnf5::{ExcludeFlags, GoalFlag, GoalJobSettings, Load, Package, PackageQuery, QueryCmp, RepoQuery, RepoType};

/// What a query needs.
#[derive(Debug, Clone, Copy)]
pub struct Needs<'n> {
    /// Which repositories.
    pub load: Load,
    /// Metadata beyond what the configuration names: `filelists`, `other`.
    pub metadata: &'n [&'n str],
    /// A program reads the output: nothing else is said.
    pub quiet: bool,
}

impl Default for Needs<'_> {
    fn default() -> Self {
        Self {
            load: Load::All,
            metadata: &[],
            quiet: false,
        }
    }
}

/// Whether the case of letters counts in names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// It does.
    Counts,
    /// It does not.
    Ignored,
}

/// A family whose packages are loaded.
pub struct Family<'q> {
    /// libdnf5, its repositories loaded.
    pub session: &'q Session<'q>,
    shown: Option<&'q Shown<'q>>,
}

/// Loads what is needed and asks it.
pub fn ask<T>(global: &Global, needs: Needs<'_>, question: impl FnOnce(&Family<'_>) -> Result<T>) -> Result<T> {
    let node = Node::find(global)?;
    let _confined = confine_query(&node)?;
    let engine = Engine::start()?;
    let session = Session::open(&engine, &node, global)?.quiet_if(needs.quiet);
    for metadata in needs.metadata {
        session.want_metadata(metadata)?;
    }
    let shown = if needs.load == Load::Available {
        None
    } else {
        databases::show(&engine, &node)?
    };
    session.load(needs.load)?;
    question(&Family {
        session: &session,
        shown: shown.as_ref(),
    })
}

impl<'q> Family<'q> {
    /// All packages.
    pub fn packages(&self) -> Result<PackageQuery<'q>> {
        Ok(PackageQuery::new(&self.session.base, ExcludeFlags::APPLY_EXCLUDES)?)
    }

    /// The packages of the whole family.
    pub fn installed(&self) -> Result<PackageQuery<'q>> {
        let mut query = self.packages()?;
        query.filter_installed()?;
        Ok(query)
    }

    /// What repositories have.
    pub fn available(&self) -> Result<PackageQuery<'q>> {
        let mut query = self.packages()?;
        query.filter_available()?;
        Ok(query)
    }

    /// Whether an installed package is the leaf's own.
    pub fn is_own(&self, package: &Package<'_>) -> Result<bool> {
        let number = u32::try_from(package.rpmdbid()?).context("a header number is out of range")?;
        Ok(self.shown.is_none_or(|shown| shown.is_own(number)))
    }

    /// Those of a set of installed packages that are the leaf's own: what a transaction in it can change.
    pub fn own(&self, packages: &PackageQuery<'q>) -> Result<PackageQuery<'q>> {
        let mut own = PackageQuery::empty(&self.session.base)?;
        for package in packages.list_unsorted()? {
            if self.is_own(&package)? {
                own.add(&package)?;
            }
        }
        Ok(own)
    }

    /// Those of `all` that specifications mean by name, without what they provide, and the specifications that mean none;
    /// without any specification, all.
    pub fn named<'s>(
        &self,
        all: &PackageQuery<'q>,
        specs: &'s [String],
        case: Case,
    ) -> Result<(PackageQuery<'q>, Vec<&'s String>)> {
        if specs.is_empty() {
            return Ok((all.try_clone()?, Vec::new()));
        }
        let mut settings = GoalJobSettings::new()?;
        settings.set_flag(GoalFlag::IgnoreCase, case == Case::Ignored)?;
        for flag in [GoalFlag::WithProvides, GoalFlag::WithFilenames, GoalFlag::WithBinaries] {
            settings.set_flag(flag, false)?;
        }
        let (mut matching, mut unmatched) = (PackageQuery::empty(&self.session.base)?, Vec::new());
        for spec in specs {
            let mut query = all.try_clone()?;
            query.resolve_pkg_spec(spec, Some(&settings), true)?;
            if query.is_empty()? {
                unmatched.push(spec);
            }
            matching.update(&query)?;
        }
        Ok((matching, unmatched))
    }

    /// Newer versions of the leaf's own packages among `packages`. What an ancestor has is upgraded there.
    pub fn upgrades(&self, packages: &PackageQuery<'q>) -> Result<PackageQuery<'q>> {
        let mut upgrades = packages.try_clone()?;
        upgrades.filter_upgrades()?;
        if self.shown.is_some() {
            let own = self.own(&self.installed()?)?;
            upgrades.filter_name_arch_of(&own, QueryCmp::EQ)?;
        }
        Ok(upgrades)
    }

    /// Whether there is any repository to look in.
    pub fn has_repositories(&self) -> Result<bool> {
        let mut repos = RepoQuery::new(&self.session.base)?;
        repos.filter_type(RepoType::Available)?.filter_enabled(true)?;
        Ok(!repos.list()?.is_empty())
    }

    /// Says that nothing was found: because there is no repository, because of a `reason`, or for no reason known.
    pub fn no_matches(&self, reason: Option<&str>) -> Result<()> {
        let reason = if self.has_repositories()? {
            reason
        } else {
            Some("no repositories are enabled")
        };
        match reason {
            Some(reason) => eprintln!("No matches found: {reason}."),
            None => eprintln!("No matches found."),
        }
        Ok(())
    }

    /// Says which specifications found nothing: each by itself where others did.
    pub fn report_unmatched(&self, unmatched: &[&String], any: bool) -> Result<()> {
        if !any {
            return self.no_matches(None);
        }
        for spec in unmatched {
            eprintln!("No matches found for \"{spec}\".");
        }
        Ok(())
    }
}
