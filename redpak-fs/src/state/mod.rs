//! Identity and state of files: equal states mean that nothing changed in between, as far as the kernel's inode numbers and
//! times of change tell.

mod rpmdb;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use nix::sys::stat::{FileStat, SFlag};

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

/// The state of what is at the place of a packaged file, or on the way there: [`line()`], but of a directory its identity, mode
/// and owner alone. What comes and goes in it is no change of it.
pub fn of_place(status: &FileStat) -> String {
    if is_directory(status) {
        identity(status)
    } else {
        line(status)
    }
}

/// The newest change that [`of_place`] may not show: what it says of a directory shows by itself.
pub fn place_changed(status: &FileStat) -> Duration {
    if is_directory(status) {
        Duration::ZERO
    } else {
        changed(status)
    }
}

/// Identity (device, inode), mode and owner.
pub fn identity(status: &FileStat) -> String {
    let (device, inode, mode) = (status.st_dev, status.st_ino, status.st_mode);
    format!("{device:x}:{inode} {mode:o} {}:{}", status.st_uid, status.st_gid)
}

fn is_directory(status: &FileStat) -> bool {
    SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT == SFlag::S_IFDIR
}

/// Bytes in hexadecimal, so that any name fits into a line. Each launch does this to every input: no formatter.
pub fn hex(text: &OsStr) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let bytes = text.as_bytes();
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        hex.push(DIGITS[usize::from(byte >> 4)]);
        hex.push(DIGITS[usize::from(byte & 15)]);
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_has_two_digits_a_byte() {
        assert_eq!(hex(OsStr::from_bytes(b"\x00/az\x7f\x80\xff")), "002f617a7f80ff");
        assert_eq!(hex(OsStr::new("")), "");
    }
}
