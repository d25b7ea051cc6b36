//! YAML as a tree of located nodes, with limits against hostile documents.
//!
//! The event parser under serde-saphyr is used directly: scalars keep the text that was written (`0022`, `0-2` and
//! `1000 1000` stay what they are), every node has its place, and several errors of one document can be told at once,
//! none of which a serde data model can carry.

mod json;
mod print;
mod problem;
mod read;
mod tree;

pub use print::quoted;
pub use problem::Problem;
pub use read::{MAX_DEPTH, MAX_NODES, MAX_SIZE, read, read_bytes};
pub use tree::{Entry, Kind, Tree, Value};
