//! Tools of the system that fixtures are made with.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

/// Runs a tool of the system and returns what it printed on stdout.
///
/// # Panics
/// When it cannot be started or fails; both streams are in the message.
pub fn tool<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> String {
    let mut command = Command::new(program);
    command.args(arguments);
    finish(command)
}

/// Like [`tool`] for a command that needs more than arguments.
pub(crate) fn finish(mut command: Command) -> String {
    command.env("LC_ALL", "C.UTF-8");
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(
        output.status.success(),
        "{command:?}: {}\n--- stdout\n{out}--- stderr\n{err}",
        output.status
    );
    out
}

/// Whether a program can be found in `PATH` or in the administrator's directories.
pub fn have(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let administrator = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(administrator)
        .any(|directory| directory.join(program).is_file())
}
