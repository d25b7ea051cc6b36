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

/// A day of the Gregorian calendar, at its beginning in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    days: u64,
}

impl Day {
    /// Reads `YYYY-MM-DD` as strptime(3) does: leading zeros may lack, and what follows is left out of account. Nothing before 1970.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = number(text, 4)?;
        let (month, rest) = number(rest.strip_prefix('-')?, 2)?;
        let (day, _) = number(rest.strip_prefix('-')?, 2)?;
        let seconds = seconds_of(year, month, day)?;
        Some(Self { days: seconds / 86_400 })
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        i64::try_from(self.days * 86_400).unwrap_or(i64::MAX)
    }

    /// Its beginning as ctime(3) writes it.
    pub fn ctime(self) -> String {
        const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let (year, month, day) = date(self.days);
        let at = |names: &[&'static str], index: u64| {
            usize::try_from(index).ok().and_then(|index| names.get(index).copied())
        };
        let weekday = at(&WEEKDAYS, self.days % 7).unwrap_or_default();
        let month = at(&MONTHS, month - 1).unwrap_or_default();
        format!("{weekday} {month} {day:2} 00:00:00 {year}")
    }
}

/// The number at the beginning of a text, of so many digits at most, and what follows it.
fn number(text: &str, digits: usize) -> Option<(u64, &str)> {
    let length = text.bytes().take(digits).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(length);
    Some((number.parse().ok()?, rest))
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
    fn days_are_read_as_strptime_reads_them() {
        for (text, seconds, shown) in [
            ("1970-01-01", 0, "Thu Jan  1 00:00:00 1970"),
            ("2023-11-14", 1_699_920_000, "Tue Nov 14 00:00:00 2023"),
            ("2023-11-14T12", 1_699_920_000, "Tue Nov 14 00:00:00 2023"),
            ("2023-1-1x", 1_672_531_200, "Sun Jan  1 00:00:00 2023"),
            ("2024-02-29", 1_709_164_800, "Thu Feb 29 00:00:00 2024"),
            ("2050-01-01", 2_524_608_000, "Sat Jan  1 00:00:00 2050"),
        ] {
            let day = Day::parse(text).expect(text);
            assert_eq!((day.seconds(), day.ctime().as_str()), (seconds, shown), "{text}");
        }
        for wrong in [
            "",
            "foo",
            "2023",
            "2023-13-01",
            "2023-11-",
            "2023-11-32",
            "1969-12-31",
            "2023/11/14",
        ] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
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
