//! Why a command has no output.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use redpak::display;

/// Why a command has no output. The command itself is told by whoever knows where it is written.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It could not be started.
    #[error("cannot start /bin/sh")]
    Start(#[source] std::io::Error),
    /// Its output could not be read.
    #[error("cannot read its output")]
    Read(#[source] std::io::Error),
    /// It could not be waited for.
    #[error("cannot wait for it")]
    Wait(#[source] std::io::Error),
    /// It ended badly.
    #[error("{}{}", ended(*.status), quote(.stderr))]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// The end of what it printed on standard error.
        stderr: Vec<u8>,
    },
    /// It took too long and was killed.
    #[error("it was killed after {} s{}", .limit.as_secs_f32(), quote(.stderr))]
    TimedOut {
        /// How long it may take.
        limit: Duration,
        /// The end of what it printed on standard error.
        stderr: Vec<u8>,
    },
    /// It printed too much and was killed.
    #[error("it printed more than {0} bytes")]
    TooLong(usize),
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it exited with status {code}"),
        (None, Some(signal)) => format!("it was killed by signal {signal}"),
        (None, None) => "it ended without a status".to_owned(),
    }
}

/// The lines of standard error as one.
fn quote(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(display::text)
        .collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!(": {}", lines.join("; ")),
    }
}
