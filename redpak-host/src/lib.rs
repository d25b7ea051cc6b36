//! The shell around the pure core, shared by all programs: whatever touches files, processes, clocks and ids.
//!
//! Everything here returns plain values of `redpak` or typed errors that name the path; nothing prints.
//!
//! | module | what |
//! |---|---|
//! | [`command`] | runs the commands of a config under limits |
//! | [`create`] | makes nodes, and takes half-made ones away |
//! | [`dir`] | directory handles; files of a node are opened beneath it |
//! | [`facts`] | what the pure core needs to know of the machine |
//! | [`family`] | finds the nodes of a redpath and reads their status and configs |
//! | [`lock`] | keeps two transactions on one family apart |
//! | [`read`] | whole small files, regular ones only |
//! | [`metadata_cache`] | cached metadata of repositories, taken over from an ancestor of the same owner |
//! | [`mod@write`] | atomic and durable replacement |
//! | [`report`] | error chains as one line |
//! | [`state`] | whether files are still as they were |
//! | [`steady`] | whether nodes stay as they are while somebody looks at them |
//! | [`unfinished`] | whether a transaction on a node goes on or was interrupted |
//! | [`verdict`] | remembers that a family was coherent |
//! | [`ways`] | which way a path takes below a root |

pub mod command;
pub mod create;
pub mod dir;
pub mod facts;
pub mod family;
pub mod lock;
pub mod metadata_cache;
pub mod read;
pub mod report;
pub mod state;
pub mod steady;
pub mod unfinished;
pub mod verdict;
pub mod ways;
pub mod write;
