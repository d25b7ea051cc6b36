//! Nodes and families as plain values.

mod alias;
mod family;
pub mod files;
mod status;

#[cfg(test)]
mod tests;

pub use alias::{Alias, BadAlias};
pub use family::{Family, Node};
pub use status::{State, Status};
