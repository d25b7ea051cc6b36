//! Records: mappings with known keys.

use crate::config::field::Report;
use crate::config::schema::Shape;
use crate::display;
use crate::yaml::{Entry, Kind, Tree};

/// A mapping whose keys are all known.
pub trait Record {
    /// Its keys, in the order in which they are printed.
    fn keys() -> Vec<Key>;
}

/// One key of a record.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key as it is printed; it is read in any case.
    pub name: &'static str,
    /// What it is for, in one line.
    pub description: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What it accepts.
    pub shape: Shape,
}

/// Defines a record: its fields, the key of each, and from them reading, printing and the table of keys.
macro_rules! record {
    ($(#[doc = $about:literal])+ $name:ident { $(#[doc = $doc:literal] $key:literal $field:ident: $type:ty,)+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $(#[doc = $doc] pub $field: $type,)+ }

        impl $crate::config::Record for $name {
            fn keys() -> Vec<$crate::config::Key> {
                vec![$($crate::config::Key {
                    name: $key,
                    description: $doc.trim_ascii(),
                    required: <$type as $crate::config::Field>::REQUIRED,
                    shape: <$type as $crate::config::Field>::shape(),
                },)+]
            }
        }

        impl $crate::config::Read for $name {
            fn read(key: &str, tree: &$crate::yaml::Tree, report: &mut $crate::config::Report<'_>) -> Option<Self> {
                let required = [$(($key, <$type as $crate::config::Field>::REQUIRED),)+];
                let fields = $crate::config::record::Fields::read(key, tree, &required, report)?;
                // All fields are read before any failure counts: several errors are told at once.
                $(let $field = fields.field::<$type>($key, report);)+
                Some(Self { $($field: $field?,)+ })
            }

            fn print(&self) -> $crate::yaml::Value {
                let mut entries: Vec<(String, $crate::yaml::Value)> = Vec::new();
                $(if let Some(value) = $crate::config::Field::print_field(&self.$field) {
                    entries.push(($key.to_owned(), value));
                })+
                $crate::yaml::Value::Map(entries)
            }

            fn shape() -> $crate::config::Shape {
                $crate::config::Shape::Record(<Self as $crate::config::Record>::keys())
            }
        }
    };
}

pub(crate) use record;

/// The entries of a mapping, checked against the keys of a record.
#[derive(Debug)]
pub struct Fields<'tree> {
    name: String,
    entries: Vec<(&'static str, &'tree Tree)>,
}

impl<'tree> Fields<'tree> {
    /// Takes the entries of a mapping; unknown, repeated and missing keys are noted.
    pub fn read(name: &str, tree: &'tree Tree, keys: &[(&'static str, bool)], report: &mut Report<'_>) -> Option<Self> {
        let entries: &[Entry] = match &tree.kind {
            Kind::Mapping(entries) => entries,
            Kind::Null => &[],
            _ => {
                report.unexpected(name, tree, "a mapping");
                return None;
            }
        };
        let mut fields = Self {
            name: name.to_owned(),
            entries: Vec::new(),
        };
        for entry in entries {
            fields.take(entry, keys, report);
        }
        fields.missing(tree, keys, report);
        Some(fields)
    }

    fn take(&mut self, entry: &'tree Entry, keys: &[(&'static str, bool)], report: &mut Report<'_>) {
        let Some((known, _)) = keys.iter().find(|(known, _)| known.eq_ignore_ascii_case(&entry.key)) else {
            let message = format!("unknown key '{}'{}", display::text(&entry.key), self.within());
            return report.error(entry.at, message, advice(&entry.key, keys));
        };
        match self.get(known) {
            None => self.entries.push((known, &entry.value)),
            Some(first) if first.same(&entry.value) => {
                report.warning(
                    entry.at,
                    format!("'{known}' is written twice with the same value, first at {}", first.at),
                );
            }
            Some(first) => {
                let message = format!(
                    "'{known}' is written twice with different values, first at {}",
                    first.at
                );
                report.error(entry.at, message, "keep one of them");
            }
        }
    }

    fn missing(&self, tree: &Tree, keys: &[(&'static str, bool)], report: &mut Report<'_>) {
        for (key, _) in keys.iter().filter(|(_, required)| *required) {
            if self.get(key).is_none_or(|tree| matches!(tree.kind, Kind::Null)) {
                report.error(
                    tree.at,
                    format!("the key '{key}' is missing{}", self.within()),
                    format!("add '{key}:'"),
                );
            }
        }
    }

    fn within(&self) -> String {
        if self.name.is_empty() {
            String::new()
        } else {
            format!(" in '{}'", self.name)
        }
    }

    fn get(&self, key: &str) -> Option<&'tree Tree> {
        self.entries
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, tree)| *tree)
    }

    /// Reads one field; a key without a value counts as missing.
    pub fn field<T: super::Field>(&self, key: &str, report: &mut Report<'_>) -> Option<T> {
        let tree = self.get(key).filter(|tree| !matches!(tree.kind, Kind::Null));
        T::read_field(key, tree, report)
    }
}

/// The nearest key where one is near enough to be meant, else all of them.
fn advice(wrong: &str, keys: &[(&'static str, bool)]) -> String {
    let distance = |key: &str| crate::distance::edits(&wrong.to_ascii_lowercase(), key);
    let nearest = keys.iter().map(|(key, _)| (distance(key), *key)).min();
    match nearest {
        Some((edits, key)) if edits <= 2 => format!("did you mean '{key}'?"),
        _ => format!(
            "accepted are {}",
            keys.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", ")
        ),
    }
}
