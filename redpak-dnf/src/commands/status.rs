//! `status`: how much there is.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::Outcome;
use crate::json;
use crate::options::Global;
use crate::query::{Family, Needs, ask};
use libdnf5::{EnvironmentQuery, GroupQuery, History, RepoQuery, RepoType, output};

/// Shows numbers of installed and available packages, groups and repositories.
#[derive(Debug, Args)]
pub struct Status {
    /// Request JSON output format
    #[arg(long)]
    json: bool,
}

impl Status {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let needs = Needs {
            quiet: self.json,
            ..Needs::default()
        };
        ask(global, needs, |family| {
            let base = &family.session.base;
            let mut groups = GroupQuery::new(base)?;
            groups.filter_uservisible(true)?;
            if self.json {
                json::print(&Numbers::of(family, &groups)?)?;
                return Ok(Outcome::Done);
            }
            output::status(base, &groups)?;
            Ok(Outcome::Done)
        })
    }
}

/// How much there is.
#[derive(Serialize)]
struct Numbers {
    groups: Split,
    environments: Split,
    packages: Split,
    user_installed_packages: usize,
    installed_size: u64,
    enabled_repositories: usize,
    /// When the last transaction ended, in seconds since the epoch.
    last_transaction: Option<i64>,
}

#[derive(Serialize)]
struct Split {
    installed: usize,
    available: usize,
}

impl Split {
    fn of(are_installed: impl Iterator<Item = bool>) -> Self {
        let (installed, available): (Vec<_>, Vec<_>) = are_installed.partition(|is_installed| *is_installed);
        Self {
            installed: installed.len(),
            available: available.len(),
        }
    }
}

impl Numbers {
    fn of(family: &Family<'_>, groups: &GroupQuery<'_>) -> Result<Self> {
        let base = &family.session.base;
        let installed = family.installed()?;
        let mut user_installed = installed.try_clone()?;
        user_installed.filter_userinstalled()?;
        let mut size = 0;
        for package in installed.list_unsorted()? {
            size += package.install_size()?;
        }
        let mut repos = RepoQuery::new(base)?;
        repos.filter_type(RepoType::Available)?.filter_enabled(true)?;
        let environments = EnvironmentQuery::new(base)?.list()?;
        let last = History::of_ids(base, &[History::last_id(base)?])?;
        Ok(Self {
            groups: Split::of(groups.list()?.iter().map(|group| group.is_installed)),
            environments: Split::of(environments.iter().map(|environment| environment.is_installed)),
            packages: Split {
                installed: installed.size()?,
                available: family.available()?.size()?,
            },
            user_installed_packages: user_installed.size()?,
            installed_size: size,
            enabled_repositories: repos.list()?.len(),
            last_transaction: last.transactions()?.first().map(|transaction| transaction.end),
        })
    }
}
