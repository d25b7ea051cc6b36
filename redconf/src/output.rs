//! Everything that reaches the user: results on standard output at once, all else on standard error.

use std::io::Write as _;
use std::process::ExitCode;

use redpak::yaml::Value;
use redpak_host::report;

use crate::arguments::Global;
use crate::style::Style;

/// Exit status of a failure, and of problems that were found.
pub const FAILED: u8 = 1;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

impl Format {
    /// What was asked for.
    pub const fn of(global: &Global) -> Self {
        match (global.yaml, global.json) {
            (true, _) => Self::Yaml,
            (_, true) => Self::Json,
            _ => Self::Human,
        }
    }

    /// A value in this format, `None` for people.
    pub fn text(self, value: &Value) -> Option<String> {
        match self {
            Self::Human => None,
            Self::Yaml => Some(value.to_string()),
            Self::Json => Some(value.to_json()),
        }
    }
}

/// Prints a result.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Tells warnings, unless nobody wants to know.
pub fn warn(global: &Global, warnings: impl IntoIterator<Item = impl std::fmt::Display>) {
    if global.quiet {
        return;
    }
    let style = Style::of(&std::io::stderr());
    for warning in warnings {
        note(&format!("{} {warning}", style.warning("warning:")));
    }
}

/// Says something beside the result. A reader who has gone is not waited for.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Tells an error with its causes, each of its lines once, and gives the exit status. Quiet when the reader has gone.
pub fn fail(error: &anyhow::Error) -> ExitCode {
    if report::is_broken_pipe(error.as_ref()) {
        return ExitCode::SUCCESS;
    }
    let style = Style::of(&std::io::stderr());
    for line in report::chain(error.as_ref()).lines() {
        note(&format!("{} {line}", style.error("redconf:")));
    }
    ExitCode::from(FAILED)
}
