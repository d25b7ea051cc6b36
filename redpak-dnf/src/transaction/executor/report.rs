//! How a run is described in the history, and what is said of its end.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use librpm::Engine;

use crate::full_disk;
use crate::options::Global;
use crate::terminal;
use crate::transaction::database_error;
use libdnf5::{RunResult, Transaction};

/// The command line, as dnf5 keeps it in the history.
pub fn description(global: &Global) -> String {
    let words = global.command_line.iter().enumerate().map(|(index, word)| {
        let path = Path::new(word);
        let name = if index == 0 {
            path.file_name().unwrap_or(word)
        } else {
            word
        };
        name.to_string_lossy().into_owned()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether it went well; why not is said.
pub fn succeeded(
    transaction: &Transaction<'_>,
    result: RunResult,
    skipped: &[OsString],
    (engine, node): (&Engine, &Path),
) -> Result<bool> {
    let failed = result != RunResult::Success;
    if failed {
        terminal::tell(format_args!("Transaction failed: {}", result.text()?.display()));
    }
    skipped.iter().for_each(|line| terminal::tell(line.display()));
    if failed {
        let problems = transaction.transaction_problems()?;
        problems
            .iter()
            .for_each(|line| terminal::tell(format_args!("  - {}", line.display())));
        let error = database_error::first(engine).unwrap_or_default();
        if !error.is_empty() {
            terminal::tell(format_args!("  - {error}"));
        }
        full_disk::tell(node, &format!("{}\n{error}", lines(&problems)));
    }
    Ok(!failed)
}

pub fn lines(problems: &[OsString]) -> String {
    problems.iter().map(|line| format!("\n{}", line.display())).collect()
}
