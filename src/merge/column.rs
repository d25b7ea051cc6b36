//! All that the layers say about one key.

use crate::config::{Read as _, Share, Toggle};
use crate::location::Located;
use crate::merge::finding::{Entry, Origin};
use crate::merge::layer::Layer;

/// A value in a layer.
#[derive(Debug)]
pub struct Cell<'l, T> {
    /// Layer that sets it.
    pub layer: &'l Layer<'l>,
    /// Value and place.
    pub value: &'l Located<T>,
}

impl<T> Clone for Cell<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Cell<'_, T> {}

impl<T> Cell<'_, T> {
    /// Where it is written.
    pub fn origin(&self) -> Origin {
        self.layer.origin(self.value.at)
    }
}

/// The values of one key, oldest layer first.
pub type Column<'l, T> = Vec<Cell<'l, T>>;

/// Adds what a layer says to a column, if anything.
pub fn push<'l, T>(column: &mut Column<'l, T>, layer: &'l Layer<'l>, value: Option<&'l Located<T>>) {
    column.extend(value.map(|value| Cell { layer, value }));
}

/// How a value looks in a config.
pub trait Written {
    /// Its text.
    fn written(&self) -> String;
}

impl Written for String {
    fn written(&self) -> String {
        self.clone()
    }
}

macro_rules! written_by_display {
    ($($type:ty),+) => { $(impl Written for $type {
        fn written(&self) -> String {
            self.to_string()
        }
    })+ };
}

written_by_display!(i64, bool, Toggle);

impl Written for Share {
    fn written(&self) -> String {
        match self.print() {
            crate::yaml::Value::Text(text) => text,
            other => other.to_string(),
        }
    }
}

/// An entry for a cell that won.
pub fn entry<T: Written, U>(cell: Cell<'_, T>, value: U, overrides: Vec<Origin>) -> Entry<U> {
    Entry {
        value,
        written: cell.value.written(),
        origin: cell.origin(),
        overrides,
    }
}
