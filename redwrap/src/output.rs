//! What redwrap itself says, on standard error.

use std::io::{self, Write};

/// Tells an error and its causes once. An error of several lines keeps them.
pub fn error(error: &anyhow::Error) {
    if error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    {
        return;
    }
    tell(&format!("redwrap: {error:#}"));
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
