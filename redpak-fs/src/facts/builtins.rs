//! The built-in variables that come from the machine.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use redpak::expand::Builtins;
use redpak::plan::Account;

use super::{account, cgroup};

/// All of them, for a program that runs as this account.
pub(super) fn gather(account: &Account, root: &Path) -> Builtins {
    let is_ours = root == Path::new("/");
    Builtins {
        uid: account.uid,
        gid: account.gid,
        pid: std::process::id(),
        user: account::name(account.uid).into(),
        hostname: OsString::from_vec(rustix::system::uname().nodename().to_bytes().to_vec()),
        today: today(SystemTime::now()).into(),
        uuid: uuid().into(),
        prefix: if is_ours { OsString::new() } else { root.into() },
        cgroups_mount_point: cgroup::mount_point().unwrap_or_else(|| cgroup::USUAL.into()).into(),
    }
}

/// Date and time in UTC, as in ISO 8601.
fn today(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that the leap day is the last.
const fn date(days: u64) -> (u64, u64, u64) {
    const ERA: u64 = 146_097; // days in 400 years
    let days = days + 719_468; // from 0000-03-01
    let of_era = days % ERA;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = days / ERA * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, of_year - (153 * march + 2) / 5 + 1)
}

/// A random UUID, version 4 of RFC 9562.
fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    // The call cannot fail for so few bytes; if it did, a UUID of zeros would be the least harm.
    let _ = rustix::rand::getrandom(bytes.as_mut_slice(), rustix::rand::GetRandomFlags::empty());
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn dates_are_right_around_leap_days() {
        let at = |seconds| today(UNIX_EPOCH + Duration::from_secs(seconds));
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(at(seconds), expected);
        }
        assert_eq!(today(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn uuids_are_version_four_and_differ() {
        let (one, two) = (uuid(), uuid());
        assert_ne!(one, two);
        assert_eq!((one.len(), &one[14..15]), (36, "4"));
        assert!("89ab".contains(&one[19..20]));
    }
}
