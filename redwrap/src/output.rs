//! What redwrap itself says, on standard error.

use std::io::{self, Write};

use redpak_host::report;

/// Tells an error and its causes once. An error of several lines keeps them.
pub fn error(error: &anyhow::Error) {
    if !report::is_broken_pipe(error.as_ref()) {
        tell(&format!("redwrap: {}", report::chain(error.as_ref())));
    }
}

/// Tells why a program did not run.
pub fn failure(message: &str) {
    tell(&format!("redwrap: {message}"));
}

/// Tells a warning, unless told to be quiet.
pub fn warning(quiet: bool, message: &str) {
    if !quiet {
        tell(&format!("redwrap: warning: {message}"));
    }
}

/// Tells what `--verbose` asks for.
pub fn note(message: &str) {
    tell(&format!("redwrap: {message}"));
}

fn tell(line: &str) {
    // A closed standard error is no reason to fail a launch.
    let _ = writeln!(io::stderr(), "{line}");
}
