//! `capabilities`: constraints, keyed by name. What an ancestor drops stays dropped.

use std::collections::BTreeMap;

use crate::config::{Capability, CapabilityName};
use crate::location::Located;
use crate::merge::column::Cell;
use crate::merge::layer::Layer;
use crate::merge::{Context, Entry, Finding, MergedCapability};

type Decided = BTreeMap<CapabilityName, Entry<MergedCapability>>;
type Wanted<'l> = BTreeMap<CapabilityName, Cell<'l, Capability>>;

/// What each layer says about capabilities, oldest first.
pub type Lists<'l> = Vec<(&'l Layer<'l>, &'l [Located<Capability>])>;

/// Applies the rule. Any admin value beats every normal value of its name; among admin values the constraint holds again.
pub fn constrain(lists: &Lists<'_>, context: &mut Context<'_>) -> Vec<Entry<MergedCapability>> {
    let mut normal = level(lists, false, context);
    for (name, mut entry) in level(lists, true, context) {
        if let Some(beaten) = normal.remove(&name) {
            entry.overrides.push(beaten.origin);
            entry.overrides.extend(beaten.overrides);
        }
        normal.insert(name, entry);
    }
    normal.into_values().collect()
}

fn level(lists: &Lists<'_>, admin: bool, context: &mut Context<'_>) -> Decided {
    let mut decided = Decided::new();
    for (layer, list) in lists.iter().filter(|(layer, _)| layer.admin == admin) {
        let wanted = by_name(layer, list, context);
        decided = descend(decided, &wanted, context);
    }
    decided
}

/// The list of one file; a name that is there twice must say the same.
fn by_name<'l>(layer: &'l Layer<'l>, list: &'l [Located<Capability>], context: &mut Context<'_>) -> Wanted<'l> {
    let mut wanted = Wanted::new();
    for value in list {
        let cell = Cell { layer, value };
        match wanted.get(&value.cap.value) {
            None => drop(wanted.insert(value.cap.value, cell)),
            Some(first) => context.repeated(
                value.cap.as_str(),
                first.value.value == value.value,
                &first.origin(),
                cell.origin(),
            ),
        }
        if let Some(warn) = &value.warn {
            context
                .warnings
                .push(Finding::new(value.cap.as_str(), &**warn, cell.origin()));
        }
    }
    wanted
}

/// One step down the family.
fn descend(above: Decided, wanted: &Wanted<'_>, context: &mut Context<'_>) -> Decided {
    let mut decided = above.clone();
    if let Some(all) = wanted.get(&CapabilityName::ALL).filter(|all| !all.value.add.0) {
        drop_added(&mut decided, all);
    }
    for (name, cell) in wanted {
        let dropped_above = dropped(&above, *name);
        if let (true, Some(holder)) = (cell.value.add.0, dropped_above) {
            let message = format!("it cannot be added below '{}', which drops it", holder.origin.alias);
            context
                .errors
                .push(Finding::new(name.as_str(), message, cell.origin()).and(holder.origin.clone()));
            continue;
        }
        let overrides = above
            .get(name)
            .into_iter()
            .flat_map(|entry| std::iter::once(entry.origin.clone()).chain(entry.overrides.iter().cloned()));
        let overrides = overrides.collect();
        decided.insert(*name, entry(*name, cell.value.add.0, cell, overrides));
    }
    decided
}

/// `ALL` dropped below takes away what was added above.
fn drop_added(decided: &mut Decided, all: &Cell<'_, Capability>) {
    for held in decided.values_mut().filter(|held| held.value.add) {
        let overrides = std::iter::once(held.origin.clone())
            .chain(held.overrides.drain(..))
            .collect();
        *held = entry(held.value.name, false, all, overrides);
    }
}

/// The entry that drops a capability above: its own, else that of `ALL`.
fn dropped(above: &Decided, name: CapabilityName) -> Option<&Entry<MergedCapability>> {
    let decisive = above.get(&name).or_else(|| above.get(&CapabilityName::ALL));
    decisive.filter(|entry| !entry.value.add)
}

fn entry(
    name: CapabilityName,
    add: bool,
    cell: &Cell<'_, Capability>,
    overrides: Vec<crate::merge::Origin>,
) -> Entry<MergedCapability> {
    Entry {
        value: MergedCapability { name, add },
        written: name.to_string(),
        origin: cell.origin(),
        overrides,
    }
}
