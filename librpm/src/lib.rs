//! Safe layer over librpm: one module per C object, named as the C prefix is.
//!
//! librpm keeps its configuration, macros and log in process-wide variables. They are one value here, the [`Engine`],
//! which every other object borrows: a second engine is an error, and none of this leaves its thread. Tags and paths
//! stay bytes, and "absent", "of another type" and "failed" are three results.
//!
//! ```no_run
//! use std::path::Path;
//!
//! let engine = librpm::Engine::start()?;
//! let database = librpm::Database::open(&engine, Path::new("/usr/lib/sysimage/rpm"))?;
//! for header in database.headers()? {
//!     println!("{}", header?.nevra().display());
//! }
//! # Ok::<(), librpm::Error>(())
//! ```

mod c_string;
mod database;
mod dependency;
mod dependency_set;
mod engine;
mod error;
mod header;
mod keyring;
mod log;
mod macros;
mod match_iterator;
mod package_file;
mod problem;
mod signature;
mod tag;
mod tag_data;
mod transaction_handle;
mod transaction_set;

pub use database::{Database, dbpath_for};
pub use dependency::{Dependency, DependencyRef};
pub use dependency_set::{DependencyKind, DependencySet, RichDependency, RichOperator};
pub use engine::{Engine, version};
pub use error::{Error, Result};
pub use header::Header;
pub use keyring::Keyring;
pub use log::{Level, LogRecord};
pub use macros::{MacroGuard, Macros};
pub use match_iterator::MatchIterator;
pub use package_file::{PackageFile, PackageFileProblem, Verification};
pub use problem::{Problem, ProblemKind};
pub use signature::SignatureState;
pub use tag::Tag;
pub use tag_data::{TagData, TagError, optional};
pub use transaction_handle::TransactionHandle;
pub use transaction_set::{OpenMode, TransactionSet, VerifyFlags};
