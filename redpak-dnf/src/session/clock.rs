//! A clock that cannot be right: boards without a battery begin in 1970. Signatures are then from the future, and so are certificates of
//! servers; what the libraries say of them does not name the reason.

use std::time::{SystemTime, UNIX_EPOCH};

use redpak::time::date_time;

/// 2026-01-01. Nobody had this program before.
const EARLIEST: u64 = 1_767_225_600;
/// 2106-02-07: times in packages and in OpenPGP have 32 bits.
const LATEST: u64 = u32::MAX as u64;

/// What is wrong with the clock now.
pub fn warning() -> Option<String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    judge(since.map_or(0, |since| since.as_secs()))
}

fn judge(seconds: u64) -> Option<String> {
    let why = match seconds {
        ..EARLIEST => "which is in the past: signatures and certificates of servers made since then do not count",
        EARLIEST..=LATEST => return None,
        _ => "for which packages and signatures have no number",
    };
    Some(format!(
        "Warning: the clock says {}, {why}; set it.",
        date_time(seconds)
    ))
}

#[cfg(test)]
mod tests {
    use super::{EARLIEST, LATEST, judge};

    #[test]
    fn what_cannot_be_is_told() {
        let told = |seconds, words: &str| judge(seconds).is_some_and(|text| text.contains(words));
        assert!(told(3600, "says 1970-01-01T01:00:00Z, which is in the past"));
        assert!(told(EARLIEST - 1, "2025-12-31T23:59:59Z"));
        assert_eq!([EARLIEST, i32::MAX as u64 + 1, LATEST].map(judge), [None, None, None]);
        assert!(told(LATEST + 1, "2106-02-07T06:28:16Z, for which"));
    }
}
