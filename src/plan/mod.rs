//! The launch plan: what [`build`] makes from a merged configuration, and a backend carries out.

mod account;
mod bubblewrap;
mod build;
mod cgroup;
mod environment;
mod export;
mod facts;
mod namespace;
pub mod operation;
mod print;
mod underlay;

#[cfg(test)]
mod tests;

pub use bubblewrap::{ArgumentError, Arguments, MAX_ARGUMENTS, bubblewrap};
pub use build::{PlanError, Warning, build};
pub use cgroup::CALLERS;
pub use facts::{Facts, Kind, Questions, Request, questions, sources};
pub use operation::{Account, Content, ControlGroup, Namespace, Operation, Plan, Preparation, Source, Step};
pub use print::{preparation, print, quote};
