//! `repo`: the repositories of a node.

use anyhow::Result;
use clap::{Args, Subcommand};
use librpm::Engine;

use super::Outcome;
use crate::node::Node;
use crate::options::Global;
use crate::repositories;
use crate::session::Session;
use crate::transaction::{confine_query, lock};
use libdnf5::{Load, QueryCmp, RepoQuery, RepoType, output};

/// What is done with repositories.
#[derive(Debug, Subcommand)]
pub enum Repo {
    /// List repositories
    List(Shown),
    /// Print details about repositories
    Info(Shown),
    /// Add a repository
    Add(Add),
    /// Remove repositories and the files that held them
    Remove(Ids),
    /// Enable repositories
    Enable(Ids),
    /// Disable repositories
    Disable(Ids),
}

/// Which repositories are shown.
#[derive(Debug, Args)]
pub struct Shown {
    /// Show all repositories
    #[arg(long, conflicts_with_all = ["enabled", "disabled"])]
    pub all: bool,
    /// Show enabled repositories (default)
    #[arg(long, conflicts_with = "disabled")]
    pub enabled: bool,
    /// Show disabled repositories
    #[arg(long)]
    pub disabled: bool,
    /// Request JSON output format
    #[arg(long)]
    pub json: bool,
    /// Patterns of repository ids
    #[arg(value_name = "repo-spec")]
    pub specs: Vec<String>,
}

/// `repo add`
#[derive(Debug, Args)]
pub struct Add {
    /// Id of the repository, or a .repo file to copy
    #[arg(value_name = "ID|FILE.repo")]
    pub id: String,
    /// Base URLs or a directory; $basearch, $releasever and the node's variables are expanded at use
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,
    /// Name shown to users [default: the id]
    #[arg(long)]
    pub name: Option<String>,
    /// URL of a list of mirrors
    #[arg(long, value_name = "URL")]
    pub mirrorlist: Option<String>,
    /// URL of a metalink
    #[arg(long, value_name = "URL")]
    pub metalink: Option<String>,
    /// URL or file of a key that signs the packages
    #[arg(long, value_name = "URL")]
    pub gpgkey: Vec<String>,
    /// Any other option of a repository
    #[arg(long, value_name = "OPTION=VALUE")]
    pub set: Vec<String>,
    /// Add it switched off
    #[arg(long)]
    pub disabled: bool,
    /// Replace a repository of the same id
    #[arg(long)]
    pub overwrite: bool,
}

/// Repositories by id.
#[derive(Debug, Args)]
pub struct Ids {
    /// Ids; globs are allowed
    #[arg(value_name = "repo-spec", required = true)]
    pub specs: Vec<String>,
}

impl Repo {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        match self {
            Self::List(shown) => list(global, &shown),
            Self::Info(shown) => info(global, &shown),
            Self::Add(command) => change(global, |node| repositories::add(node, &command)),
            Self::Remove(ids) => change(global, |node| repositories::remove(node, &ids.specs)),
            Self::Enable(ids) => change(global, |node| repositories::switch(node, &ids.specs, true)),
            Self::Disable(ids) => change(global, |node| repositories::switch(node, &ids.specs, false)),
        }
    }
}

/// Nobody else changes the files between reading and writing them.
fn change(global: &Global, change: impl FnOnce(&Node) -> Result<Outcome>) -> Result<Outcome> {
    let node = Node::find(global)?;
    let _lock = lock(&node)?;
    change(&node)
}

fn list(global: &Global, shown: &Shown) -> Result<Outcome> {
    let node = Node::find(global)?;
    let engine = Engine::start()?;
    let session = Session::open(&engine, &node, global)?;
    let selected = shown.select(&session)?;
    if !shown.json && !shown.is_any(&selected)? {
        return Ok(Outcome::Done);
    }
    output::repolist(&selected, shown.all, shown.json)?;
    Ok(Outcome::Done)
}

/// Counts packages, so that the repositories have to be loaded.
fn info(global: &Global, shown: &Shown) -> Result<Outcome> {
    let node = Node::find(global)?;
    let _confined = confine_query(&node)?;
    let engine = Engine::start()?;
    let session = Session::open(&engine, &node, global)?.quiet_if(shown.json);
    session.load(Load::Available)?;
    let selected = shown.select(&session)?;
    if shown.json || shown.is_any(&selected)? {
        output::repoinfo(&selected, shown.json)?;
    }
    Ok(Outcome::Done)
}

impl Shown {
    /// Whether there is any; if not, that is said.
    fn is_any(&self, selected: &RepoQuery<'_>) -> Result<bool> {
        let any = !selected.list()?.is_empty();
        if !any {
            let nothing_enabled = self.specs.is_empty() && !self.all && !self.disabled;
            let reason = if nothing_enabled {
                ": no repositories are enabled."
            } else {
                "."
            };
            eprintln!("No matches found{reason}");
        }
        Ok(any)
    }

    fn select<'b>(&self, session: &'b Session<'_>) -> Result<RepoQuery<'b>> {
        let mut query = RepoQuery::new(&session.base)?;
        query.filter_type(RepoType::Available)?;
        if !self.all {
            query.filter_enabled(!self.disabled)?;
        }
        if !self.specs.is_empty() {
            query.filter_id(&self.specs, QueryCmp::IGLOB)?;
        }
        Ok(query)
    }
}
