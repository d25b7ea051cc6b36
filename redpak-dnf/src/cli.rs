//! From the command line to an exit status; the one place that prints an error.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::commands::{Cli, Outcome};
use crate::options::{arguments, usage};

/// Exit status of a command that failed, dnf5's.
const EXIT_FAILURE: u8 = 1;
/// Exit status of a proof that could not be made.
const EXIT_COULD_NOT_TELL: u8 = 2;

/// Parses, runs, and says what went wrong.
pub fn main(typed: Vec<OsString>) -> ExitCode {
    let mut command = Cli::command();
    command.build();
    let arguments = arguments::reorder(&command, typed);
    let mut cli = match parse(&mut command, &arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(&command, &arguments, &error),
    };
    cli.global.command_line = arguments;
    match cli.command.run(&cli.global) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(EXIT_FAILURE),
        Ok(Outcome::CouldNotTell) => ExitCode::from(EXIT_COULD_NOT_TELL),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(usage::status_of(&error).unwrap_or(EXIT_FAILURE))
        }
    }
}

fn parse(command: &mut clap::Command, arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// Help and version are clap's; mistakes are told in dnf5's words.
fn refuse(command: &clap::Command, arguments: &[OsString], error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(EXIT_FAILURE),
        };
    }
    eprintln!("{}", usage::message(error, &innermost(command, arguments)));
    ExitCode::from(usage::EXIT_USAGE)
}

/// Name of the innermost subcommand in reordered arguments.
fn innermost(command: &clap::Command, arguments: &[OsString]) -> String {
    let mut current = command;
    for token in arguments.iter().skip(1) {
        let Some(sub) = current.find_subcommand(token) else {
            break;
        };
        current = sub;
    }
    current.get_name().to_owned()
}

/// The reader of our output has gone; that is his right.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_pipe = |cause: &std::io::Error| cause.kind() == std::io::ErrorKind::BrokenPipe;
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(is_pipe)
}
