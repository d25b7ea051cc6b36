//! The configuration files: their model, reading and printing.
//!
//! [`model`] names every key once; reading, printing, the JSON Schema and the test over the documentation follow from it.

mod capability;
mod check;
mod field;
pub(crate) mod keyword;
pub mod model;
pub(crate) mod record;
mod scalar;
pub mod schema;
mod source;

#[cfg(test)]
pub(crate) mod tests;

pub use capability::{CAPABILITIES, CapabilityName};
pub use check::umask;
pub use field::{Field, Read, Report};
pub use keyword::Keyword;
pub use model::{
    Capability, Cgroups, Config, Cpu, Cpuset, EnvironMode, Export, ExportMode, Headers, Io, Memory, Pids, Share, Tags,
    Toggle, Variable,
};
pub use record::{Key, Record};
pub use scalar::Bit;
pub use schema::{Shape, json_schema};
pub use source::{Source, parse, parse_bytes};

/// An error of a config file; a parse returns all that it finds.
pub type ConfigError = crate::yaml::Problem;
/// A warning about a config file.
pub type ConfigWarning = crate::yaml::Problem;
