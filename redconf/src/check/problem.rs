//! One problem, whatever it was found by.

use std::path::PathBuf;

use redpak::display;
use redpak::location::Location;
use redpak::merge::Finding;
use redpak::yaml;
use redpak::yaml::Value;
use redpak_host::family::FamilyError;
use redpak_host::report::chain;

use crate::style::Style;

/// How much a problem weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does not work.
    Error,
    /// It works, and is probably not meant.
    Warning,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    /// The file or the node that it is about, where the message does not say so itself.
    pub file: Option<PathBuf>,
    pub at: Option<Location>,
    pub message: String,
}

impl Problem {
    /// Something about a whole file or node.
    pub fn new(severity: Severity, file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            severity,
            file: Some(file.into()),
            at: None,
            message: message.into(),
        }
    }

    /// Something that the YAML reader or the model found.
    pub fn written(severity: Severity, problem: &yaml::Problem) -> Self {
        let help = if problem.help.is_empty() {
            String::new()
        } else {
            format!("; {}", problem.help)
        };
        let message = format!("{}{help}", problem.message);
        Self {
            severity,
            file: Some(problem.file.clone()),
            at: Some(problem.at),
            message,
        }
    }

    /// Something that the merge or the plan found.
    pub fn merged(severity: Severity, finding: &Finding) -> Self {
        let mut places = finding.places.iter();
        let first = places.next();
        let others: String = places.map(|place| format!(" ({place})")).collect();
        Self {
            severity,
            file: first.map(|place| place.file.clone()),
            at: first.map(|place| place.at),
            message: format!("{}: {}{others}", display::text(&finding.key), finding.message),
        }
    }

    /// `error: FILE:LINE:COLUMN: MESSAGE`
    pub fn line(&self, style: Style) -> String {
        let severity = match self.severity {
            Severity::Error => style.error("error:"),
            Severity::Warning => style.warning("warning:"),
        };
        let place = match (&self.file, self.at) {
            (Some(file), Some(at)) => format!("{}:{at}: ", display::path(file)),
            (Some(file), None) => format!("{}: ", display::path(file)),
            (None, _) => String::new(),
        };
        format!("{severity} {place}{}\n", self.message)
    }

    /// As `redconf check --json` prints it.
    pub fn value(&self) -> Value {
        let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut fields = vec![
            ("severity", Value::text(severity)),
            ("message", Value::text(&self.message)),
        ];
        fields.extend(self.file.iter().map(|file| ("file", Value::Text(display::path(file)))));
        if let Some(at) = self.at {
            fields.extend([("line", number(at.line)), ("column", number(at.column))]);
        }
        Value::map(fields)
    }
}

impl From<&FamilyError> for Problem {
    fn from(error: &FamilyError) -> Self {
        match error {
            FamilyError::Config(problem) => Self::written(Severity::Error, problem),
            other => Self {
                severity: Severity::Error,
                file: None,
                at: None,
                message: chain(other),
            },
        }
    }
}
