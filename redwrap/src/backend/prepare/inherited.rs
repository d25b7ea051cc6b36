//! Descriptors that the caller opened and an `Internal` export names.
#![allow(unsafe_code)] // a number from the configuration is checked by the kernel, not by ownership

use std::os::fd::{BorrowedFd, OwnedFd, RawFd};

use crate::backend::Error;

/// A copy of the caller's descriptor `number`, with a number of its own.
///
/// # Errors
/// When it is not open.
pub fn duplicate(number: RawFd) -> Result<OwnedFd, Error> {
    if number < 0 {
        return Err(Error::Descriptor {
            number,
            source: std::io::Error::from_raw_os_error(libc::EBADF),
        });
    }
    // SAFETY: the number is only handed to fcntl(F_DUPFD_CLOEXEC), which answers EBADF when it is not open.
    let caller = unsafe { BorrowedFd::borrow_raw(number) };
    caller
        .try_clone_to_owned()
        .map_err(|source| Error::Descriptor { number, source })
}
