//! `config-manager`: configuration, repositories and variables of the node.
//!
//! All of it or nothing: what is wrong is found before the first file is written, and each file is written atomically, below the
//! node and nowhere else.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use librpm::Engine;

use super::Outcome;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::transaction::lock;

mod addrepo;
mod assignments;
mod options;
mod place;
mod variables;

/// What is done to the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigManager {
    /// Add repositories from a file, or define one
    Addrepo(addrepo::Addrepo),
    /// Set options of the main configuration and of repositories
    Setopt(Assignments),
    /// Remove options of the main configuration and of repositories
    Unsetopt(Options),
    /// Set variables
    Setvar(Variables),
    /// Remove variables
    Unsetvar(Names),
    /// Enable repositories
    Enable(Repos),
    /// Disable repositories
    Disable(Repos),
}

/// Directories may be made.
#[derive(Debug, Clone, Copy, Args)]
pub struct Missing {
    /// Make missing directories
    #[arg(long)]
    create_missing_dir: bool,
}

/// Options and their values.
#[derive(Debug, Args)]
pub struct Assignments {
    #[command(flatten)]
    missing: Missing,
    /// Options with values
    #[arg(value_name = "optvals", required = true)]
    optvals: Vec<String>,
}

/// Options.
#[derive(Debug, Args)]
pub struct Options {
    /// Options to remove
    #[arg(value_name = "options", required = true)]
    options: Vec<String>,
}

/// Variables and their values.
#[derive(Debug, Args)]
pub struct Variables {
    #[command(flatten)]
    missing: Missing,
    /// Variables with values
    #[arg(value_name = "varvals", required = true)]
    varvals: Vec<String>,
}

/// Variables.
#[derive(Debug, Args)]
pub struct Names {
    /// Variables to remove
    #[arg(value_name = "variables", required = true)]
    variables: Vec<String>,
}

/// Repositories.
#[derive(Debug, Args)]
pub struct Repos {
    #[command(flatten)]
    missing: Missing,
    /// Ids of repositories; globs are allowed
    #[arg(value_name = "repos", required = true)]
    repos: Vec<String>,
}

/// What every subcommand works with.
pub struct Work<'w> {
    node: &'w Node,
    session: &'w Session<'w>,
    global: &'w Global,
}

impl ConfigManager {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let plan = self.parse()?;
        if global.use_host_config {
            bail!("config-manager changes the node alone; leave out --use-host-config");
        }
        let node = Node::find(global)?;
        let _lock = lock(&node)?;
        let engine = Engine::start()?;
        let session = Session::open(&engine, &node, global)?;
        plan.run(&Work {
            node: &node,
            session: &session,
            global,
        })
    }

    /// What is typed wrong is told before anything is looked at.
    fn parse(self) -> Result<Plan> {
        Ok(match self {
            Self::Addrepo(command) => Plan::Addrepo(command.parse()?),
            Self::Setopt(typed) => Plan::Set(options::Settings::parse(&typed.optvals)?, typed.missing),
            Self::Unsetopt(typed) => Plan::Unset(typed.options),
            Self::Setvar(typed) => Plan::SetVariables(variables::parse(&typed.varvals)?, typed.missing),
            Self::Unsetvar(typed) => Plan::UnsetVariables(typed.variables),
            Self::Enable(typed) => Plan::Set(options::Settings::switching(&typed.repos, "1"), typed.missing),
            Self::Disable(typed) => Plan::Set(options::Settings::switching(&typed.repos, "0"), typed.missing),
        })
    }
}

/// What was typed, understood.
enum Plan {
    Addrepo(addrepo::Source),
    Set(options::Settings, Missing),
    Unset(Vec<String>),
    SetVariables(assignments::Assignments, Missing),
    UnsetVariables(Vec<String>),
}

impl Plan {
    fn run(&self, work: &Work<'_>) -> Result<Outcome> {
        match self {
            Self::Addrepo(source) => source.add(work),
            Self::Set(settings, missing) => settings.write(work, *missing),
            Self::Unset(options) => options::unset(work, options),
            Self::SetVariables(values, missing) => variables::set(work, values, *missing),
            Self::UnsetVariables(names) => variables::unset(work, names),
        }
    }
}
