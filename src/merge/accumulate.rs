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
    for (index, entry) in once_per_file(entries, context).into_iter().enumerate() {
        let winner = match winners.remove(&entry.key) {
            None => (index, entry),
            Some((first, held)) if held.layer.admin && !entry.layer.admin => (first, held.over(entry)),
            Some((_, held)) => {
                tell(&entry, &held, context);
                (index, entry.over(held))
            }
        };
        winners.insert(winner.1.key.clone(), winner);
    }
    let mut ordered: Vec<_> = winners.into_values().collect();
    ordered.sort_by_key(|(index, _)| *index);
    ordered.into_iter().map(|(_, entry)| entry).collect()
}

/// The first entry of each key in each file; the others must say the same.
fn once_per_file<'l, T: PartialEq>(entries: Vec<Keyed<'l, T>>, context: &mut Context<'_>) -> Vec<Keyed<'l, T>> {
    let mut places: BTreeMap<(*const Layer<'l>, Vec<u8>), usize> = BTreeMap::new();
    let mut kept: Vec<Keyed<'l, T>> = Vec::new();
    for entry in entries {
        let place = places
            .entry((std::ptr::from_ref(entry.layer), entry.key.clone()))
            .or_insert(kept.len());
        match kept.get_mut(*place) {
            None => kept.push(entry),
            Some(first) => {
                let identical = first.value == entry.value;
                context.repeated(&entry.shown, identical, &first.origin, entry.origin.clone());
                first.overrides.push(entry.origin);
            }
        }
    }
    kept
}

/// A normal entry that replaces a normal one may be a mistake; admin entries are there to replace.
fn tell<T>(entry: &Keyed<'_, T>, held: &Keyed<'_, T>, context: &mut Context<'_>) {
    if !entry.layer.admin {
        let message = format!("replaces the entry of the ancestor '{}'", held.origin.alias);
        let warning = Finding::new(&entry.shown, message, entry.origin.clone());
        context.warnings.push(warning.and(held.origin.clone()));
    }
}

impl<T> Keyed<'_, T> {
    /// The entry, with another one and all that it won over among what it overrides.
    fn over(mut self, other: Self) -> Self {
        self.overrides.push(other.origin);
        self.overrides.extend(other.overrides);
        self
    }
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
