//! Pure core of red-pak: data in, data out. Nothing here reads a file, a clock, a user id or an environment variable.

pub mod coherency;
pub mod config;
pub mod display;
mod distance;
pub mod expand;
pub mod location;
pub mod merge;
pub mod metadata;
pub mod node;
pub mod package;
pub mod plan;
pub mod sbom;
pub mod templates;
pub mod time;
pub mod transaction;
pub mod yaml;
