//! Answers of checks: holds, violated, or could not tell. The last two are different things.

use std::fmt;
use std::path::PathBuf;

use crate::coherency::{Id, Link};
use crate::display;

/// What a check found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds; what a user asked for in spite of it stands beside.
    Holds {
        /// Violations that were forced, told as warnings.
        warnings: Vec<Violation>,
    },
    /// It does not; never empty.
    Violated(Vec<Violation>),
    /// Something needed could not be read.
    CouldNotTell {
        /// Why.
        reason: String,
    },
}

/// How much a violation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The family is coherent all the same.
    Warning,
    /// It is not.
    Error,
}

/// One reason why a check does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The check.
    pub id: Id,
    /// How much it weighs.
    pub severity: Severity,
    /// Directory of the node that it is about.
    pub node: PathBuf,
    /// Package (name-epoch:version-release.arch) that it is about, if any.
    pub package: Option<String>,
    /// What is wrong and what would help.
    pub reason: String,
    /// Who needs the package, where that was looked for.
    pub needed_by: Vec<Link>,
}

impl Outcome {
    /// The outcome of a list of violations.
    pub fn of(violations: Vec<Violation>) -> Self {
        if violations.iter().any(|violation| violation.severity == Severity::Error) {
            Self::Violated(violations)
        } else {
            Self::Holds { warnings: violations }
        }
    }

    /// Whether the family may be called coherent as far as this check goes.
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Holds { .. })
    }
}

impl Violation {
    /// An error about a node.
    pub fn error(id: Id, node: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self {
            id,
            severity: Severity::Error,
            node: node.into(),
            package: None,
            reason: reason.into(),
            needed_by: Vec::new(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: ", self.id, display::path(&self.node))?;
        if let Some(package) = &self.package {
            write!(f, "{}: ", display::text(package))?;
        }
        f.write_str(&self.reason)
    }
}
