//! Whether a repository shows metadata that are older than what it showed before.
//!
//! Somebody between a repository and its users can serve old metadata for ever, signatures and all, and so hold back every
//! update. What was seen last tells.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time;

/// When metadata were made, by their own account (`repomd.xml`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The revision: mostly the time of its making, or a number that counts; any text is allowed.
    pub revision: String,
    /// The newest time of its parts, in seconds since 1970; zero or less where there is none.
    pub timestamp: i64,
}

impl Stamp {
    /// Whether these were made before `seen`.
    ///
    /// The times of the parts decide. A repository may be made anew under the same revision, or count its revisions in another
    /// way from now on, as long as time goes on; and it may set its times back, as long as it counts on.
    pub fn is_older_than(&self, seen: &Self) -> bool {
        let revisions = self.number().zip(seen.number()).map(|(new, old)| new.cmp(&old));
        match (self.timestamp.cmp(&seen.timestamp), revisions) {
            (Ordering::Less, revisions) => revisions != Some(Ordering::Greater),
            (Ordering::Equal, revisions) => revisions == Some(Ordering::Less),
            (Ordering::Greater, _) => false,
        }
    }

    fn number(&self) -> Option<u128> {
        self.revision.parse().ok()
    }
}

/// When the age of metadata is worth a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeLimit {
    /// By what the repository did so far: one that never changed may be as old as it likes.
    Habit,
    /// So many days, whatever it did; 0 is never.
    Days(u64),
}

const DAY: u64 = 86_400;

impl AgeLimit {
    /// A month without anything new is nothing to speak of.
    const SHORTEST: u64 = 30 * DAY;
    /// Nor is a pause that is not much longer than one that there was.
    const FACTOR: u64 = 3;

    /// Reads a number of days.
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Self::Days)
    }

    /// In seconds. `pause` is the longest time that the repository went without new metadata, where it had any.
    fn seconds(self, pause: Option<u64>) -> Option<u64> {
        match self {
            Self::Habit => Some(pause?.saturating_mul(Self::FACTOR).max(Self::SHORTEST)),
            Self::Days(0) => None,
            Self::Days(days) => Some(days.saturating_mul(DAY)),
        }
    }
}

/// Metadata that a node has seen, and what they replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The newest ones.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// The longest time between two of them, in seconds by their own account; `None` as long as there was one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<u64>,
}

impl Known {
    /// Seen for the first time.
    pub const fn new(stamp: Stamp) -> Self {
        Self { stamp, pause: None }
    }

    /// What is known once these were seen.
    #[must_use]
    pub fn followed_by(&self, stamp: Stamp) -> Self {
        let passed = stamp.timestamp.saturating_sub(self.stamp.timestamp);
        let passed = u64::try_from(passed)
            .ok()
            .filter(|&passed| passed > 0 && self.stamp.timestamp > 0);
        Self {
            stamp,
            pause: self.pause.max(passed),
        }
    }

    /// The age in days, where it is more than it should be: somebody may be serving old metadata for ever.
    pub fn suspicious_age(&self, limit: AgeLimit, now: u64) -> Option<u64> {
        let made = u64::try_from(self.stamp.timestamp).ok().filter(|&made| made > 0)?;
        let age = now.checked_sub(made)?;
        (age > limit.seconds(self.pause)?).then_some(age / DAY)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revision {:?}", self.revision)?;
        match u64::try_from(self.timestamp) {
            Ok(seconds) if seconds > 0 => write!(f, " of {}", time::date_time(seconds)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AgeLimit, DAY, Known, Stamp};

    fn stamp((revision, timestamp): (&str, i64)) -> Stamp {
        Stamp {
            revision: revision.into(),
            timestamp,
        }
    }

    #[test]
    fn times_decide_and_then_revisions() {
        for (new, seen, older, what) in [
            (("100", 100), ("100", 100), false, "the same"),
            (("101", 101), ("100", 100), false, "newer"),
            (("99", 99), ("100", 100), true, "older"),
            (("5", 200), ("5", 100), false, "made anew under its revision"),
            (("5", 100), ("5", 200), true, "the former under that revision"),
            (
                ("1", 200),
                ("1700000000", 100),
                false,
                "counts its revisions in another way now",
            ),
            (("6", 100), ("5", 200), false, "sets its times back and counts on"),
            (("5", 100), ("6", 100), true, "reproducible times, former revision"),
            (("6", 100), ("5", 100), false, "reproducible times, next revision"),
            (("", 0), ("", 0), false, "says nothing"),
            (("4", 0), ("5", 0), true, "no times, former revision"),
            (("", 0), ("5", 100), true, "has forgotten its times"),
            (("f39-rc1", 100), ("f39", 100), false, "texts do not compare"),
            (("f39-rc1", 99), ("f39", 100), true, "texts do not compare, times do"),
            (("10", 100), ("9", 100), false, "numbers, not texts"),
        ] {
            assert_eq!(stamp(new).is_older_than(&stamp(seen)), older, "{what}");
        }
    }

    #[test]
    fn it_is_shown_with_its_date() {
        assert_eq!(
            stamp(("7", 951_782_400)).to_string(),
            "revision \"7\" of 2000-02-29T00:00:00Z"
        );
        assert_eq!(stamp(("\x1b", -1)).to_string(), "revision \"\\u{1b}\"");
    }

    #[test]
    fn a_repository_that_used_to_change_grows_suspicious() {
        let known = |times: &[i64]| {
            let mut stamps = times.iter().map(|day| stamp(("1", day * DAY as i64)));
            let first = Known::new(stamps.next().unwrap());
            stamps.fold(first, |known, stamp| known.followed_by(stamp))
        };
        use AgeLimit::{Days, Habit};
        for (times, limit, day, age, what) in [
            (&[100][..], Habit, 9000, None, "never changed"),
            (&[100, 101], Habit, 131, None, "a month"),
            (&[100, 101], Habit, 132, Some(31), "more than a month"),
            (&[100, 120, 121], Habit, 181, None, "three times its longest pause"),
            (&[100, 120, 121], Habit, 182, Some(61), "more than that"),
            (&[100, 90], Habit, 9000, None, "went back, as it was allowed to"),
            (&[0, 100], Habit, 9000, None, "the first had no time"),
            (&[100, 101, 0], Habit, 9000, None, "has no time now"),
            (&[100], Days(7), 107, None, "as old as it may be"),
            (&[100], Days(7), 108, Some(8), "older"),
            (&[100, 101], Days(0), 9000, None, "never"),
            (&[100, 101], Days(u64::MAX), 9000, None, "no overflow"),
            (&[100, 101], Habit, 50, None, "the clock is behind"),
        ] {
            assert_eq!(known(times).suspicious_age(limit, day * DAY), age, "{what}");
        }
        assert_eq!(
            ["30", " 0\n", "-1", "month", ""].map(AgeLimit::parse),
            [Some(Days(30)), Some(Days(0)), None, None, None]
        );
    }
}
