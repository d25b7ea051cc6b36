//! `gpgcheck` and `export_roots`: constraints that only ever add up.

use std::path::PathBuf;

use crate::location::Located;
use crate::merge::column::{Cell, Column, entry};
use crate::merge::{Context, Entry, ExportRoots, clean, is_place};

/// `gpgcheck`: true anywhere is true; the oldest that says so is the origin.
pub fn any_true(column: &Column<'_, bool>) -> Option<Entry<bool>> {
    let winner = column.iter().find(|cell| cell.value.value).or_else(|| column.first())?;
    let others = column.iter().filter(|cell| !std::ptr::eq(cell.value, winner.value));
    Some(entry(*winner, winner.value.value, others.map(Cell::origin).collect()))
}

/// `export_roots`: every list counts for all nodes below.
pub fn export_roots(column: &Column<'_, Vec<Located<String>>>, context: &mut Context<'_>) -> Vec<ExportRoots> {
    let mut all = Vec::new();
    for cell in column {
        let mut prefixes = Vec::new();
        for text in &cell.value.value {
            let Some(path) = context.expand("export_roots", text, cell.layer).map(PathBuf::from) else {
                continue;
            };
            if !is_place(&path) {
                let message = format!("'{}' is not an absolute path without '..'", crate::display::path(&path));
                context.error("export_roots", message, cell.layer.origin(text.at));
            }
            prefixes.push(clean(&path));
        }
        all.push(ExportRoots {
            node: cell.layer.node,
            prefixes,
            origin: cell.origin(),
        });
    }
    all
}
