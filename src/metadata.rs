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
    use super::Stamp;

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
}
