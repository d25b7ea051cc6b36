//! `path` and `ldpath`: concatenated, leaf first, in a node admin before normal, duplicates dropped.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::merge::column::{Cell, Column, entry};
use crate::merge::{Context, Entry, clean};

/// Applies the rule.
pub fn concatenate(key: &str, column: Column<'_, String>, context: &mut Context<'_>) -> Vec<Entry<PathBuf>> {
    let mut list = List::default();
    for cell in column.iter().rev() {
        if let Some(text) = context.expand(key, cell.value, cell.layer) {
            list.append(cell, &text);
            if let Some(relative) = list.relative.take() {
                // A relative directory would be searched wherever the program happens to stand.
                let message = format!("'{}' is not an absolute path", crate::display::path(&relative));
                context.error(key, message, cell.origin());
            }
        }
    }
    list.entries
}

#[derive(Default)]
struct List {
    entries: Vec<Entry<PathBuf>>,
    known: BTreeMap<OsString, usize>,
    relative: Option<PathBuf>,
}

impl List {
    fn append(&mut self, cell: &Cell<'_, String>, text: &OsStr) {
        for part in text
            .as_bytes()
            .split(|byte| *byte == b':')
            .filter(|part| !part.is_empty())
        {
            let path = clean(Path::new(OsStr::from_bytes(part)));
            match self.known.get(path.as_os_str()) {
                _ if !path.is_absolute() => self.relative = Some(path),
                Some(index) => self.entries[*index].overrides.push(cell.origin()),
                None => {
                    self.known.insert(path.clone().into(), self.entries.len());
                    self.entries.push(entry(*cell, path, Vec::new()));
                }
            }
        }
    }
}
