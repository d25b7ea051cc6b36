//! From the command line to an exit status; the one place that prints an error.

use std::ffi::OsString;
use std::io::Write as _;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use librpm::Engine;

use crate::commands::{Cli, Outcome};
use crate::full_disk;
use crate::node::Node;
use crate::options::{arguments, color, usage, variables};
use crate::session::Session;
use crate::terminal;

/// Exit status of a command that failed, dnf5's.
const EXIT_FAILURE: u8 = 1;
/// Exit status of a proof that could not be made.
const EXIT_COULD_NOT_TELL: u8 = 2;
/// Exit status of `check-upgrade` when there is something to upgrade, dnf5's.
const EXIT_UPGRADABLE: u8 = 100;

/// Parses, runs, and says what went wrong.
pub fn main(typed: Vec<OsString>) -> ExitCode {
    libdnf5::output::set_screen(redpak::display::screen);
    // As for dnf5 the last value counts. The description of all subcommands is large, and freeing it of no use.
    let mut command = ManuallyDrop::new(Cli::command().args_override_self(true));
    let arguments = arguments::reorder(&command, typed.clone());
    let parsed = command.try_get_matches_from_mut(&arguments);
    if let Some((place, value)) = color::wrong(&command, &typed)
        && !parsed
            .as_ref()
            .is_err_and(|error| usage::is_before(error, &typed, place))
    {
        // dnf5 names the class of the error here.
        return fail(&anyhow::anyhow!(
            "OptionValueNotAllowedError: Enum option value \"{value}\" not allowed"
        ));
    }
    let matches = match parsed {
        Ok(matches) => ManuallyDrop::new(matches),
        Err(error) => return refuse(&mut command, &typed, &error),
    };
    if let Some(wrong) = usage::differing(&matches) {
        return fail(&wrong.into());
    }
    let mut cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return refuse(&mut command, &typed, &error),
    };
    if cli.global.version {
        return printed(print_version());
    }
    cli.global.variables = variables::in_order(&matches);
    cli.global.command_line = arguments;
    let redpath = cli.global.redpath.clone();
    match run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(EXIT_FAILURE),
        Ok(Outcome::Upgradable) => ExitCode::from(EXIT_UPGRADABLE),
        Ok(Outcome::CouldNotTell) => ExitCode::from(EXIT_COULD_NOT_TELL),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let status = fail(&error);
            if let Some(node) = redpath {
                full_disk::tell(&node, &format!("{error:#}"));
            }
            status
        }
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    terminal::tell(format_args!("{error:#}"));
    ExitCode::from(usage::status_of(error).unwrap_or(EXIT_FAILURE))
}

/// Without a command there is something to do only when the configuration shall be printed.
fn run(cli: Cli) -> anyhow::Result<Outcome> {
    match cli.command {
        Some(command) => command.run(&cli.global),
        None if cli.global.dumps() => {
            let node = Node::find(&cli.global)?;
            let engine = Engine::start()?;
            Session::open(&engine, &node, &cli.global)?;
            Ok(Outcome::Done)
        }
        None => Err(usage::Usage("Missing command.".into()).into()),
    }
}

/// In dnf5's form: the program's, then those that it stands on.
fn print_version() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "redwrap-dnf version {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "libdnf5 version {}", libdnf5::running_version())?;
    writeln!(out, "librpm version {}", librpm::version())
}

fn printed(result: std::io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(EXIT_FAILURE),
    }
}

/// Help is clap's; mistakes are told in dnf5's words.
fn refuse(command: &mut clap::Command, typed: &[OsString], error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return printed(error.print());
    }
    // Parsing completes the subcommand that was called, and no other.
    command.build();
    terminal::tell(usage::message(error, command, typed));
    ExitCode::from(usage::EXIT_USAGE)
}

/// The reader of our output has gone; that is his right.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_pipe = |cause: &std::io::Error| cause.kind() == std::io::ErrorKind::BrokenPipe;
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(is_pipe)
}
