//! The outcomes of checks as data that programs exchange and users archive.

use redpak::coherency::{Id, Link, Outcome, Severity, Violation};
use serde::Serialize;

use super::Examination;
use crate::check;

/// The checks over the packages of a family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FamilyReport {
    /// The checks, in the order of the table.
    pub checks: Vec<CheckReport>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Its stable id.
    pub id: &'static str,
    /// `holds`, `violated` or `could-not-tell`.
    pub outcome: &'static str,
    /// Why it could not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Errors and warnings.
    pub violations: Vec<ViolationReport>,
}

/// One violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ViolationReport {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// Directory of the node; bytes that are not UTF-8 are replaced.
    pub node: String,
    /// The package, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// Who needs the package: with the first violation of a package in each check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needed_by: Vec<Link>,
}

impl FamilyReport {
    /// Of what was found.
    pub fn new(examination: &Examination) -> Self {
        let checks = examination
            .outcomes
            .iter()
            .map(|(id, outcome)| CheckReport::new(*id, outcome));
        Self {
            checks: checks.collect(),
        }
    }

    /// The outcome of the worst check.
    pub fn outcome(&self) -> check::Outcome {
        let is = |wanted: &str| self.checks.iter().any(|check| check.outcome == wanted);
        match () {
            () if is("violated") => check::Outcome::Damaged,
            () if is("could-not-tell") => check::Outcome::CouldNotTell,
            () => check::Outcome::Readable,
        }
    }
}

impl CheckReport {
    /// Of one outcome.
    pub fn new(id: Id, outcome: &Outcome) -> Self {
        let (text, reason, violations) = match outcome {
            Outcome::Holds { warnings } => ("holds", None, warnings.as_slice()),
            Outcome::Violated(violations) => ("violated", None, violations.as_slice()),
            Outcome::CouldNotTell { reason } => ("could-not-tell", Some(reason.clone()), [].as_slice()),
        };
        Self {
            id: id.as_str(),
            outcome: text,
            reason,
            violations: violations.iter().map(ViolationReport::new).collect(),
        }
    }
}

impl ViolationReport {
    fn new(violation: &Violation) -> Self {
        Self {
            severity: match violation.severity {
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
            node: violation.node.to_string_lossy().into_owned(),
            package: violation.package.clone(),
            reason: violation.reason.clone(),
            needed_by: violation.needed_by.clone(),
        }
    }
}
