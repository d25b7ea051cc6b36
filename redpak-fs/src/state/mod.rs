//! Identity and state of files: equal states mean that nothing changed in between, as far as the kernel's inode numbers and
//! times of change tell.

mod rpmdb;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use nix::sys::stat::FileStat;

pub use rpmdb::Fingerprint;

/// A change within this time of the last one may leave the kernel's coarse time stamps as they were.
pub const CLOCK_GRANULARITY: Duration = Duration::from_millis(20);

/// When the inode changed last, since the epoch.
pub fn changed(status: &FileStat) -> Duration {
    let seconds = u64::try_from(status.st_ctime).unwrap_or(0);
    Duration::new(seconds, u32::try_from(status.st_ctime_nsec).unwrap_or(0))
}

/// The state of what is not there.
pub const MISSING: &str = "missing";

/// Identity (device, inode) and state (type and mode, owner, size, times of modification and change) on one line.
pub fn line(status: &FileStat) -> String {
    format!(
        "{:x}:{} {:o} {}:{} {} {}.{:09} {}.{:09}",
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_uid,
        status.st_gid,
        status.st_size,
        status.st_mtime,
        status.st_mtime_nsec,
        status.st_ctime,
        status.st_ctime_nsec,
    )
}

/// Bytes in hexadecimal, so that any name fits into a line.
pub fn hex(text: &OsStr) -> String {
    text.as_bytes().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
