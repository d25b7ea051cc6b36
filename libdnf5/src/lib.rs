//! Safe layer over libdnf5 and libdnf5-cli.
//!
//! One file per object of libdnf5, names as libdnf5 has them, so that its manual can be searched with the same word. What is common
//! to all has one home each: [`error`](Error), strings, callbacks, handles.
//!
//! - A [`Base`] borrows the process's one [`librpm::Engine`], and everything else borrows the base: nothing outlives what it
//!   stands on, and nothing leaves its thread.
//! - Strings are bytes ([`OsString`](std::ffi::OsString)); packages need not be named in UTF-8.
//! - Callbacks live for one call. When one panics, no callback of that call is called any more, libdnf5 is told to stop where it can,
//!   and the panic goes on once libdnf5 has returned.
//!
//! ```no_run
//! use libdnf5::Base;
//!
//! let engine = librpm::Engine::start()?;
//! let base = Base::new(&engine)?;
//! base.load_config()?;
//! base.setup()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The usual order: [`Base::new`], [`Base::config`] for what must be known early (installroot), [`Base::load_config`], options of the
//! command line, [`Base::setup`], [`RepoSack`] to create and load repositories, then [`PackageQuery`] to ask or [`Goal`] and
//! [`Transaction`] to change.
#![allow(
    unsafe_code,
    reason = "the only users of dnf5-sys; each call goes through the macros of handle.rs"
)]

#[macro_use]
mod handle;
#[macro_use]
mod numbers;

mod advisory_query;
mod base;
mod callbacks;
mod comps;
mod config;
mod download_callbacks;
mod error;
mod goal;
mod goal_job_settings;
mod history;
mod logger;
mod module_query;
mod offline;
pub mod output;
mod package;
mod package_query;
mod repo;
mod repo_callbacks;
mod repo_query;
mod repo_sack;
mod strings;
mod transaction;
mod transaction_callbacks;
mod transaction_package;
mod vars;
mod versionlock;

pub use advisory_query::AdvisoryQuery;
pub use base::Base;
pub use comps::{Environment, EnvironmentQuery, Group, GroupQuery};
pub use config::{Config, OptionPriority};
pub use download_callbacks::{DownloadCallbacks, DownloadId, FastestMirrorStage, Flow, TransferStatus};
pub use error::{BoxError, Cause, Error, ErrorKind, Result, Version, built_version, check_version, running_version};
pub use goal::{Goal, GroupJob, Job};
pub use goal_job_settings::{CompsPackageTypes, GoalFlag, GoalJobSettings, GoalSetting, GoalStrings};
pub use history::{History, HistoryItem, HistoryState, HistoryTransaction};
pub use logger::{LogLevel, Logger};
pub use module_query::{Module, ModuleProfile, ModuleQuery};
pub use offline::{Offline, OfflineField};
pub use package::{Changelog, Checksum, Package, PackageDownload, Reason, SignatureResult, rpmvercmp};
pub use package_query::{ExcludeFlags, PackageQuery, QueryCmp};
pub use repo::{CachePart, CacheStatistics, Repo, RepoType, SyncStrategy};
pub use repo_callbacks::{KeyInfo, RepoCallbacks};
pub use repo_query::RepoQuery;
pub use repo_sack::{Load, RepoSack};
pub use transaction::{LogEvent, Problems, RunResult, Transaction, TransactionGroup};
pub use transaction_callbacks::{EndedScript, ScriptType, TransactionCallbacks, TransactionItem};
pub use transaction_package::{Action, ItemState, TransactionPackage};
pub use vars::{Vars, VarsPriority};
pub use versionlock::{VersionlockCondition, VersionlockPackage, versionlock};
