//! `module`: streams of packages. What is chosen is the node's own: ancestors and descendants choose for themselves.

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Outcome;
use crate::json;
use crate::options::{Global, Resolve};
use crate::query::{Family, Needs, ask};
use crate::transaction::{Jobs, Wanted, execute};
use libdnf5::output::{self, Detail};
use libdnf5::{Goal, GoalJobSettings, GoalSetting, Job, Load, ModuleQuery};

mod described;

/// What is done with modules.
#[derive(Debug, Subcommand)]
pub enum Module {
    /// List module streams
    List(Shown),
    /// Print details about module streams
    Info(Shown),
    /// Enable module streams and make their packages available
    Enable(Enable),
    /// Disable modules including all their streams
    Disable(Change),
    /// Reset module state so it's no longer enabled or disabled
    Reset(Change),
}

/// Which streams are shown.
#[derive(Debug, Args)]
pub struct Shown {
    /// Show enabled modules
    #[arg(long)]
    enabled: bool,
    /// Show disabled modules
    #[arg(long)]
    disabled: bool,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Patterns of modules, NAME:STREAM:VERSION:CONTEXT:ARCH
    #[arg(value_name = "module-spec")]
    specs: Vec<String>,
}

/// `module enable`
#[derive(Debug, Args)]
pub struct Enable {
    /// Resolve problems by skipping packages
    #[arg(long)]
    skip_broken: bool,
    #[command(flatten)]
    change: Change,
}

/// Which modules are changed.
#[derive(Debug, Args)]
pub struct Change {
    /// Skip what is not available
    #[arg(long)]
    skip_unavailable: bool,
    /// Modules
    #[arg(required = true, value_name = "specs")]
    specs: Vec<String>,
}

impl Module {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            Self::List(_) | Self::Info(_) => true,
            Self::Enable(_) | Self::Disable(_) | Self::Reset(_) => false,
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::List(shown) => shown.run(global, Detail::List),
            Self::Info(shown) => shown.run(global, Detail::Info),
            Self::Enable(Enable { skip_broken, change }) => change.run(global, Job::ModuleEnable, skip_broken),
            Self::Disable(change) => change.run(global, Job::ModuleDisable, false),
            Self::Reset(change) => change.run(global, Job::ModuleReset, false),
        }
    }
}

impl Shown {
    fn run(&self, global: &Global, detail: Detail) -> Result<Outcome> {
        let needs = Needs {
            quiet: self.json,
            ..Needs::default()
        };
        ask(global, needs, |family| {
            match (self.select(family)?, detail) {
                (selected, detail) if self.json => {
                    let mut modules = selected.map_or_else(|| Ok(Vec::new()), |modules| modules.modules())?;
                    modules.sort();
                    json::print(&described::modules(&modules, detail))?;
                }
                (Some(modules), Detail::List) => output::modulelist(&modules)?,
                (Some(modules), Detail::Info) => output::moduleinfo(&modules)?,
                (None, _) => {}
            }
            Ok(Outcome::Done)
        })
    }

    /// The modules to show; none after it was said that there are none.
    fn select<'q>(&self, family: &Family<'q>) -> Result<Option<ModuleQuery<'q>>> {
        let base = &family.session.base;
        let filtered = || -> Result<ModuleQuery<'q>> {
            let mut query = ModuleQuery::new(base)?;
            if self.enabled {
                query.filter_enabled()?;
            }
            if self.disabled {
                query.filter_disabled()?;
            }
            Ok(query)
        };
        let all = filtered()?;
        if all.names()?.is_empty() {
            let reason = match (self.enabled, self.disabled) {
                (true, _) => Some("no module streams are enabled"),
                (_, true) => Some("no module streams are disabled"),
                _ => Some("no module streams exist"),
            };
            family.no_matches(reason)?;
            return Ok(None);
        }
        if self.specs.is_empty() {
            return Ok(Some(all));
        }
        let mut matching = ModuleQuery::empty(base)?;
        let mut unmatched = Vec::new();
        for spec in &self.specs {
            let mut query = filtered()?;
            if query.resolve_module_spec(spec)? {
                matching.update(&query)?;
            } else {
                unmatched.push(spec);
            }
        }
        let any = unmatched.len() < self.specs.len();
        if !unmatched.is_empty() {
            family.report_unmatched(&unmatched, any)?;
        }
        Ok(any.then_some(matching))
    }
}

impl Change {
    fn run(&self, global: &Global, job: Job, skip_broken: bool) -> Result<Outcome> {
        let resolve = Resolve {
            skip_broken,
            skip_unavailable: self.skip_unavailable,
            ..Resolve::default()
        };
        let mut given = resolve.given();
        given.allow_erasing = None;
        if job != Job::ModuleEnable {
            given.skip_broken = None;
        }
        let jobs = |_: &Jobs<'_>, goal: &mut Goal<'_>| {
            let mut settings = GoalJobSettings::new()?;
            if skip_broken {
                settings.set(GoalSetting::SkipBroken, Some(true))?;
            }
            if self.skip_unavailable {
                settings.set(GoalSetting::SkipUnavailable, Some(true))?;
            }
            self.specs
                .iter()
                .try_for_each(|spec| Ok(goal.add(job, spec, Some(&settings))?))
        };
        execute(
            global,
            &Wanted {
                given,
                ..Wanted::new(Load::All, &jobs)
            },
        )
    }
}
