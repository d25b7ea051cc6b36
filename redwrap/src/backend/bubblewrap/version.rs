//! Which bubblewrap is it? Read from its file: running it would cost a fifth of a launch.
//!
//! bubblewrap before 0.12 follows symbolic links of parent directories while it makes mount points (CVE-2026-87766), so a
//! node could have files created outside the sandbox: it is refused. A distribution may have patched an older version, and
//! nothing in the program tells. Whoever knows says so with `--bwrap=FILE`: then an older version is warned about and used,
//! unless it lacks an option that redwrap needs.

use std::fmt;
use std::path::{Path, PathBuf};

use redpak::display;
use redpak_host::report::os;

/// A version as `bwrap --version` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// First version that stays inside the new root while it makes mount points.
const SAFE: Version = Version {
    major: 0,
    minor: 12,
    patch: 0,
};
/// First version with `--bind-fd` and `--ro-bind-fd`.
const USABLE: Version = Version {
    major: 0,
    minor: 10,
    patch: 0,
};

/// Why a bubblewrap is not used.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The file cannot be read.
    #[error(
        "cannot read bubblewrap at {}: {reason}; install bubblewrap {SAFE} or later, or name it with --bwrap=FILE",
        display::path(path), reason = os(source))]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{} is not bubblewrap: it does not hold its name and version", display::path(.0))]
    NotBubblewrap(PathBuf),
    /// The file is a version with a known hole.
    #[error(
        "{} is bubblewrap {found}, which follows symbolic links out of the sandbox while it makes mount points (CVE-2026-87766); \
         install {SAFE} or later, or name a patched one with --bwrap=FILE",
        display::path(path)
    )]
    Unsafe {
        /// Which file.
        path: PathBuf,
        /// What it says it is.
        found: Version,
    },
    /// The file is a version that cannot do what a launch needs.
    #[error(
        "{} is bubblewrap {found}, which lacks --bind-fd; install {SAFE} or later",
        display::path(path)
    )]
    TooOld {
        /// Which file.
        path: PathBuf,
        /// What it says it is.
        found: Version,
    },
}

/// Checks the bubblewrap at `path`; `vouched` says that the caller named it. Returns what to warn about.
///
/// # Errors
/// When it must not be used.
pub fn check(path: &Path, vouched: bool) -> Result<Option<String>, VersionError> {
    let unreadable = |source| VersionError::Unreadable {
        path: path.to_path_buf(),
        source,
    };
    let found = find(&std::fs::read(path).map_err(unreadable)?)
        .ok_or_else(|| VersionError::NotBubblewrap(path.to_path_buf()))?;
    let path = path.to_path_buf();
    if found >= SAFE {
        Ok(None)
    } else if found < USABLE {
        Err(VersionError::TooOld { path, found })
    } else if vouched {
        Ok(Some(format!(
            "{} is bubblewrap {found}; versions before {SAFE} are safe only when patched for CVE-2026-87766",
            display::path(&path)
        )))
    } else {
        Err(VersionError::Unsafe { path, found })
    }
}

/// The name and version that bubblewrap's build puts into the program as one string.
fn find(program: &[u8]) -> Option<Version> {
    const NAME: &[u8] = b"\0bubblewrap ";
    memchr::memmem::find_iter(program, NAME).find_map(|at| {
        let text = &program[at + NAME.len()..];
        let end = memchr::memchr(0, text).unwrap_or(text.len());
        parse(std::str::from_utf8(&text[..end]).ok()?)
    })
}

/// `0.13.1`, and what distributions append to it.
fn parse(text: &str) -> Option<Version> {
    let mut numbers = text.split('.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse::<u32>().ok()
    });
    Some(Version {
        major: numbers.next()??,
        minor: numbers.next()??,
        patch: numbers.next().flatten().unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_bytes(content: &[u8], vouched: bool) -> Result<Option<String>, VersionError> {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), content).expect("writable");
        check(file.path(), vouched)
    }

    #[test]
    fn the_version_is_found_in_the_file() {
        assert_eq!(find(b"x\0bubblewrap is fine\0bubblewrap 0.13.1\0y"), parse("0.13.1"));
        assert_eq!(find(b"bubblewrap"), None);
        assert_eq!(parse("0.12.0+git20260914"), parse("0.12.0"));
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(parse("0.9.9") < parse("0.12.0") && parse("0.12.0") < parse("1.0"));
    }

    #[test]
    fn old_versions_are_refused_or_warned_about() {
        assert!(matches!(
            check_bytes(b"\0bubblewrap 0.11.2\0", false),
            Err(VersionError::Unsafe { .. })
        ));
        assert!(check_bytes(b"\0bubblewrap 0.11.2\0", true).expect("vouched").is_some());
        assert!(matches!(
            check_bytes(b"\0bubblewrap 0.8.0\0", true),
            Err(VersionError::TooOld { .. })
        ));
        assert!(check_bytes(b"\0bubblewrap 0.12.0\0", false).expect("safe").is_none());
        assert!(matches!(
            check_bytes(b"#!/bin/sh\n", true),
            Err(VersionError::NotBubblewrap(_))
        ));
    }

    #[test]
    fn the_installed_one_is_recognised() {
        let installed = Path::new("/usr/bin/bwrap");
        let said = std::process::Command::new(installed)
            .arg("--version")
            .output()
            .expect("bubblewrap is installed");
        let said = String::from_utf8(said.stdout).expect("text");
        let found = find(&std::fs::read(installed).expect("readable")).expect("recognised");
        assert_eq!(said.trim(), format!("bubblewrap {found}"));
    }
}
