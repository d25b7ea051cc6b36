//! Safe layer over librpm: one module per C object, named as the C prefix is.
//!
//! librpm keeps its configuration, macros and log in process-wide variables. They are one value here, the [`Engine`],
//! which every other object borrows: a second engine is an error, and none of this leaves its thread. Tags and paths
//! stay bytes, and "absent", "of another type" and "failed" are three results.
//!
//! [`snapshot`] reads a node's rpmdb into the plain values of the core. [`FamilyView`] is the cached database that
//! shows a whole family to the solver.

mod c_string;
pub mod check;
pub mod coherency;
pub mod confinement;
mod database;
mod dependency_set;
pub mod details;
mod engine;
mod error;
mod family_view;
mod header;
mod keyring;
mod log;
mod macros;
mod match_iterator;
mod names;
mod node_database;
mod package_file;
mod private_copy;
mod problem;
mod signature;
pub mod snapshot;
mod sqlite;
mod tag;
mod tag_data;
mod transaction_handle;
mod transaction_set;
mod writer_lock;

pub use database::Database;
pub use dependency_set::{DependencyKind, DependencySet, RichDependency, RichOperator};
pub use engine::{Engine, version};
pub use error::{Error, Result};
pub use family_view::{FamilyView, Lookup, ViewCaches, ViewGuard, Work, dbpath_below};
pub use header::Header;
pub use keyring::Keyring;
pub use log::{Level, LogRecord};
pub use macros::{MacroGuard, Macros};
pub use match_iterator::MatchIterator;
pub use node_database::{Fingerprint, NodeDatabase};
pub use package_file::{PackageFile, PackageFileProblem, Verification};
pub use problem::{Problem, ProblemKind};
pub use redpak::package::Origin;
pub use signature::SignatureState;
pub use tag::Tag;
pub use tag_data::{TagData, TagError};
pub use transaction_handle::TransactionHandle;
pub use transaction_set::{TransactionSet, VerifyFlags};
pub use writer_lock::WriterLock;
