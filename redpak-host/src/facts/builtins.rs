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

/// Date and time in UTC.
fn today(now: SystemTime) -> String {
    redpak::time::date_time(now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()))
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
    fn they_say_what_the_machine_says() {
        let account = Account {
            uid: 0,
            gid: 7,
            groups: Vec::new(),
        };
        let before = today(SystemTime::now());
        let here = gather(&account, Path::new("/"));
        let after = today(SystemTime::now());
        assert_eq!((here.uid, here.gid, here.pid), (0, 7, std::process::id()));
        assert_eq!((&*here.user, &*here.prefix), ("root".as_ref(), "".as_ref()));
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(here.hostname, *hostname.trim_end());
        assert!(
            (before.as_str()..=after.as_str()).contains(&here.today.to_str().unwrap()),
            "{:?}",
            here.today
        );
        assert!(Path::new(&here.cgroups_mount_point).is_absolute());
        let there = gather(&account, Path::new("/mnt"));
        assert_eq!(there.prefix, "/mnt");
        assert_ne!(there.uuid, here.uuid);
    }

    #[test]
    fn a_clock_before_1970_is_at_its_start() {
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
