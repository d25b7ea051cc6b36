//! Nodes and families as plain values.

mod alias;
mod family;
pub mod files;
mod status;

pub use alias::{Alias, BadAlias};
pub use family::{Family, Node};
pub use status::{State, Status};
