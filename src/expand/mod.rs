//! Expansion of `$NAME`, `${NAME}` and `$(command)` in the texts of a config.
//!
//! Nothing is run or looked up here: commands go through [`Runner`], variables and facts are given as values.

mod builtins;
mod command;
mod error;
mod expander;
mod lexer;

#[cfg(test)]
mod tests;

pub use builtins::{Builtins, NodeVariables, VARIABLES};
pub use command::{Command, NoCommands, Runner};
pub use error::ExpandError;
pub use expander::{Environment, Expander, MAX_LENGTH, MAX_TOTAL};
