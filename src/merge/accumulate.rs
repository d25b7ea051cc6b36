//! What exports and environment variables share: entries keyed by a name, with one order of precedence.

use std::collections::BTreeMap;

use crate::merge::layer::Layer;
use crate::merge::{Context, Finding, Origin};

/// An entry of a layer under its expanded key.
#[derive(Debug)]
pub struct Keyed<'l, T> {
    /// The key, for messages and comparison.
    pub key: Vec<u8>,
    /// The key as a message shows it.
    pub shown: String,
    /// Layer that it is written in.
    pub layer: &'l Layer<'l>,
    /// Where.
    pub origin: Origin,
    /// The entry.
    pub value: T,
    /// What it won over.
    pub overrides: Vec<Origin>,
}

/// Applies the precedence to entries given oldest layer first, in file order: a child's normal entry replaces an
/// ancestor's (with a warning), any admin entry beats any normal one, a child's admin entry beats an ancestor's.
///
/// The winners keep the order in which they were given.
pub fn accumulate<'l, T: PartialEq>(entries: Vec<Keyed<'l, T>>, context: &mut Context<'_>) -> Vec<Keyed<'l, T>> {
    let mut winners: BTreeMap<Vec<u8>, (usize, Keyed<'l, T>)> = BTreeMap::new();
    for (index, mut entry) in entries.into_iter().enumerate() {
        match winners.remove(&entry.key) {
            None => drop(winners.insert(entry.key.clone(), (index, entry))),
            Some((first, mut held)) if is_same_file(&held, &entry) => {
                context.repeated(
                    &entry.shown,
                    held.value == entry.value,
                    &held.origin,
                    entry.origin.clone(),
                );
                held.overrides.push(entry.origin);
                winners.insert(held.key.clone(), (first, held));
            }
            Some((first, mut held)) if held.layer.admin && !entry.layer.admin => {
                held.overrides.push(entry.origin);
                winners.insert(held.key.clone(), (first, held));
            }
            Some((_, held)) => {
                if !entry.layer.admin {
                    let message = format!("replaces the entry of the ancestor '{}'", held.origin.alias);
                    context
                        .warnings
                        .push(Finding::new(&entry.shown, message, entry.origin.clone()).and(held.origin.clone()));
                }
                entry.overrides.push(held.origin);
                entry.overrides.extend(held.overrides);
                winners.insert(entry.key.clone(), (index, entry));
            }
        }
    }
    let mut ordered: Vec<_> = winners.into_values().collect();
    ordered.sort_by_key(|(index, _)| *index);
    ordered.into_iter().map(|(_, entry)| entry).collect()
}

fn is_same_file<T>(one: &Keyed<'_, T>, two: &Keyed<'_, T>) -> bool {
    std::ptr::eq(one.layer, two.layer)
}

impl Context<'_> {
    /// The same key twice in one file: identical is a warning, different is an error.
    pub(super) fn repeated(&mut self, key: &str, identical: bool, first: &Origin, second: Origin) {
        let list = if identical {
            &mut self.warnings
        } else {
            &mut self.errors
        };
        let how = if identical {
            "with the same content"
        } else {
            "with different content"
        };
        list.push(Finding::new(
            key,
            format!("written twice in one file, {how}, first at {}", first.at),
            second,
        ));
    }
}
