//! Tags that are unique in the family: the oldest ancestor that sets one wins, redmain excepted; admin beats normal.

use crate::merge::column::{Cell, Column, Written, entry};
use crate::merge::{Context, Entry, Finding};

/// Rank of a cell, the lowest wins: admin before normal, nodes before redmain.
fn rank<T>(cell: &Cell<'_, T>) -> (bool, bool) {
    (!cell.layer.admin, cell.layer.redmain)
}

/// Applies the rule; a differing value that loses against another node's is told.
pub fn unique<'l, T: Written + PartialEq>(
    key: &str,
    column: Column<'l, T>,
    context: &mut Context<'_>,
) -> Option<(Cell<'l, T>, Entry<()>)> {
    let mut ranked = column;
    // A stable sort keeps the oldest first among equals.
    ranked.sort_by_key(rank);
    let (winner, losers) = ranked.split_first()?;
    for loser in losers.iter().filter(|loser| is_ignored(loser, winner)) {
        let message = format!(
            "'{}' is ignored, the ancestor's '{}' holds",
            loser.value.written(),
            winner.value.written()
        );
        context
            .warnings
            .push(Finding::new(key, message, loser.origin()).and(winner.origin()));
    }
    let overrides = losers.iter().map(Cell::origin).collect();
    Some((*winner, entry(*winner, (), overrides)))
}

/// Defaults of redmain and normal values under admin ones are there to be overridden; all else is a surprise.
fn is_ignored<T: PartialEq>(loser: &Cell<'_, T>, winner: &Cell<'_, T>) -> bool {
    rank(loser) == rank(winner) && loser.value.value != winner.value.value
}
