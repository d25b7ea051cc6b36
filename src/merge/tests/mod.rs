//! The rules of the merge, in tables with inline YAML.

mod accumulation;
mod constraints;
mod output;
mod properties;
mod tags;

use crate::merge::fixture::{family, merge};
use crate::merge::{Finding, Merged};

/// The merge of a family that obeys the rules.
fn merged(configs: &[&str], admin: bool) -> Merged {
    merge(&family(configs), admin).unwrap_or_else(|errors| panic!("{configs:?}: {}", lines(&errors)))
}

/// The errors of a family that does not.
fn errors(configs: &[&str], admin: bool) -> Vec<String> {
    match merge(&family(configs), admin) {
        Ok(merged) => panic!("{configs:?} merges to {}", merged.to_value()),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

fn warnings(merged: &Merged) -> Vec<String> {
    merged.warnings.iter().map(ToString::to_string).collect()
}
