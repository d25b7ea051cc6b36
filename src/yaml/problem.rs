//! Something that is wrong in a file, for an error or a warning.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::display;
use crate::location::Location;

/// What is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File that was read.
    pub file: PathBuf,
    /// Place in the file.
    pub at: Location,
    /// What is wrong, with the offending text quoted.
    pub message: String,
    /// What would be accepted instead, or what to do; may be empty.
    pub help: String,
}

impl Problem {
    /// A problem without advice.
    pub fn new(file: &Path, at: Location, message: impl Into<String>) -> Self {
        let (file, message) = (file.to_path_buf(), message.into());
        Self {
            file,
            at,
            message,
            help: String::new(),
        }
    }

    /// Adds what would be accepted or what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", display::path(&self.file), self.at, self.message)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
