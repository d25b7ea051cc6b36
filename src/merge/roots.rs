//! `gpgcheck` and `export_roots`: constraints that only ever add up.

use std::path::{Path, PathBuf};

use crate::location::Located;
use crate::merge::column::{Cell, Column, entry};
use crate::merge::{Context, Entry, ExportRoots, Merged, Origin, clean, is_place};

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

impl Merged {
    /// The innermost node of the family that a path lies in.
    pub fn node_of(&self, path: &Path) -> Option<&Path> {
        let mut holders = self.nodes.iter().filter(|node| path.starts_with(&node.path));
        holders.next_back().map(|node| node.path.as_path())
    }

    /// What limits the source of an export that `origin` wrote and that lies in the node `beneath`: one list for each ancestor
    /// of the export's node that limits sources; the export's own node is in each of them.
    pub fn allowed_roots(&self, origin: &Origin, beneath: Option<&Path>) -> Vec<Vec<PathBuf>> {
        let own = origin.node.and_then(|node| self.nodes.get(node)).map(|node| &node.path);
        // What lies in the own node cannot leave it, since it is resolved beneath it.
        if own.is_some_and(|own| beneath.is_some_and(|beneath| beneath == own)) {
            return Vec::new();
        }
        let above = self.tags.export_roots.iter().filter(|roots| roots.node < origin.node);
        above
            .map(|roots| roots.prefixes.iter().chain(own).cloned().collect())
            .collect()
    }
}
