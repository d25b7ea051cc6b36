//! `share_*`: constraints. What an ancestor disables stays disabled.

use std::path::PathBuf;

use crate::config::Share;
use crate::merge::column::{Cell, Column, entry};
use crate::merge::layer::Layer;
use crate::merge::{Context, Entry, Finding, ShareState, clean};

/// A decided share and the cell that decided it.
type Decision<'l> = Option<(Cell<'l, Share>, Entry<ShareState>)>;

/// Applies the rule to one kind of namespace; `all` is the column of `share_all` where it is the default of this kind.
///
/// Any admin value beats every normal value, and among admin values the constraint holds again.
pub fn constrain<'l>(
    key: &str,
    column: &Column<'l, Share>,
    all: Option<&Column<'l, Share>>,
    context: &mut Context<'_>,
) -> Option<Entry<ShareState>> {
    let admin = level(key, column, all, true, context);
    let normal = level(key, column, all, false, context);
    let Some((_, mut winner)) = admin else {
        return normal.map(|(_, entry)| entry);
    };
    if let Some((_, loser)) = normal {
        winner.overrides.push(loser.origin);
        winner.overrides.extend(loser.overrides);
    }
    Some(winner)
}

/// The constraint among the admin values, or among the normal ones.
fn level<'l>(
    key: &str,
    column: &Column<'l, Share>,
    all: Option<&Column<'l, Share>>,
    admin: bool,
    context: &mut Context<'_>,
) -> Decision<'l> {
    let mut decision: Decision<'l> = None;
    for cell in column.iter().filter(|cell| cell.layer.admin == admin) {
        let Some(state) = state(key, cell, context) else {
            continue;
        };
        let above = match &decision {
            Some((above, entry)) => Some((*above, entry.value.clone())),
            // An ancestor's `share_all: Disabled` disables each kind that it has not enabled itself.
            None => all
                .and_then(|all| disabled_above(all, cell.layer))
                .map(|above| (above, ShareState::New)),
        };
        if let Some((above, held)) = above.filter(|(_, held)| is_looser(&state, held)) {
            context.errors.push(loosened(key, cell, &above, &held));
            continue;
        }
        let mut overrides = Vec::new();
        if let Some((_, previous)) = decision.take() {
            overrides.push(previous.origin);
            overrides.extend(previous.overrides);
        }
        decision = Some((*cell, entry(*cell, state, overrides)));
    }
    decision
}

/// The oldest `share_all: Disabled` strictly above a layer, of the same level.
fn disabled_above<'l>(all: &Column<'l, Share>, layer: &Layer<'_>) -> Option<Cell<'l, Share>> {
    let mut above = all
        .iter()
        .filter(|cell| cell.layer.admin == layer.admin && cell.layer.node < layer.node);
    above.find(|cell| cell.value.value == Share::Disabled).copied()
}

fn state(key: &str, cell: &Cell<'_, Share>, context: &mut Context<'_>) -> Option<ShareState> {
    match &cell.value.value {
        Share::Unset => None,
        Share::Enabled => Some(ShareState::Shared),
        Share::Disabled => Some(ShareState::New),
        Share::Join(text) => {
            let text = crate::location::Located::new(text.clone(), cell.value.at);
            let path = PathBuf::from(context.expand(key, &text, cell.layer)?);
            if !path.is_absolute() {
                context.error(
                    key,
                    "the path of the namespace is not absolute after expansion",
                    cell.origin(),
                );
            }
            Some(ShareState::Join(clean(&path)))
        }
    }
}

/// Whether a descendant's choice gives up what an ancestor's holds. The order is: shared, a certain other one, a new one.
fn is_looser(below: &ShareState, above: &ShareState) -> bool {
    match (above, below) {
        (ShareState::Shared, _) | (_, ShareState::New) => false,
        (ShareState::New, _) => true,
        (ShareState::Join(above), below) => *below != ShareState::Join(above.clone()),
    }
}

fn loosened(key: &str, below: &Cell<'_, Share>, above: &Cell<'_, Share>, held: &ShareState) -> Finding {
    let what = match held {
        ShareState::Join(_) => "joins another namespace",
        _ => "disables it",
    };
    let message = format!(
        "'{}' cannot loosen what the ancestor '{}' sets, which {what}",
        text(below),
        above.layer.config.headers.alias.value
    );
    Finding::new(key, message, below.origin()).and(above.origin())
}

fn text(cell: &Cell<'_, Share>) -> String {
    use crate::merge::column::Written as _;
    crate::display::text(&cell.value.value.written())
}
