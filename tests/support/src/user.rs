//! Who runs a program, and skipping aloud.

use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::Path;

/// A user that programs are started as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
}

impl User {
    /// The user who runs the tests.
    pub fn current() -> Self {
        let uid = rustix::process::getuid().as_raw();
        Self::find(|user| user.uid == uid).unwrap_or_else(|| Self {
            name: uid.to_string(),
            uid,
            gid: rustix::process::getgid().as_raw(),
        })
    }

    /// A user by login name, when the machine has one.
    pub fn named(name: &str) -> Option<Self> {
        Self::find(|user| user.name == name)
    }

    /// Whether the tests run as root.
    pub fn is_root() -> bool {
        rustix::process::getuid().is_root()
    }

    /// Every kind of owner that a pool can have: root; `redpak`, who has ranges in /etc/subuid; and `plain`, who has none.
    /// Without root only the current user; who is missing is named aloud.
    pub fn owners() -> Vec<Self> {
        if !Self::is_root() {
            return vec![Self::current()];
        }
        let unprivileged = ["redpak", "plain"].into_iter().filter_map(|name| {
            let user = Self::named(name);
            if user.is_none() {
                skip(&format!("as user {name}: no such user here"));
            }
            user
        });
        std::iter::once(Self::current()).chain(unprivileged).collect()
    }

    /// An unprivileged user: the current one, or `redpak` under root.
    pub fn unprivileged() -> Option<Self> {
        if Self::is_root() {
            Self::named("redpak")
        } else {
            Some(Self::current())
        }
    }

    /// Makes the user own `path`, which the tests made.
    ///
    /// # Panics
    /// When that is not allowed.
    pub fn own(&self, path: &Path) {
        if *self != Self::current() {
            chown(path, Some(self.uid), Some(self.gid))
                .unwrap_or_else(|error| panic!("chown {}: {error}", path.display()));
        }
    }

    fn find(wanted: impl Fn(&Self) -> bool) -> Option<Self> {
        let passwd = fs::read_to_string("/etc/passwd").ok()?;
        passwd.lines().filter_map(Self::parse).find(wanted)
    }

    /// A line of passwd(5).
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let [uid, gid] = [fields.nth(1)?, fields.next()?].map(|number| number.parse().ok());
        Some(Self {
            name,
            uid: uid?,
            gid: gid?,
        })
    }
}

/// Says aloud why (a part of) a test does not run; fails it where `REDPAK_TEST_MUST_RUN=1` is set.
///
/// # Panics
/// With `REDPAK_TEST_MUST_RUN=1`.
pub fn skip(reason: &str) {
    let test = std::thread::current().name().unwrap_or("test").to_owned();
    assert!(
        std::env::var_os("REDPAK_TEST_MUST_RUN").is_none_or(|value| value != "1"),
        "must run here but cannot: {reason}"
    );
    // Not eprintln: the test runner would swallow it.
    let _ = writeln!(std::io::stderr(), "SKIP {test}: {reason}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwd_lines() {
        let user = User::parse("redpak:x:1000:1001:Red Pak:/home/redpak:/bin/sh");
        assert_eq!(
            user,
            Some(User {
                name: "redpak".into(),
                uid: 1000,
                gid: 1001
            })
        );
        assert_eq!(User::parse("broken:x"), None);
    }
}
