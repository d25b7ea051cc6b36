//! The packages of a family, read from the rpmdbs of its nodes.
//!
//! [`NodeDatabase`] is where the rpmdb of a node is, and opens it without a trace in the node. [`snapshot`] reads it into the
//! plain values of the core, [`coherency`] a whole family for its checks. [`FamilyView`] is the cached database that shows a
//! whole family to the solver.

pub mod check;
pub mod coherency;
pub mod confinement;
mod database;
mod dependency;
pub mod details;
mod error;
mod family_view;
mod names;
mod node_database;
mod private_copy;
pub mod snapshot;
mod sqlite;
mod writer_lock;

pub use database::Database;
pub use error::{Error, Result};
pub use family_view::{FamilyView, Lookup, ViewCaches, ViewGuard, Work, dbpath_below};
pub use node_database::{Fingerprint, NodeDatabase};
pub use redpak::package::Origin;
pub use writer_lock::WriterLock;
