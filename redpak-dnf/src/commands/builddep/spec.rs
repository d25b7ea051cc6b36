//! What a spec file requires for the build, as rpm's own parser says. It is a program, because a spec file is one too: its macros run
//! commands and change the macros of the process that reads it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::Macros;

const PARSER: &str = "rpmspec";

/// `None` when rpm cannot parse it; rpm's messages went to standard error.
pub fn build_requires(file: &Path, macros: &Macros) -> Result<Option<Vec<OsString>>> {
    let mut command = Command::new(PARSER);
    command.args(["--query", "--buildrequires"]);
    let options = [
        ("--define", &macros.define),
        ("--with", &macros.with),
        ("--without", &macros.without),
    ];
    for (option, values) in options {
        command.args(values.iter().flat_map(|value| [option, value]));
    }
    // A path that begins with a dash is no option.
    let output = command
        .arg("--")
        .arg(file)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {PARSER}, which reads spec files and comes with rpm's build tools"))?;
    for line in output.stderr.split_inclusive(|byte| *byte == b'\n') {
        // What the query says after the parser has said it.
        if !line.starts_with(b"error: query of specfile") {
            eprint!("{}", String::from_utf8_lossy(line));
        }
    }
    let lines = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    Ok(output
        .status
        .success()
        .then(|| lines.map(|line| OsStr::from_bytes(line).to_owned()).collect()))
}
