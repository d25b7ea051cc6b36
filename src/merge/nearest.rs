//! Tags that place a node's own data: the nearest node that sets one wins, in a node admin before normal.

use std::path::PathBuf;

use crate::merge::column::{Cell, Column, entry};
use crate::merge::{Context, Entry, clean};

/// Applies the rule.
pub fn nearest(key: &str, column: Column<'_, String>, context: &mut Context<'_>) -> Option<Entry<PathBuf>> {
    // Layers are ordered by age, admin after normal in each node: the last one is the nearest.
    let (winner, losers) = column.split_last()?;
    let path = PathBuf::from(context.expand(key, winner.value, winner.layer)?);
    if !path.is_absolute() {
        context.error(key, "the path is not absolute after expansion", winner.origin());
    }
    let overrides = losers.iter().rev().map(Cell::origin).collect();
    Some(entry(*winner, clean(&path), overrides))
}
