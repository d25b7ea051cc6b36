//! librpm's file handle (`FD_t`) over an open file.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsRawFd;
use std::ptr::NonNull;

use rpm_sys as raw;

/// An `FD_t`. It has a descriptor of its own but shares the position with the file.
#[derive(Debug)]
pub(super) struct Descriptor(NonNull<raw::FD_s>);

impl Descriptor {
    /// A handle over `file`, which is set to its beginning.
    pub(super) fn rewound(mut file: &File) -> io::Result<Self> {
        file.rewind()?;
        Self::here(file)
    }

    /// A handle over `file` where it stands.
    pub(super) fn here(file: &File) -> io::Result<Self> {
        // SAFETY: the descriptor is open; librpm duplicates it.
        NonNull::new(unsafe { raw::fdDup(file.as_raw_fd()) })
            .map(Self)
            .ok_or_else(io::Error::last_os_error)
    }

    /// Unpacks what is read from here on, by a name such as `gzip` or `zstd`.
    pub(super) fn decompress(self, compressor: &std::ffi::CStr) -> Option<Self> {
        let mode = [b"r.", compressor.to_bytes(), b"\0"].concat();
        // SAFETY: the handle is valid, the mode ends with NUL; librpm gives the same handle back, or null.
        let unpacked = unsafe { raw::Fdopen(self.as_raw(), mode.as_ptr().cast()) };
        NonNull::new(unpacked).map(|_| self)
    }

    pub(super) fn as_raw(&self) -> raw::FD_t {
        self.0.as_ptr()
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the handle is ours.
        unsafe { raw::Fclose(self.as_raw()) };
    }
}
