//! `NAME=VALUE` on the command line.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use crate::options::usage::Usage;

/// Names and their values, in the order in which dnf5 writes them.
pub type Assignments = BTreeMap<String, String>;

/// Parts a word; `argument` is dnf5's name for it.
pub fn split<'t>(argument: &str, text: &'t str) -> Result<(&'t str, &'t str)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err(Usage(format!("{argument}: Badly formatted argument value \"{text}\".")).into()),
    }
}

/// Adds one; the same name may not get two values. `shown` is the name as typed, `what` it is.
pub fn add(all: &mut Assignments, what: &str, (name, shown): (&str, &str), value: &str) -> Result<()> {
    let known = all.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    ensure!(
        known == value,
        "ConfigManagerError: Sets the \"{shown}\" {what} again with a different value: \"{known}\" != \"{value}\""
    );
    Ok(())
}
