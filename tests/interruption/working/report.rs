//! What the workers have seen.

use std::collections::BTreeMap;
use std::fmt;

/// Results of all commands.
#[derive(Debug, Default)]
pub struct Report {
    /// (command, what came of it) and how often.
    pub results: BTreeMap<(String, &'static str), usize>,
    pub killed: usize,
    /// What must not happen.
    pub alarms: Vec<String>,
}

impl Report {
    /// One more result.
    pub fn add(&mut self, command: &str, result: &'static str) {
        *self.results.entry((command.to_owned(), result)).or_default() += 1;
    }

    /// How many commands did what they were meant to do.
    pub fn done(&self) -> usize {
        self.results
            .iter()
            .filter(|((_, result), _)| result.starts_with("done"))
            .map(|(_, count)| count)
            .sum()
    }

    /// Takes in what another worker has seen.
    pub fn merge(&mut self, other: Self) {
        for (key, count) in other.results {
            *self.results.entry(key).or_default() += count;
        }
        self.killed += other.killed;
        self.alarms.extend(other.alarms);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "done {}, killed {}, alarms {}",
            self.done(),
            self.killed,
            self.alarms.len()
        )?;
        self.results
            .iter()
            .try_for_each(|((command, result), count)| writeln!(f, "{count:6} {command}: {result}"))
    }
}
