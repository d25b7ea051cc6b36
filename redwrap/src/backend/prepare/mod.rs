//! What every backend needs before it forks: opened sources, the program's identity, the filter of its system calls.

pub mod descriptors;
pub mod identity;
mod inherited;
pub mod memory_file;
mod namespace;
mod roots;
mod signal_scope;
pub mod sources;
pub mod terminal_filter;
pub mod walk;

use std::ffi::{CString, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;

use nix::fcntl::OFlag;
use nix::unistd::pipe2;

use super::Error;

/// A word as the kernel takes it.
///
/// # Errors
/// When it holds a NUL byte.
pub fn c_string(word: OsString) -> Result<CString, Error> {
    CString::new(word.into_vec()).map_err(|error| Error::NulByte {
        word: OsString::from_vec(error.into_vec()),
    })
}

/// A pipe whose ends close on exec: reading, writing.
///
/// # Errors
/// When descriptors run out.
pub fn pipe() -> Result<(OwnedFd, OwnedFd), Error> {
    pipe2(OFlag::O_CLOEXEC).map_err(|errno| Error::System {
        verb: "make a pipe",
        source: errno.into(),
    })
}
