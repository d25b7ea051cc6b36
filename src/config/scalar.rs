//! Scalars of a config: text, numbers, booleans.

use crate::config::field::{Read, Report};
use crate::config::schema::Shape;
use crate::yaml::{Kind, Tree, Value};

/// Words for true and false; YAML 1.1 readers, and so older configs, know all of them.
pub const TRUE: [&str; 5] = ["true", "yes", "on", "1", "enabled"];
/// See [`TRUE`].
pub const FALSE: [&str; 5] = ["false", "no", "off", "0", "disabled"];

/// The text of a scalar, or an error that says what was expected.
pub fn scalar<'tree>(key: &str, tree: &'tree Tree, report: &mut Report<'_>, expected: &str) -> Option<&'tree str> {
    match &tree.kind {
        Kind::Scalar(text) => Some(text),
        _ => {
            report.unexpected(key, tree, expected);
            None
        }
    }
}

impl Read for String {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        scalar(key, tree, report, "text").map(str::to_owned)
    }

    fn print(&self) -> Value {
        Value::text(self)
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl Read for i64 {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        let number = scalar(key, tree, report, "an integer")?.parse();
        if number.is_err() {
            report.unexpected(key, tree, "an integer");
        }
        number.ok()
    }

    fn print(&self) -> Value {
        Value::Integer(*self)
    }

    fn shape() -> Shape {
        Shape::Integer
    }
}

/// A choice that is written as 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bit(pub bool);

impl Read for Bit {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        bool::read(key, tree, report).map(Self)
    }

    fn print(&self) -> Value {
        Value::Integer(i64::from(self.0))
    }

    fn shape() -> Shape {
        Shape::Boolean
    }
}

impl Read for bool {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        let text = scalar(key, tree, report, "true or false")?;
        let is = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if !is(TRUE) && !is(FALSE) {
            report.unexpected(key, tree, "true or false");
            return None;
        }
        Some(is(TRUE))
    }

    fn print(&self) -> Value {
        Value::Boolean(*self)
    }

    fn shape() -> Shape {
        Shape::Boolean
    }
}
