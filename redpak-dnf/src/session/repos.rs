//! The repositories of a node, with what the command line says about them.

use std::ffi::OsString;

use anyhow::Result;

use super::checks;
use crate::node::Node;
use crate::options::Global;
use crate::options::usage::Usage;
use crate::terminal::Messages;
use libdnf5::{Base, OptionPriority, QueryCmp, Repo, RepoQuery};

/// Makes them, and applies the options in dnf5's order.
pub fn configure(base: &Base<'_>, node: &Node, global: &Global, messages: Messages) -> Result<()> {
    base.repo_sack().create_repos_from_system_configuration()?;
    from_paths(base, global)?;
    setopt(base, global)?;
    select(base, global)?;
    if global.refresh {
        for repo in RepoQuery::new(base)?.filter_enabled(true)?.list()? {
            repo.expire()?;
        }
    }
    checks::tell(node, global, messages);
    checks::demand_of_repos(base, node)
}

fn from_paths(base: &Base<'_>, global: &Global) -> Result<()> {
    if global.repofrompath.is_empty() {
        return Ok(());
    }
    let repos = global
        .repofrompath
        .iter()
        .map(|(id, path)| Ok((OsString::from(id), location(path)?)));
    let repos = repos.collect::<Result<Vec<_>>>()?;
    Ok(base
        .repo_sack()
        .create_repos_from_paths(&repos, OptionPriority::Commandline)?)
}

/// A URL, or a path that counts from the working directory.
fn location(path: &str) -> Result<OsString> {
    if path.contains("://") {
        return Ok(path.into());
    }
    Ok(std::path::absolute(path)?.into_os_string())
}

/// `--setopt=REPO_ID.OPTION=VALUE`; ids may be globs.
fn setopt(base: &Base<'_>, global: &Global) -> Result<()> {
    for (path, value) in &global.setopt {
        let Some((ids, option)) = path.rsplit_once('.') else {
            continue;
        };
        for repo in matching(base, ids)? {
            repo.set_option(option, value, OptionPriority::Commandline)
                .map_err(|error| Usage(format!("setopt: \"{path}={value}\": {}.", error.message().display())))?;
        }
    }
    Ok(())
}

fn select(base: &Base<'_>, global: &Global) -> Result<()> {
    if !global.repo.is_empty() {
        for repo in RepoQuery::new(base)?.list()? {
            repo.disable()?;
        }
    }
    let wanted = global.repo.iter().chain(&global.enable_repo).map(|ids| (ids, true));
    for (ids, enable) in wanted.chain(global.disable_repo.iter().map(|ids| (ids, false))) {
        switch(base, ids, enable)?;
    }
    Ok(())
}

/// Enables or disables the repositories that a glob means.
pub fn switch(base: &Base<'_>, ids: &str, enable: bool) -> Result<()> {
    let found = matching(base, ids)?;
    if found.is_empty() {
        return Err(Usage(format!(
            "No matching repositories for {ids}. To use repositories from a host system, pass --use-host-config option."
        ))
        .into());
    }
    found
        .iter()
        .try_for_each(|repo| if enable { repo.enable() } else { repo.disable() })?;
    Ok(())
}

/// The repositories whose ids match a glob.
pub fn matching<'b>(base: &'b Base<'_>, ids: &str) -> Result<Vec<Repo<'b>>> {
    Ok(RepoQuery::new(base)?.filter_id(&[ids], QueryCmp::GLOB)?.list()?)
}
