//! `--dump-main-config`, `--dump-repo-config`, `--dump-variables`.

use std::ffi::{OsStr, OsString};
use std::sync::Once;

use anyhow::Result;

use crate::options::Global;
use crate::terminal;
use libdnf5::{Base, QueryCmp, RepoQuery};

/// Once in a command, which may configure libdnf5 several times.
static DUMPED: Once = Once::new();

/// Prints what the options ask for, in dnf5's order.
pub fn print(base: &Base<'_>, global: &Global) -> Result<()> {
    let mut result = Ok(());
    DUMPED.call_once(|| result = print_all(base, global));
    result
}

fn print_all(base: &Base<'_>, global: &Global) -> Result<()> {
    if global.dump_variables {
        println!("======== Variables: ========");
        for name in base.vars().names()? {
            if let Some(value) = base.vars().get(&name)? {
                option(&name, Some(value));
            }
        }
    }
    if global.dump_main_config {
        println!("======== Main configuration: ========");
        for name in base.config().options()? {
            option(&name, base.config().get(&name).ok());
        }
    }
    if !global.dump_repo_config.is_empty() {
        repos(base, &global.dump_repo_config)?;
    }
    Ok(())
}

fn repos(base: &Base<'_>, ids: &[String]) -> Result<()> {
    for repo in RepoQuery::new(base)?.filter_id(ids, QueryCmp::GLOB)?.list()? {
        println!(
            "======== \"{}\" repository configuration: ========",
            repo.id()?.display()
        );
        for name in repo.options()? {
            option(&name, repo.option(&name).ok());
        }
    }
    Ok(())
}

/// An option without a value (reading it is an error for libdnf5) is a bare name.
fn option(name: &OsStr, value: Option<OsString>) {
    match value {
        Some(value) => terminal::show(format_args!("{} = {}", name.display(), value.display())),
        None => terminal::show(name.display()),
    }
}
