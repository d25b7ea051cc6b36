//! What the cases came to, by dimension.

use std::collections::BTreeMap;

use super::case::Case;
use super::judge::Judgement;

/// Numbers of cases.
#[derive(Debug, Default, Clone, Copy)]
pub struct Row {
    pub tried: usize,
    pub consistent: usize,
    pub repaired: usize,
    pub lost: usize,
    pub stuck: usize,
}

impl Row {
    fn add(&mut self, judgement: &Judgement) {
        self.tried += 1;
        match judgement {
            Judgement::Consistent => self.consistent += 1,
            Judgement::Repaired => self.repaired += 1,
            Judgement::Lost(_) => self.lost += 1,
            Judgement::Stuck(_) => self.stuck += 1,
        }
    }
}

/// The sums of all cases, and the failures.
#[derive(Debug, Default)]
pub struct Sums {
    pub all: Row,
    by_value: BTreeMap<(&'static str, String), Row>,
    /// (what it is about, a case that shows it, how many do)
    failures: BTreeMap<String, (String, usize)>,
}

impl Sums {
    pub fn add(&mut self, case: &Case, judgement: &Judgement) {
        self.all.add(judgement);
        for value in case.values() {
            self.by_value.entry(value).or_default().add(judgement);
        }
        let (Judgement::Lost(reason) | Judgement::Stuck(reason)) = judgement else {
            return;
        };
        println!("FAILED REDPAK_TEST_CASE=\"{case}\"\n{}\n", shortened(reason));
        let failure = self.failures.entry(kind(reason));
        failure.or_insert_with(|| (case.to_string(), 0)).1 += 1;
    }

    /// One table, one line for each kind of failure, and the last line.
    pub fn show(&self, what: &str) {
        println!(
            "{:<12} {:<18} {:>6} {:>10} {:>8} {:>5} {:>5}",
            "dimension", "value", "tried", "consistent", "repaired", "lost", "stuck"
        );
        for ((dimension, value), row) in &self.by_value {
            let Row {
                tried,
                consistent,
                repaired,
                lost,
                stuck,
            } = row;
            println!("{dimension:<12} {value:<18} {tried:>6} {consistent:>10} {repaired:>8} {lost:>5} {stuck:>5}");
        }
        for (reason, (case, count)) in &self.failures {
            println!("{count} times: {reason}\n    REDPAK_TEST_CASE=\"{case}\"");
        }
        let Row {
            tried,
            consistent,
            repaired,
            lost,
            stuck,
        } = self.all;
        println!("{what} tried {tried}, consistent {consistent}, repaired {repaired}, lost {lost}, stuck {stuck}");
    }
}

/// The first line without numbers, so that the same failure of two cases is the same.
fn kind(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or_default();
    let words = line.split_whitespace().filter(|word| !word.starts_with("/tmp/"));
    let steady: String = words.collect::<Vec<_>>().join(" ");
    steady
        .chars()
        .filter(|character| !character.is_ascii_digit())
        .take(150)
        .collect()
}

/// Some lines are enough to know a failure; a single case shows all of it.
fn shortened(reason: &str) -> String {
    let limit = if std::env::var_os("REDPAK_TEST_CASE").is_some() {
        1000
    } else {
        40
    };
    let lines: Vec<&str> = reason.lines().filter(|line| !line.contains("00m00s")).collect();
    lines.into_iter().take(limit).collect::<Vec<_>>().join("\n")
}
