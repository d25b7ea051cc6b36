//! Which transactions of the history are meant.

use std::ops::RangeInclusive;

use anyhow::{Result, bail};

/// Numbers of transactions, the lower one first.
pub type Range = RangeInclusive<i64>;

/// `ID` or `ID..ID`, where an `ID` is a number, `last` or `last-NUMBER`; `last` is the newest transaction's number.
pub fn parse(spec: &str, last: i64) -> Result<Range> {
    let ends = match spec.split_once("..") {
        Some((first, second)) => number(first, last).zip(number(second, last)),
        None => number(spec, last).map(|id| (id, id)),
    };
    let Some((first, second)) = ends else {
        bail!(
            "Invalid transaction ID range \"{spec}\", \"ID\" or \"ID..ID\" expected, where ID is \"NUMBER\", \"last\" or \"last-NUMBER\"."
        )
    };
    Ok(first.min(second)..=first.max(second))
}

fn number(text: &str, last: i64) -> Option<i64> {
    match text.strip_prefix("last") {
        Some("") => Some(last),
        Some(back) => digits(back.strip_prefix('-')?).map(|back| last.saturating_sub(back)),
        None => digits(text),
    }
}

/// A number without a sign.
fn digits(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_are_dnf5s() {
        for (spec, expected) in [
            ("3", 3..=3),
            ("0", 0..=0),
            ("last", 9..=9),
            ("last-2", 7..=7),
            ("last-20", -11..=-11),
            ("1..3", 1..=3),
            ("3..1", 1..=3),
            ("last-1..last", 8..=9),
            ("last..1", 1..=9),
        ] {
            assert_eq!(parse(spec, 9).unwrap(), expected, "{spec}");
        }
        for wrong in [
            "",
            "-1",
            "+1",
            "nope",
            "last-",
            "last+1",
            "lastly",
            "..",
            "1..",
            "..2",
            "1..x",
            "1...3",
            "1..2..3",
            "99999999999999999999",
        ] {
            let error = parse(wrong, 9).unwrap_err().to_string();
            assert!(error.contains(&format!("range \"{wrong}\"")), "{error}");
        }
    }
}
