//! Coherency: what has to hold of a family, under stable ids, and how a check answers.
//!
//! The checks over packages work on data that other crates read; those over nodes and configs are here.

mod config;
mod dependencies;
mod explain;
mod exports;
mod files;
mod id;
mod node;
mod outcome;
mod packages;
mod places;
mod problems;
mod signatures;
mod states;

#[cfg(test)]
mod package_tests;
#[cfg(test)]
mod tests;

pub use config::config_merge;
pub use dependencies::{Broken, Relation, dependencies};
pub use explain::{Link, Need, Place as PackagePlace, Reason, above, add_chains, chains};
pub use exports::{Reached, exports};
pub use files::{Found, PackageFiles, doubtful_files, files_digest, files_present, is_checked, is_content_read};
pub use id::{Id, TABLE};
pub use node::{NodeFacts, Unfinished, Unusable, node_state};
pub use outcome::{Outcome, Severity, Violation};
pub use packages::{Level, duplicates, file_conflicts};
pub use problems::{Problem, Wanted as WantedProblems, problems};
pub use signatures::{PackageSignature, Signature, signatures};
pub use states::explain_states;
