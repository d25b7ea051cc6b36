//! The program redwrap-dnf.

mod cli;
mod commands;
mod confinement;
mod databases;
mod failure_point;
mod full_disk;
mod glob;
mod json;
mod keys;
mod node;
mod options;
mod progress;
mod query;
mod repo_file;
mod repositories;
mod session;
mod system_state;
mod temporary;
mod terminal;
mod transaction;

pub use cli::main;
