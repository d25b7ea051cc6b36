//! The short name of a node.

use std::fmt;
use std::str::FromStr;

use crate::config::{Read, Report, Shape};
use crate::display;
use crate::yaml::{Kind, Tree, Value};

const EXPECTED: &str = "letters, digits and '+', '_', '@', ':', '-'";

/// A valid alias: one or more of `[A-Za-z0-9+_@:-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Alias(String);

/// A text that is no alias.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is not an alias; use {EXPECTED}", display::text(.0))]
pub struct BadAlias(pub String);

impl Alias {
    /// The alias as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes an alias of any name, the last component of a path for example: what is not allowed becomes `_`.
    pub fn from_name(name: &str) -> Self {
        let name: String = name.chars().map(|c| if is_allowed(c) { c } else { '_' }).collect();
        Self(if name.is_empty() { "_".into() } else { name })
    }
}

const fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '_' | '@' | ':' | '-')
}

impl FromStr for Alias {
    type Err = BadAlias;

    fn from_str(text: &str) -> Result<Self, BadAlias> {
        if !text.is_empty() && text.chars().all(is_allowed) {
            Ok(Self(text.into()))
        } else {
            Err(BadAlias(text.into()))
        }
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Read for Alias {
    fn read(key: &str, tree: &Tree, report: &mut Report<'_>) -> Option<Self> {
        let alias = match &tree.kind {
            Kind::Scalar(text) => text.parse().ok(),
            _ => None,
        };
        if alias.is_none() {
            report.unexpected(key, tree, EXPECTED);
        }
        alias
    }

    fn print(&self) -> Value {
        Value::text(&self.0)
    }

    fn shape() -> Shape {
        Shape::Pattern {
            pattern: "^[A-Za-z0-9+_@:-]+$",
            description: EXPECTED,
        }
    }
}
