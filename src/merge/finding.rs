//! Where merged entries come from, and what is wrong with them.

use std::fmt;
use std::path::PathBuf;

use crate::display;
use crate::location::Location;

/// The place of an entry: a file of a node or of redmain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Config file.
    pub file: PathBuf,
    /// Place in the file.
    pub at: Location,
    /// Alias of the node, or of the main config.
    pub alias: String,
    /// Index in the family's nodes, oldest first; `None` for the main config file.
    pub node: Option<usize>,
    /// Whether it is an admin config.
    pub admin: bool,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", display::path(&self.file), self.at)
    }
}

/// A merged value with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// The value, expanded.
    pub value: T,
    /// The text in the config, before expansion.
    pub written: String,
    /// Where the value was written.
    pub origin: Origin,
    /// Entries that it won over, or that only repeat it.
    pub overrides: Vec<Origin>,
}

impl<T> Entry<T> {
    /// The same entry with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Entry<U> {
        let Self {
            value,
            written,
            origin,
            overrides,
        } = self;
        Entry {
            value: change(value),
            written,
            origin,
            overrides,
        }
    }
}

/// A warning or an error of the merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Key of the schema, or the mount or variable that it is about.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// The places that it concerns; the first is the one to change.
    pub places: Vec<Origin>,
}

impl Finding {
    /// A finding about one place.
    pub fn new(key: &str, message: impl Into<String>, origin: Origin) -> Self {
        Self {
            key: key.to_owned(),
            message: message.into(),
            places: vec![origin],
        }
    }

    /// Adds another place that it concerns.
    #[must_use]
    pub fn and(mut self, origin: Origin) -> Self {
        self.places.push(origin);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut places = self.places.iter();
        if let Some(first) = places.next() {
            write!(f, "{first}: ")?;
        }
        write!(f, "{}: {}", display::text(&self.key), self.message)?;
        places.try_for_each(|place| write!(f, " ({place})"))
    }
}

impl std::error::Error for Finding {}
