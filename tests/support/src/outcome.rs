//! What a run of a program gave, and what a test expects of it.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Status and streams of a program that ended.
#[derive(Debug)]
pub struct Outcome {
    /// The command line, for messages.
    pub(crate) command: String,
    /// Trees worth seeing when something is wrong, as text.
    pub(crate) trees: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Bytes on stdout.
    pub stdout: Vec<u8>,
    /// Bytes on stderr.
    pub stderr: Vec<u8>,
}

impl Outcome {
    /// Stdout as text.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Stderr as text.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Lines of stdout, sorted.
    pub fn sorted_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.out().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// The exit status; 128+N when signal N ended it, as a shell sees it.
    pub fn code(&self) -> i32 {
        self.status
            .code()
            .unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    /// Fails the test unless `condition` holds, showing everything.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn check(self, condition: impl FnOnce(&Self) -> bool, wanted: &str) -> Self {
        assert!(condition(&self), "wanted {wanted}\n{}", self.report());
        self
    }

    /// Expects exit status 0.
    #[track_caller]
    pub fn success(self) -> Self {
        self.exits(0)
    }

    /// Expects this exit status (128+N for a signal).
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        self.check(|outcome| outcome.code() == code, &format!("exit status {code}"))
    }

    /// Expects a text on stdout.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        self.check(|outcome| outcome.out().contains(text), &format!("{text:?} on stdout"))
    }

    /// Expects a text on stderr.
    #[track_caller]
    pub fn complains(self, text: &str) -> Self {
        self.check(|outcome| outcome.err().contains(text), &format!("{text:?} on stderr"))
    }

    /// Expects a text on neither stream.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        self.check(
            |outcome| !outcome.out().contains(text) && !outcome.err().contains(text),
            &format!("{text:?} on neither stream"),
        )
    }

    /// Expects a refusal for a user's eyes: this status, these words on stderr, and no panic, backtrace or source path of ours.
    #[track_caller]
    pub fn refuses(self, code: i32, words: &[&str]) -> Self {
        let outcome = words
            .iter()
            .fold(self.exits(code), |outcome, word| outcome.complains(word));
        ["panicked", "RUST_BACKTRACE", "terminate called", ".rs:"]
            .iter()
            .fold(outcome, |outcome, word| outcome.never_says(word))
    }

    /// Exit status and both streams without what depends on the moment: speeds and times, which stand behind bars.
    pub fn steady(&self) -> String {
        let keep = |text: String| {
            let lines = text
                .lines()
                .filter(|line| !line.contains('|') && !line.starts_with("---"));
            lines.map(|line| format!("{}\n", line.trim_end())).collect::<String>()
        };
        let (out, err) = (keep(self.out()), keep(self.err()));
        format!("exit status {}\n--- stdout\n{out}--- stderr\n{err}", self.code())
    }

    /// Everything that is known about the run.
    pub fn report(&self) -> String {
        let Self {
            command, trees, status, ..
        } = self;
        format!(
            "$ {command}\n{status}\n--- stdout\n{}\n--- stderr\n{}\n{trees}",
            self.out(),
            self.err()
        )
    }
}
