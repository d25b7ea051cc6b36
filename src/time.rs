//! Times as texts.

/// Seconds since 1970 in UTC, as RFC 3339 writes them.
pub fn date_time(seconds: u64) -> String {
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Seconds from 1970 to the beginning of a day, in UTC; `None` when there is no such day.
pub fn seconds_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // From an estimate that is never too late, it is a few days on.
    let earliest = (year - 1970) * 365 + (month - 1) * 28 + day - 1;
    let days = (earliest..earliest + 2500).find(|&days| date(days) >= (year, month, day))?;
    (date(days) == (year, month, day)).then_some(days * 86_400)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_and_wrong_ones_are_not() {
        let cases = [
            ((1970, 1, 1), Some(0)),
            ((2000, 2, 29), Some(951_782_400)),
            ((2100, 3, 1), Some(4_107_542_400)),
            ((2100, 2, 29), None),
            ((2024, 4, 31), None),
            ((2024, 13, 1), None),
            ((1969, 1, 1), None),
        ];
        for ((year, month, day), expected) in cases {
            assert_eq!(seconds_of(year, month, day), expected, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn dates_are_right_around_leap_days() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(date_time(seconds), expected);
        }
    }
}
