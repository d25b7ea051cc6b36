//! How the fields of a record are read: required, optional or lists, each with its place.

use std::path::Path;

use crate::config::schema::Shape;
use crate::display;
use crate::location::{Located, Location};
use crate::yaml::{Kind, Problem, Tree, Value};

/// Most errors told about one file; the rest would be noise.
const MAX_ERRORS: usize = 50;

/// What is found wrong while a file is read.
#[derive(Debug)]
pub struct Report<'a> {
    file: &'a Path,
    /// Errors, in the order of reading.
    pub errors: Vec<Problem>,
    /// Warnings, in the order of reading.
    pub warnings: Vec<Problem>,
}

impl<'a> Report<'a> {
    /// Nothing wrong yet in this file.
    pub const fn new(file: &'a Path) -> Self {
        Self {
            file,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Notes an error.
    pub fn error(&mut self, at: Location, message: impl Into<String>, help: impl Into<String>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(Problem::new(self.file, at, message).help(help));
        }
    }

    /// Notes a warning.
    pub fn warning(&mut self, at: Location, message: impl Into<String>) {
        self.warnings.push(Problem::new(self.file, at, message));
    }

    /// Notes that a node is not of the kind that its key wants.
    pub fn unexpected(&mut self, key: &str, tree: &Tree, expected: &str) {
        let found = match &tree.kind {
            Kind::Scalar(text) => format!("'{}'", display::text(text)),
            _ => tree.noun().to_owned(),
        };
        self.error(
            tree.at,
            format!("{key}: {found} is not accepted"),
            format!("expected {expected}"),
        );
    }
}

/// A type that one node of a document can hold.
pub trait Read: Sized {
    /// Reads it; `None` after noting an error under the name of its key.
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self>;
    /// The value to print.
    fn print(&self) -> Value;
    /// What it accepts, for messages and the JSON Schema.
    fn shape() -> Shape;
}

/// A field of a record.
pub trait Field: Sized {
    /// Whether the key has to be there.
    const REQUIRED: bool;
    /// Reads it from the value of its key, `None` where the key is missing.
    fn read_field(key: &str, tree: Option<&Tree>, report: &mut Report<'_>) -> Option<Self>;
    /// The value to print, `None` where there is nothing to print.
    fn print_field(&self) -> Option<Value>;
    /// What its key accepts.
    fn shape() -> Shape;
}

fn located<T: Read>(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Located<T>> {
    T::read(key, tree, report).map(|value| Located::new(value, tree.at))
}

impl<T: Read> Field for Located<T> {
    const REQUIRED: bool = true;

    fn read_field(key: &str, tree: Option<&Tree>, report: &mut Report<'_>) -> Option<Self> {
        // The record says which of its keys are missing: it knows its own place.
        tree.and_then(|tree| located(key, tree, report))
    }

    fn print_field(&self) -> Option<Value> {
        Some(self.value.print())
    }

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Read> Field for Option<Located<T>> {
    const REQUIRED: bool = false;

    fn read_field(key: &str, tree: Option<&Tree>, report: &mut Report<'_>) -> Option<Self> {
        Some(tree.and_then(|tree| located(key, tree, report)))
    }

    fn print_field(&self) -> Option<Value> {
        self.as_ref().map(|located| located.value.print())
    }

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Read> Field for Vec<Located<T>> {
    const REQUIRED: bool = false;

    fn read_field(key: &str, tree: Option<&Tree>, report: &mut Report<'_>) -> Option<Self> {
        Some(tree.and_then(|tree| Self::read(key, tree, report)).unwrap_or_default())
    }

    fn print_field(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.print())
    }

    fn shape() -> Shape {
        <Self as Read>::shape()
    }
}

impl<T: Read> Read for Vec<Located<T>> {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        match &tree.kind {
            Kind::Sequence(items) => Some(items.iter().filter_map(|item| located(key, item, report)).collect()),
            _ => {
                report.unexpected(key, tree, "a list");
                None
            }
        }
    }

    fn print(&self) -> Value {
        Value::List(self.iter().map(|item| item.value.print()).collect())
    }

    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}
