//! A config and the file that it was read from.

use std::path::{Path, PathBuf};

use crate::config::field::{Read, Report};
use crate::config::{Config, ConfigError, ConfigWarning, check};
use crate::yaml::{self, Tree};

/// A config, the file it was read from, and what was odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// File that was read.
    pub file: PathBuf,
    /// What it says.
    pub config: Config,
    /// What is accepted but looks like a mistake.
    pub warnings: Vec<ConfigWarning>,
}

/// Reads a config.
///
/// # Errors
/// All that is wrong, each with its place, the offending text and what is accepted.
pub fn parse(text: &str, file: &Path) -> Result<Source, Vec<ConfigError>> {
    from_tree(yaml::read(text, file), file)
}

/// Reads a config from bytes, as they were in the file.
///
/// # Errors
/// As [`parse`]; what is not UTF-8 is an error at its place.
pub fn parse_bytes(bytes: &[u8], file: &Path) -> Result<Source, Vec<ConfigError>> {
    from_tree(yaml::read_bytes(bytes, file), file)
}

fn from_tree(tree: Result<Tree, ConfigError>, file: &Path) -> Result<Source, Vec<ConfigError>> {
    let tree = tree.map_err(|error| vec![error])?;
    let mut report = Report::new(file);
    let config = Config::read("", &tree, &mut report);
    if let Some(config) = &config {
        check::check(config, &mut report);
    }
    let Report { errors, warnings, .. } = report;
    match config {
        Some(config) if errors.is_empty() => Ok(Source {
            file: file.to_path_buf(),
            config,
            warnings,
        }),
        _ => Err(errors),
    }
}

impl Config {
    /// The config as YAML that reads back to the same config.
    pub fn to_yaml(&self) -> String {
        self.print().to_string()
    }

    /// The config as JSON, which is YAML too and reads back to the same config.
    pub fn to_json(&self) -> String {
        self.print().to_json()
    }
}
