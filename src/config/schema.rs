//! What each key accepts, as a value.

use crate::config::record::Key;

/// What a node of a document may be.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Any scalar, kept as text.
    Text,
    /// Text of a certain form.
    Pattern {
        /// ECMA 262 regular expression, anchored.
        pattern: &'static str,
        /// The form in words.
        description: &'static str,
    },
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// One of these words, in any case.
    Words(Vec<String>),
    /// Any of these.
    Either(Vec<Shape>),
    /// A list of these.
    List(Box<Shape>),
    /// A mapping with known keys.
    Record(Vec<Key>),
}
