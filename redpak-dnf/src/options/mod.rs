//! What a user types: options shared by several commands, each group in one place.
//!
//! Names, aliases and meanings are dnf5's. An option that is not here does not exist: nothing is parsed and ignored.

pub mod advisories;
pub mod arguments;
pub mod color;
pub mod global;
pub mod goal;
pub mod usage;
pub mod variables;

pub use advisories::{Advisories, AdvisoryKinds, Unknown};
pub use global::Global;
pub use goal::{Download, Ending, InstalledFrom, Postpone, Resolve, Selection};
