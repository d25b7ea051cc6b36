//! `repoquery`: packages by what they are and relate to.

use anyhow::Result;
use clap::Args;
use librpm::Engine;

use super::Outcome;
use super::list::recent_since;
use crate::databases;
use crate::json;
use crate::node::Node;
use crate::options::usage::number;
use crate::options::{Advisories, Global, Unknown};
use crate::session::{Session, is_file_pattern};
use crate::transaction::confine_query;
use libdnf5::output;
use libdnf5::{ExcludeFlags, GoalFlag, GoalJobSettings, Load, PackageQuery, QueryCmp};

mod described;
mod others;
mod relations;

use described::Described;
use others::Others;
use relations::Relations;

/// Searches for packages.
#[derive(Debug, Args)]
pub struct Repoquery {
    #[command(flatten)]
    format: Format,
    /// Request JSON output format
    #[arg(long, conflicts_with_all = ["querytags", "queryformat"])]
    json: bool,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    relations: Relations,
    #[command(flatten)]
    others: Others,
    /// Names, files and NEVRAs to match
    #[arg(value_name = "package-spec-NIF")]
    specs: Vec<String>,
}

/// What is shown of each package.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Format {
    /// Show detailed information about the packages
    #[arg(short, long)]
    info: bool,
    /// Display available tags for --queryformat
    #[arg(long)]
    querytags: bool,
    /// Display format for packages
    #[arg(long, alias = "qf", value_name = "QUERYFORMAT")]
    queryformat: Option<String>,
    /// Display changelogs of packages
    #[arg(long)]
    changelogs: bool,
    /// List files
    #[arg(short = 'l', long, alias = "list")]
    files: bool,
    /// List source packages
    #[arg(long)]
    sourcerpm: bool,
    /// List locations
    #[arg(long)]
    location: bool,
    /// List conflicts
    #[arg(long)]
    conflicts: bool,
    /// List all dependencies, weak ones included
    #[arg(long)]
    depends: bool,
    /// List what the packages enhance
    #[arg(long)]
    enhances: bool,
    /// List what the packages obsolete
    #[arg(long)]
    obsoletes: bool,
    /// List what the packages provide
    #[arg(long)]
    provides: bool,
    /// List what the packages recommend
    #[arg(long)]
    recommends: bool,
    /// List what the packages require
    #[arg(long)]
    requires: bool,
    /// List what the scriptlets of the packages require
    #[arg(long)]
    requires_pre: bool,
    /// List what the packages suggest
    #[arg(long)]
    suggests: bool,
    /// List what the packages supplement
    #[arg(long)]
    supplements: bool,
}

impl Format {
    /// The attribute whose values are listed.
    fn attribute(&self) -> Option<&'static str> {
        let attributes = [
            (self.files, "files"),
            (self.sourcerpm, "sourcerpm"),
            (self.location, "location"),
            (self.conflicts, "conflicts"),
            (self.depends, "depends"),
            (self.enhances, "enhances"),
            (self.obsoletes, "obsoletes"),
            (self.provides, "provides"),
            (self.recommends, "recommends"),
            (self.requires, "requires"),
            (self.requires_pre, "requires_pre"),
            (self.suggests, "suggests"),
            (self.supplements, "supplements"),
        ];
        attributes
            .into_iter()
            .find(|(given, _)| *given)
            .map(|(_, attribute)| attribute)
    }

    fn needs_filelists(&self) -> Result<bool> {
        let by_format = self
            .queryformat
            .as_deref()
            .map(output::requires_filelists)
            .transpose()?;
        Ok(self.files || by_format.unwrap_or(false))
    }

    /// What is shown of the packages, for JSON.
    fn described(&self, packages: &PackageQuery<'_>) -> Result<Vec<Described>> {
        let packages = packages.list()?;
        let shown = |package| Described::new(package, self.info, self.changelogs, self.attribute());
        packages.iter().map(shown).collect()
    }

    fn print(&self, packages: &PackageQuery<'_>) -> Result<()> {
        if self.info {
            for package in packages.list()? {
                output::package_info(&package)?;
                println!();
            }
            return Ok(());
        }
        if self.changelogs {
            return Ok(output::changelogs(packages, &output::ChangelogFilter::All)?);
        }
        match self.attribute() {
            Some(attribute) => output::package_attribute(packages, attribute)?,
            None => output::queryformat(packages, self.queryformat.as_deref().unwrap_or("%{full_nevra}\n"))?,
        }
        Ok(())
    }
}

/// Which packages are looked at.
#[derive(Debug, Args)]
struct Scope {
    /// Query available packages (default)
    #[arg(long)]
    available: bool,
    /// Query installed packages
    #[arg(long)]
    installed: bool,
    /// Only packages that were installed from these repositories
    #[arg(long, value_name = "REPO_ID,...", value_delimiter = ',')]
    installed_from_repo: Vec<String>,
    /// Installed packages that no other one requires
    #[arg(long)]
    leaves: bool,
    /// Packages that the user wanted
    #[arg(long)]
    userinstalled: bool,
    /// Installed packages of which there are several versions
    #[arg(long)]
    duplicates: bool,
    /// Installed dependencies that nothing needs any more
    #[arg(long)]
    unneeded: bool,
    /// Installed packages of which several versions may be installed
    #[arg(long)]
    installonly: bool,
    /// Installed packages that no repository has
    #[arg(long)]
    extras: bool,
    /// Available packages that upgrade an installed one
    #[arg(long)]
    upgrades: bool,
}

impl Scope {
    fn needs_installed_only(&self) -> bool {
        self.leaves || self.userinstalled || self.duplicates || self.unneeded || self.installonly || self.extras
    }

    fn wants_installed(&self) -> bool {
        self.installed || self.needs_installed_only() || !self.installed_from_repo.is_empty()
    }

    fn load(&self) -> Load {
        match (self.wants_installed(), self.available || self.extras || self.upgrades) {
            (true, false) => Load::System,
            (false, false) => Load::Available,
            (_, true) => {
                if self.wants_installed() || self.upgrades {
                    Load::All
                } else {
                    Load::Available
                }
            }
        }
    }

    fn apply(&self, query: &mut PackageQuery<'_>) -> Result<()> {
        match (self.wants_installed(), self.available) {
            (true, false) => query.filter_installed()?,
            (true, true) => query,
            (false, _) => query.filter_available()?,
        };
        if !self.installed_from_repo.is_empty() {
            query.filter_from_repo_id(&self.installed_from_repo, QueryCmp::GLOB)?;
        }
        if self.leaves {
            query.filter_leaves()?;
        }
        if self.userinstalled {
            query.filter_userinstalled()?;
        }
        if self.duplicates {
            query.filter_duplicates()?;
        }
        if self.unneeded {
            query.filter_unneeded()?;
        }
        if self.installonly {
            query.filter_installonly()?;
        }
        if self.extras {
            query.filter_extras()?;
        }
        if self.upgrades {
            query.filter_upgrades()?;
        }
        Ok(())
    }
}

/// Which of them are kept.
#[derive(Debug, Args)]
struct Limits {
    /// The N latest versions of each package; all but those when N is negative
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    latest_limit: Option<String>,
    /// Packages of these architectures
    #[arg(long, value_name = "ARCH,...", value_delimiter = ',')]
    arch: Vec<String>,
    /// Packages that own these files
    #[arg(short, long, value_name = "FILE,...", value_delimiter = ',')]
    file: Vec<String>,
    /// Recently changed packages
    #[arg(long)]
    recent: bool,
    /// Packages of inactive module streams too
    #[arg(long)]
    disable_modular_filtering: bool,
    #[command(flatten)]
    advisories: Advisories,
}

impl Limits {
    fn latest_limit(&self) -> Result<Option<i32>> {
        self.latest_limit.as_deref().map(number).transpose()
    }

    fn apply(&self, query: &mut PackageQuery<'_>, session: &Session<'_>) -> Result<()> {
        if !self.arch.is_empty() {
            query.filter_arch(&self.arch, QueryCmp::GLOB)?;
        }
        if !self.file.is_empty() {
            query.filter_file(&self.file, QueryCmp::GLOB)?;
        }
        let Advisories { advisories, kinds } = &self.advisories;
        if let Some(advisories) = kinds.query(&session.base, advisories, Unknown::Told)? {
            query.filter_advisories(&advisories, QueryCmp::GTE)?;
        }
        if self.recent {
            query.filter_recent(recent_since(session)?)?;
        }
        Ok(())
    }
}

impl Repoquery {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.limits.advisories.kinds.check()?;
        self.others.check(&self.relations)?;
        self.limits.latest_limit()?;
        if self.format.querytags {
            output::querytags()?;
            return Ok(Outcome::Done);
        }
        let node = Node::find(global)?;
        let load = self.scope.load();
        let _confined = confine_query(&node)?;
        let engine = Engine::start()?;
        let session = Session::open(&engine, &node, global)?.quiet_if(self.json);
        self.want(&session)?;
        let _family = if load == Load::Available {
            None
        } else {
            databases::show(&engine, &node)?
        };
        session.load(load)?;
        self.print(&session)
    }

    /// What has to be set before anything is loaded.
    fn want(&self, session: &Session<'_>) -> Result<()> {
        let by_file = self
            .specs
            .iter()
            .chain(&self.limits.file)
            .any(|spec| is_file_pattern(spec));
        if by_file || self.format.needs_filelists()? || self.relations.need_filelists() {
            session.want_filelists()?;
        }
        if self.format.changelogs {
            session.want_metadata("other")?;
        }
        if self.limits.advisories.is_given() {
            session.want_metadata("updateinfo")?;
        }
        if self.others.srpm {
            session.base.repo_sack().enable_source_repos()?;
        }
        Ok(())
    }

    fn print(&self, session: &Session<'_>) -> Result<Outcome> {
        let excludes = if self.limits.disable_modular_filtering {
            ExcludeFlags::IGNORE_MODULAR_EXCLUDES
        } else {
            ExcludeFlags::APPLY_EXCLUDES
        };
        let mut all = PackageQuery::new(&session.base, excludes)?;
        self.scope.apply(&mut all)?;
        let mut query = self.matching(session, all.try_clone()?)?;
        self.limits.apply(&mut query, session)?;
        self.relations.apply(&mut query, session, self.others.recursive)?;
        if let Some(limit) = self.limits.latest_limit()? {
            query.filter_latest_evr(limit)?;
        }
        let query = self.others.instead_of(query, &all, session)?;
        if self.json {
            json::print(&self.format.described(&query)?)?;
        } else {
            self.format.print(&query)?;
        }
        Ok(Outcome::Done)
    }

    fn matching<'b>(&self, session: &'b Session<'_>, all: PackageQuery<'b>) -> Result<PackageQuery<'b>> {
        if self.specs.is_empty() {
            return Ok(all);
        }
        let mut settings = GoalJobSettings::new()?;
        settings
            .set_flag(GoalFlag::WithProvides, false)?
            .set_flag(GoalFlag::WithBinaries, false)?;
        settings
            .set_flag(GoalFlag::IgnoreCase, true)?
            .set_flag(GoalFlag::WithFilenames, true)?;
        let mut matching = PackageQuery::empty(&session.base)?;
        for spec in &self.specs {
            let mut query = all.try_clone()?;
            query.resolve_pkg_spec(spec, Some(&settings), true)?;
            matching.update(&query)?;
        }
        Ok(matching)
    }
}
