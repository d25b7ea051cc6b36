//! Coherency: what has to hold of a family, under stable ids, and how a check answers.
//!
//! The checks over packages work on data that other crates read; those over nodes and configs are here.

mod config;
mod id;
mod node;
mod outcome;

#[cfg(test)]
mod tests;

pub use config::config_merge;
pub use id::{Id, TABLE};
pub use node::{NodeFacts, Unusable, node_state};
pub use outcome::{Outcome, Severity, Violation};
