//! Commands that read or write files beside packages do it as dnf5 does: downloads, copies of repositories, version locks,
//! configuration, build requirements.
//!
//! Each command is typed twice, for dnf5 on an installroot and for redwrap-dnf on a node, with the same repositories; status, both
//! streams and the files that are there afterwards have to be the same.

mod config_manager;
mod downloads;
mod global;
mod pair;
mod versionlock;
