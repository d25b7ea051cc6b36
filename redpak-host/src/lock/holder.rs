//! Who holds a lock, as the kernel tells it.

use std::fmt;
use std::fs::File;

use redpak::display;

/// A process that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id, as seen from here.
    pub pid: u32,
    /// Its command line, empty when it cannot be read.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        if !self.command.is_empty() {
            write!(f, " ({})", display::text(&self.command))?;
        }
        Ok(())
    }
}

/// Longest command line shown, in characters.
const SHOWN: usize = 80;

/// The processes that hold flock(2) locks on a file. Only ever used for a message: what cannot be read is left out.
pub(super) fn holders(file: &File) -> Vec<Holder> {
    let Ok(status) = rustix::fs::fstat(file) else {
        return Vec::new();
    };
    let Ok(locks) = std::fs::read_to_string("/proc/locks") else {
        return Vec::new();
    };
    let mut pids = pids(&locks, Some(&device(status.st_dev)), status.st_ino);
    if pids.is_empty() {
        // Some file systems (btrfs, overlayfs) tell stat(2) another device than the lock table shows.
        pids = self::pids(&locks, None, status.st_ino);
    }
    pids.into_iter()
        .map(|pid| Holder {
            pid,
            command: command(pid),
        })
        .collect()
}

/// A device as the lock table writes it.
fn device(device: u64) -> String {
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    format!("{major:02x}:{minor:02x}")
}

/// Owners of the granted flock(2) locks on an inode, see proc_locks(5).
fn pids(locks: &str, device: Option<&str>, inode: u64) -> Vec<u32> {
    let mut pids: Vec<u32> = locks.lines().filter_map(|line| holds(line, device, inode)).collect();
    pids.sort_unstable();
    pids.dedup();
    pids
}

fn holds(line: &str, device: Option<&str>, inode: u64) -> Option<u32> {
    // A line of somebody who waits has an arrow before the kind.
    let mut fields = line.split_whitespace().skip(1);
    let kind = fields.next()?;
    let pid = fields.nth(2)?.parse().ok()?;
    let (on, number) = fields.next()?.rsplit_once(':')?;
    let same = device.is_none_or(|device| device == on) && number.parse() == Ok(inode);
    (kind == "FLOCK" && same).then_some(pid)
}

fn command(pid: u32) -> String {
    let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    shown(&arguments)
}

/// Arguments that each end with NUL, as one line.
fn shown(arguments: &[u8]) -> String {
    let line = String::from_utf8_lossy(arguments).replace('\0', " ");
    let line = line.trim_end();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKS: &str = "1: FLOCK  ADVISORY  WRITE 7185 fe:00:10010759 0 EOF
1: -> FLOCK  ADVISORY  WRITE 99 fe:00:10010759 0 EOF
2: POSIX  ADVISORY  WRITE 12 fe:00:10010759 0 EOF
3: FLOCK  ADVISORY  READ 13 fe:01:10010759 0 EOF
4: FLOCK  ADVISORY  READ 14 fe:00:1 0 EOF
";

    #[test]
    fn only_granted_flocks_of_the_file_count() {
        assert_eq!(pids(LOCKS, Some("fe:00"), 10_010_759), [7185]);
        assert_eq!(pids(LOCKS, None, 10_010_759), [13, 7185]);
        assert!(pids("nonsense\n\n1:", None, 1).is_empty());
    }

    #[test]
    fn a_command_line_is_shown_with_its_arguments() {
        assert_eq!(shown(b"redwrap-dnf\0install\0jq\0"), "redwrap-dnf install jq");
        // A thread of the kernel, and a process that is gone, have none.
        assert_eq!(shown(b""), "");
        assert_eq!(shown(b"\xff\0"), "\u{fffd}");
        let longest = "ä".repeat(80);
        assert_eq!(shown(longest.as_bytes()), longest);
        assert_eq!(shown(format!("{longest}x").as_bytes()), format!("{longest}…"));
    }

    #[test]
    fn the_command_line_of_a_process_is_read() {
        let arguments: Vec<_> = std::env::args().collect();
        let own: String = arguments.join(" ").chars().take(SHOWN).collect();
        assert!(command(std::process::id()).starts_with(&own), "{own}");
        // Ids end at 2^22.
        assert_eq!(command(u32::MAX), "");
    }

    #[test]
    fn a_command_line_is_escaped_when_shown() {
        let holder = Holder {
            pid: 1,
            command: "a\u{1b}[2J".into(),
        };
        assert_eq!(holder.to_string(), "process 1 (a\\u{1b}[2J)");
    }
}
