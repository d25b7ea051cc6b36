//! A single file: a config, a template, or a status.

use std::path::Path;

use redpak::config;
use redpak::node::{Status, files};
use redpak_host::read;
use redpak_host::report::chain;

use super::problem::{Problem, Severity};

/// Everything that is wrong with it.
pub fn problems(path: &Path) -> Vec<Problem> {
    let bytes = match read::file(path, read::MAX_CONFIG) {
        Ok(bytes) => bytes,
        Err(error) => {
            return vec![Problem {
                severity: Severity::Error,
                file: None,
                at: None,
                message: chain(&error),
            }];
        }
    };
    let is_status = path.file_name().is_some_and(|name| name == files::STATUS);
    let read = if is_status {
        Status::parse(&bytes, path).map(|_| Vec::new())
    } else {
        config::parse_bytes(&bytes, path).map(|source| source.warnings)
    };
    let (severity, found) = match read {
        Ok(warnings) => (Severity::Warning, warnings),
        Err(errors) => (Severity::Error, errors),
    };
    found
        .iter()
        .map(|problem| Problem::written(severity, problem))
        .collect()
}
