//! The text of one progress line, laid out as dnf5 lays it out.

use std::time::Duration;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number of this step and of all steps, where they are counted.
    pub number: Option<(u64, u64)>,
    /// What is done.
    pub description: &'a str,
    /// How much is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
    /// Since the start.
    pub elapsed: Duration,
}

impl Line<'_> {
    /// For a terminal of so many columns.
    pub fn render(&self, columns: usize) -> String {
        let right = format!(
            "{:>3}% | {:>9}/s | {:>9} | {:>7}",
            self.percent(),
            size(self.speed()),
            size(self.done),
            clock(self.elapsed)
        );
        let number = self.number.map(|(n, of)| format!("[{n}/{of}]")).unwrap_or_default();
        let left = format!("{number} {}", self.description);
        let width = columns.saturating_sub(right.chars().count() + 1);
        format!("{:<width$} {right}", shorten(&left, width))
    }

    fn percent(&self) -> u64 {
        self.done
            .saturating_mul(100)
            .checked_div(self.total)
            .unwrap_or(100)
            .min(100)
    }

    /// A step that took no time that could be measured has its whole amount a second, as dnf5 counts.
    fn speed(&self) -> u64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds <= 0.0 {
            return 0;
        }
        // Sizes are far below the limit where a float loses whole numbers.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "for display"
        )]
        let speed = (self.done as f64 / seconds) as u64;
        speed
    }
}

/// `1.5 MiB`, `12.0   B`: one decimal, the unit in three columns.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["  B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    #[expect(clippy::cast_precision_loss, reason = "for display")]
    let (mut value, mut unit) = (bytes as f64, 0);
    while value > 999.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `6 KiB`: a size without decimals.
pub fn whole_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut rest = bytes;
    while rest > 999 && unit + 1 < UNITS.len() {
        rest = (rest + 512) / 1024;
        unit += 1;
    }
    format!("{rest} {}", UNITS[unit])
}

/// `00m05s`, and hours from an hour on.
fn clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds / 3600 {
        0 => format!("{:02}m{:02}s", seconds / 60, seconds % 60),
        hours => format!("{hours}h{:02}m", seconds % 3600 / 60),
    }
}

fn shorten(text: &str, width: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(width)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_laid_out_as_dnf5_lays_them_out() {
        let line = Line {
            number: Some((1, 2)),
            description: "appb-0:1-1.noarch",
            done: 6451,
            total: 6451,
            elapsed: Duration::from_millis(1),
        };
        assert_eq!(
            line.render(80),
            "[1/2] appb-0:1-1.noarch                 100% |   6.2 MiB/s |   6.3 KiB |  00m00s"
        );
        let repository = Line {
            number: None,
            description: "t repo",
            done: 3174,
            total: 3174,
            elapsed: Duration::from_millis(2),
        };
        assert_eq!(
            repository.render(80),
            " t repo                                 100% |   1.5 MiB/s |   3.1 KiB |  00m00s"
        );
    }

    #[test]
    fn odd_values_do_no_harm() {
        let line = Line {
            number: None,
            description: "a\u{1b}[2Jb",
            done: 7,
            total: 0,
            elapsed: Duration::from_secs(3700),
        };
        for columns in [0, 10, 41, 1_000] {
            assert!(!line.render(columns).contains('\u{1b}'));
        }
        assert!(line.render(80).ends_with("100% |   0.0   B/s |   7.0   B |   1h01m"));
        assert_eq!(size(u64::MAX), "16.0 EiB");
    }
}
