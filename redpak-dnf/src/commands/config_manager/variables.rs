//! `setvar`, `unsetvar`.

use anyhow::{Context, Result, ensure};

use super::assignments::{self, Assignments};
use super::place::Place;
use super::{Missing, Work};
use crate::commands::Outcome;
use libdnf5::OptionPriority;

/// From `variable=value`.
pub fn parse(words: &[String]) -> Result<Assignments> {
    let mut all = Assignments::new();
    for word in words {
        let (name, value) = assignments::split("varval", word)?;
        check(name)?;
        assignments::add(&mut all, "variable", (name, name), value)?;
    }
    Ok(all)
}

/// libdnf5's rule. The name becomes that of a file.
fn check(name: &str) -> Result<()> {
    ensure!(
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
        "ConfigManagerError: Variable name can contain only ASCII letters, numbers and '_': {name}"
    );
    Ok(())
}

/// Variables are written to the last directory, which counts most. libdnf5 puts the installroot in front of what the configuration
/// says, and not in front of what the command line says.
fn place(work: &Work<'_>) -> Result<Place> {
    let directories = work.session.directories("varsdir")?;
    let last = directories.last().context("the option varsdir names no directory")?;
    let (_, priority) = work.session.base.config().get_with_priority("varsdir")?;
    if priority >= OptionPriority::Commandline || last.starts_with(work.node.path()) {
        return Place::new(work.node, last);
    }
    Place::new(
        work.node,
        &work.node.path().join(last.strip_prefix("/").unwrap_or(last)),
    )
}

/// `setvar`
pub fn set(work: &Work<'_>, values: &Assignments, missing: Missing) -> Result<Outcome> {
    let place = place(work)?;
    place.require(missing)?;
    for (name, value) in values {
        place.write(name, value)?;
    }
    Ok(Outcome::Done)
}

/// `unsetvar`: what is not there is told, and no error.
pub fn unset(work: &Work<'_>, names: &[String]) -> Result<Outcome> {
    names.iter().try_for_each(|name| check(name))?;
    let place = place(work)?;
    for name in names {
        if !place.remove(name)? {
            eprintln!("config-manager: Request to remove variable but it is not present in the vars directory: {name}");
        }
    }
    Ok(Outcome::Done)
}
