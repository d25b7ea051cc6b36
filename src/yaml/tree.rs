//! The trees: what was read, and what is printed.

use crate::location::Location;

/// A node of a YAML document.
#[derive(Debug, Clone)]
pub struct Tree {
    /// Where the node starts.
    pub at: Location,
    /// What it is.
    pub kind: Kind,
}

/// Kinds of node.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Nothing, `~` or `null`: the same as if the key were not there.
    Null,
    /// Any scalar, with its text as written and unquoted.
    Scalar(String),
    /// A sequence.
    Sequence(Vec<Tree>),
    /// A mapping, in the order of the file; keys may repeat.
    Mapping(Vec<Entry>),
}

/// A key of a mapping and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where the key is written.
    pub at: Location,
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Tree,
}

impl Tree {
    /// Whether both say the same, wherever they are written.
    pub fn same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Scalar(one), Kind::Scalar(two)) => one == two,
            (Kind::Sequence(one), Kind::Sequence(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            (Kind::Mapping(one), Kind::Mapping(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            _ => false,
        }
    }

    /// What a user would call this kind of node.
    pub const fn noun(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Scalar(_) => "a scalar",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }
}

impl Entry {
    fn same(&self, other: &Self) -> bool {
        self.key.eq_ignore_ascii_case(&other.key) && self.value.same(&other.value)
    }
}

/// A value to print as YAML or JSON; mappings keep their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, quoted where a YAML reader would take it for something else.
    Text(String),
    /// A number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Shorthand for [`Value::Text`].
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A mapping with keys from anything that is text.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}
