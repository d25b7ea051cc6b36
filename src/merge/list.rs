//! `path` and `ldpath`: concatenated, leaf first, in a node admin before normal, duplicates dropped.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::merge::column::{Cell, Column, entry};
use crate::merge::{Context, Entry, clean};

/// Applies the rule.
pub fn concatenate(key: &str, column: Column<'_, String>, context: &mut Context<'_>) -> Vec<Entry<PathBuf>> {
    let mut entries = Vec::new();
    for cell in column.iter().rev() {
        if let Some(text) = context.expand(key, cell.value, cell.layer) {
            append(key, cell, &text, &mut entries, context);
        }
    }
    entries
}

fn append(
    key: &str,
    cell: &Cell<'_, String>,
    text: &OsStr,
    entries: &mut Vec<Entry<PathBuf>>,
    context: &mut Context<'_>,
) {
    for part in text
        .as_bytes()
        .split(|byte| *byte == b':')
        .filter(|part| !part.is_empty())
    {
        let path = clean(Path::new(OsStr::from_bytes(part)));
        if !path.is_absolute() {
            // A relative directory would be searched wherever the program happens to stand.
            let message = format!("'{}' is not an absolute path", crate::display::path(&path));
            context.error(key, message, cell.origin());
        }
        match entries.iter_mut().find(|known| known.value == path) {
            Some(known) => known.overrides.push(cell.origin()),
            None => entries.push(entry(*cell, path, Vec::new())),
        }
    }
}
