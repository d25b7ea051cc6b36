//! Identity and state of files: equal states mean that nothing changed in between, as far as the kernel's inode numbers and
//! times of change tell.

mod rpmdb;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use nix::sys::stat::{FileStat, SFlag};

pub use rpmdb::Fingerprint;

/// A change within this time of the last one may leave the kernel's coarse time stamps as they were.
const CLOCK_GRANULARITY: Duration = Duration::from_millis(20);
/// The same where a file system keeps whole seconds (ext2 to ext4 with small inodes, jffs2) or every other one (FAT).
pub(crate) const COARSEST_GRANULARITY: Duration = Duration::from_secs(2);

/// From when on a further change of the inode would certainly change its times, since the epoch.
pub fn settled(status: &FileStat) -> Duration {
    let seconds = u64::try_from(status.st_ctime).unwrap_or(0);
    let nanoseconds = u32::try_from(status.st_ctime_nsec).unwrap_or(0);
    let granularity = if nanoseconds == 0 {
        COARSEST_GRANULARITY
    } else {
        CLOCK_GRANULARITY
    };
    Duration::new(seconds, nanoseconds) + granularity
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

/// [`settled`] for [`of_place`]: what it says of a directory shows by itself.
pub fn place_settled(status: &FileStat) -> Duration {
    if is_directory(status) {
        Duration::ZERO
    } else {
        settled(status)
    }
}

/// Identity (device, inode), mode and owner.
pub fn identity(status: &FileStat) -> String {
    let (device, inode, mode) = (status.st_dev, status.st_ino, status.st_mode);
    format!("{device:x}:{inode} {mode:o} {}:{}", status.st_uid, status.st_gid)
}

fn is_directory(status: &FileStat) -> bool {
    is_of_type(status, SFlag::S_IFDIR)
}

/// Whether it is a symbolic link.
pub fn is_link(status: &FileStat) -> bool {
    is_of_type(status, SFlag::S_IFLNK)
}

fn is_of_type(status: &FileStat, wanted: SFlag) -> bool {
    SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT == wanted
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
    fn a_time_of_whole_seconds_settles_later() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut status = nix::sys::stat::stat(file.path()).unwrap();
        (status.st_ctime, status.st_ctime_nsec) = (100, 500_000_000);
        assert_eq!(settled(&status), Duration::from_millis(100_520));
        // A change at 101.9 would leave 100 where every other second is kept.
        status.st_ctime_nsec = 0;
        assert_eq!(settled(&status), Duration::from_secs(102));
        // Before the epoch, as a board without a clock may say.
        status.st_ctime = -1;
        assert_eq!(settled(&status), COARSEST_GRANULARITY);
    }

    #[test]
    fn all_that_tells_one_file_from_another_counts() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let status = nix::sys::stat::stat(file.path()).unwrap();
        let identifying: [fn(&mut FileStat); 5] = [
            |status| status.st_dev += 1,
            |status| status.st_ino += 1,
            |status| status.st_mode ^= 0o100,
            |status| status.st_uid += 1,
            |status| status.st_gid += 1,
        ];
        let changing: [fn(&mut FileStat); 5] = [
            |status| status.st_size += 1,
            |status| status.st_mtime += 1,
            |status| status.st_mtime_nsec ^= 1,
            |status| status.st_ctime += 1,
            |status| status.st_ctime_nsec ^= 1,
        ];
        for (number, change) in identifying.iter().chain(&changing).enumerate() {
            let mut other = status;
            change(&mut other);
            let identifies = number < identifying.len();
            assert_ne!(line(&other), line(&status), "{number}");
            assert_eq!(identity(&other) != identity(&status), identifies, "{number}");
            // Of a directory that is all.
            let [mut before, mut after] = [status, other];
            for status in [&mut before, &mut after] {
                status.st_mode ^= (SFlag::S_IFREG ^ SFlag::S_IFDIR).bits();
            }
            assert_eq!(of_place(&before) != of_place(&after), identifies, "{number}");
        }
    }

    #[test]
    fn hexadecimal_has_two_digits_a_byte() {
        assert_eq!(hex(OsStr::from_bytes(b"\x00/az\x7f\x80\xff")), "002f617a7f80ff");
        assert_eq!(hex(OsStr::new("")), "");
    }
}
