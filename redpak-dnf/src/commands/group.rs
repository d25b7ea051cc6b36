//! `group` and `environment`: packages that belong together.

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Outcome;
use super::jobs::Choice;
use crate::json;
use crate::options::{Download, Global, Postpone, Resolve};
use crate::query::{Family, Needs, ask};
use crate::transaction::hints::Given;
use crate::transaction::{Jobs, Wanted, execute};
use libdnf5::output::{self, Detail};
use libdnf5::{
    Base, CompsPackageTypes, EnvironmentQuery, Goal, GoalFlag, GoalJobSettings, GroupJob, GroupQuery, Job, Load,
    QueryCmp, Reason,
};

use super::upgrade::ResolveUpgrade;

mod described;
pub mod removal;

/// What is done with groups.
#[derive(Debug, Subcommand)]
pub enum Group {
    /// List groups
    List(Groups),
    /// Print details about groups
    Info(Groups),
    #[command(flatten)]
    Change(Change),
}

/// What is done with environments.
#[derive(Debug, Subcommand)]
pub enum Environment {
    /// List environments
    List(Environments),
    /// Print details about environments
    Info(Environments),
    #[command(flatten)]
    Change(Change),
}

/// What changes with groups or environments.
#[derive(Debug, Subcommand)]
pub enum Change {
    /// Install environments or groups, including their packages
    Install(Install),
    /// Remove environments or groups, including their packages
    Remove(Remove),
    /// Upgrade environments or groups, including their packages
    Upgrade(Upgrade),
}

/// Which groups are shown.
#[derive(Debug, Args)]
pub struct Groups {
    /// Show only available groups
    #[arg(long, conflicts_with = "installed")]
    available: bool,
    /// Show only installed groups
    #[arg(long)]
    installed: bool,
    /// Show hidden groups too
    #[arg(long)]
    hidden: bool,
    /// Show only groups with these packages (globs)
    #[arg(long, value_name = "PACKAGE_NAME,...", value_delimiter = ',')]
    contains_pkgs: Vec<String>,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Patterns of ids or names of groups
    #[arg(value_name = "group-spec")]
    specs: Vec<String>,
}

/// Which environments are shown.
#[derive(Debug, Args)]
pub struct Environments {
    /// Show only available environments
    #[arg(long)]
    available: bool,
    /// Show only installed environments
    #[arg(long)]
    installed: bool,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Patterns of ids or names of environments
    #[arg(value_name = "environment-spec")]
    specs: Vec<String>,
}

/// `group install`
#[derive(Debug, Args)]
pub struct Install {
    /// Include optional packages of groups
    #[arg(long)]
    with_optional: bool,
    /// Change environments and groups only, no packages
    #[arg(long)]
    no_packages: bool,
    #[command(flatten)]
    resolve: Resolve,
    #[command(flatten)]
    download: Download,
    /// Patterns of ids of groups and environments
    #[arg(required = true, value_name = "group-spec|environment-spec")]
    specs: Vec<String>,
}

/// `group remove`
#[derive(Debug, Args)]
pub struct Remove {
    /// Change environments and groups only, no packages
    #[arg(long)]
    no_packages: bool,
    #[command(flatten)]
    postpone: Postpone,
    /// Patterns of ids of groups and environments
    #[arg(required = true, value_name = "group-spec|environment-spec")]
    specs: Vec<String>,
}

/// `group upgrade`
#[derive(Debug, Args)]
pub struct Upgrade {
    #[command(flatten)]
    resolve: ResolveUpgrade,
    #[command(flatten)]
    download: Download,
    /// Patterns of ids of groups and environments
    #[arg(required = true, value_name = "group-spec|environment-spec")]
    specs: Vec<String>,
}

impl Group {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::List(_) | Self::Info(_) => true,
            Self::Change(_) => false,
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::List(groups) => groups.run(global, Detail::List),
            Self::Info(groups) => groups.run(global, Detail::Info),
            Self::Change(change) => change.run(global),
        }
    }
}

impl Environment {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::List(_) | Self::Info(_) => true,
            Self::Change(_) => false,
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::List(environments) => environments.run(global, Detail::List),
            Self::Info(environments) => environments.run(global, Detail::Info),
            Self::Change(change) => change.run(global),
        }
    }
}

const COMPS: Needs<'_> = Needs {
    load: Load::All,
    metadata: &["comps"],
    quiet: false,
};

impl Groups {
    fn run(&self, global: &Global, detail: Detail) -> Result<Outcome> {
        let needs = Needs {
            quiet: self.json,
            ..COMPS
        };
        ask(global, needs, |family| {
            let selected = self.select(family)?;
            match selected {
                selected if self.json => {
                    let groups = selected.map_or_else(|| Ok(Vec::new()), |groups| groups.list())?;
                    json::print(&described::groups(&groups, detail))?;
                }
                Some(groups) => print_groups(&groups, detail)?,
                None => {}
            }
            Ok(Outcome::Done)
        })
    }

    /// The groups to show; none after it was said that there are none.
    fn select<'q>(&self, family: &Family<'q>) -> Result<Option<GroupQuery<'q>>> {
        let base = &family.session.base;
        let mut groups = self.in_scope(base)?;
        if groups.list()?.is_empty() {
            let reason = if self.installed {
                Some("no groups are installed")
            } else {
                GroupQuery::new(base)?.list()?.is_empty().then_some("no groups exist")
            };
            family.no_matches(reason)?;
            return Ok(None);
        }
        if !self.specs.is_empty() {
            let mut matching = GroupQuery::empty(base)?;
            let mut unmatched = Vec::new();
            for spec in &self.specs {
                let mut by_id = self.in_scope(base)?;
                by_id.filter_groupid(&[spec], QueryCmp::IGLOB)?;
                let mut by_name = self.in_scope(base)?;
                by_name.filter_name(&[spec], QueryCmp::IGLOB)?;
                by_id.update(&by_name)?;
                if by_id.list()?.is_empty() {
                    unmatched.push(spec);
                }
                matching.update(&by_id)?;
            }
            if !unmatched.is_empty() {
                family.report_unmatched(&unmatched, unmatched.len() < self.specs.len())?;
            }
            groups = matching;
        }
        Ok((!groups.list()?.is_empty()).then_some(groups))
    }

    /// All that the options leave. A group that is installed is not shown as available too, unless that was asked for.
    fn in_scope<'q>(&self, base: &'q Base<'_>) -> Result<GroupQuery<'q>> {
        let narrowed = |installed| -> Result<GroupQuery<'q>> {
            let mut query = GroupQuery::new(base)?;
            query.filter_installed(installed)?;
            if !self.hidden && self.specs.is_empty() {
                query.filter_uservisible(true)?;
            }
            if !self.contains_pkgs.is_empty() {
                query.filter_package_name(&self.contains_pkgs, QueryCmp::GLOB)?;
            }
            Ok(query)
        };
        if self.available || self.installed {
            return narrowed(self.installed);
        }
        let (mut groups, mut available) = (narrowed(true)?, narrowed(false)?);
        for group in groups.list()? {
            available.filter_groupid(&[group.id], QueryCmp::NEQ)?;
        }
        groups.update(&available)?;
        Ok(groups)
    }
}

fn print_groups(shown: &GroupQuery<'_>, detail: Detail) -> Result<()> {
    if detail == Detail::Info {
        return Ok(output::groupinfo(shown)?);
    }
    output::grouplist(shown)?;
    let groups = shown.list()?;
    let installed = groups.iter().filter(|group| group.is_installed).count();
    let (all, available) = (groups.len(), groups.len() - installed);
    println!("Groups: {all} ({installed} installed, {available} available)");
    Ok(())
}

impl Environments {
    fn run(&self, global: &Global, detail: Detail) -> Result<Outcome> {
        let needs = Needs {
            quiet: self.json,
            ..COMPS
        };
        ask(global, needs, |family| {
            match (self.select(family)?, detail) {
                (selected, detail) if self.json => {
                    let environments = selected.map_or_else(|| Ok(Vec::new()), |environments| environments.list())?;
                    json::print(&described::environments(&environments, detail))?;
                }
                (Some(environments), Detail::List) => output::environmentlist(&environments)?,
                (Some(environments), Detail::Info) => output::environmentinfo(&environments)?,
                (None, _) => {}
            }
            Ok(Outcome::Done)
        })
    }

    /// The environments to show; none after it was said that there are none.
    fn select<'q>(&self, family: &Family<'q>) -> Result<Option<EnvironmentQuery<'q>>> {
        let base = &family.session.base;
        let environments = self.in_scope(base)?;
        if environments.list()?.is_empty() {
            let reason = if self.installed {
                Some("no environments are installed")
            } else {
                let all = EnvironmentQuery::new(base)?;
                all.list()?.is_empty().then_some("no environments exist")
            };
            family.no_matches(reason)?;
            return Ok(None);
        }
        if self.specs.is_empty() {
            return Ok(Some(environments));
        }
        let mut matching = EnvironmentQuery::empty(base)?;
        let mut unmatched = Vec::new();
        for spec in &self.specs {
            let mut by_id = self.in_scope(base)?;
            by_id.filter_environmentid(&[spec], QueryCmp::IGLOB)?;
            let mut by_name = self.in_scope(base)?;
            by_name.filter_name(&[spec], QueryCmp::IGLOB)?;
            by_id.update(&by_name)?;
            if by_id.list()?.is_empty() {
                unmatched.push(spec);
            }
            matching.update(&by_id)?;
        }
        let any = unmatched.len() < self.specs.len();
        if !unmatched.is_empty() {
            family.report_unmatched(&unmatched, any)?;
        }
        Ok(any.then_some(matching))
    }

    fn in_scope<'q>(&self, base: &'q Base<'_>) -> Result<EnvironmentQuery<'q>> {
        let mut query = EnvironmentQuery::new(base)?;
        if self.available {
            query.filter_installed(false)?;
        }
        if self.installed {
            query.filter_installed(true)?;
        }
        Ok(query)
    }
}

impl Change {
    fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::Install(command) => command.run(global),
            Self::Remove(command) => command.run(global),
            Self::Upgrade(command) => command.run(global),
        }
    }
}

impl Install {
    fn run(&self, global: &Global) -> Result<Outcome> {
        let choice = Choice {
            resolve: Some(&self.resolve),
            ..Choice::default()
        };
        let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
            let mut settings = choice.settings(jobs)?;
            settings.set_flag(GoalFlag::GroupNoPackages, self.no_packages)?;
            if self.with_optional {
                settings.set_group_package_types(configured_types(jobs)? | CompsPackageTypes::OPTIONAL)?;
            }
            self.specs
                .iter()
                .try_for_each(|spec| Ok(goal.add_group(GroupJob::Install, spec, Reason::User, Some(&settings))?))
        };
        let wanted = Wanted {
            prepare: &want_comps,
            ..Wanted::new(Load::All, &jobs)
        };
        execute(global, &wanted.resolving(&self.resolve).ending(self.download.ending()))
    }
}

impl Remove {
    fn run(&self, global: &Global) -> Result<Outcome> {
        let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
            let mut settings = GoalJobSettings::new()?;
            settings.set_flag(GoalFlag::GroupNoPackages, self.no_packages)?;
            for spec in &self.specs {
                if self.no_packages || !removal::keep_ancestors(jobs, goal, spec, &settings)? {
                    goal.add_group(GroupJob::Remove, spec, Reason::User, Some(&settings))?;
                }
            }
            Ok(())
        };
        let wanted = Wanted {
            prepare: &want_comps,
            ..Wanted::new(Load::All, &jobs)
        };
        execute(global, &wanted.ending(self.postpone.ending()))
    }
}

impl Upgrade {
    fn run(&self, global: &Global) -> Result<Outcome> {
        let resolve = self.resolve.to_resolve();
        let choice = Choice {
            resolve: Some(&resolve),
            ..Choice::default()
        };
        let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
            let settings = choice.settings(jobs)?;
            self.specs
                .iter()
                .try_for_each(|spec| Ok(goal.add(Job::GroupUpgrade, spec, Some(&settings))?))
        };
        let given = Given {
            skip_broken: None,
            ..resolve.given()
        };
        let wanted = Wanted {
            prepare: &want_comps,
            ..Wanted::new(Load::All, &jobs)
        };
        let wanted = wanted.resolving(&resolve).ending(self.download.ending());
        execute(global, &Wanted { given, ..wanted })
    }
}

fn want_comps(session: &crate::session::Session<'_>) -> Result<()> {
    session.want_metadata("comps")
}

/// The kinds of packages that the configuration takes of a group.
fn configured_types(jobs: &Jobs<'_>) -> Result<CompsPackageTypes> {
    let names = jobs.session.base.config().get("group_package_types")?;
    let names = names.to_string_lossy().into_owned();
    let kinds = [
        ("mandatory", CompsPackageTypes::MANDATORY),
        ("default", CompsPackageTypes::DEFAULT),
        ("conditional", CompsPackageTypes::CONDITIONAL),
        ("optional", CompsPackageTypes::OPTIONAL),
    ];
    let wanted = kinds
        .into_iter()
        .filter(|(name, _)| names.split(',').any(|configured| configured.trim() == *name));
    Ok(wanted.fold(CompsPackageTypes::NONE, |types, (_, kind)| types | kind))
}
