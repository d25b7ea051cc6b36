//! Commands that a config asks for.

use std::ffi::OsString;

/// A command line for `/bin/sh -c` and the environment that it runs with, nothing else being set.
///
/// Whoever runs it closes standard input and limits the time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Command {
    /// The command line, variables expanded.
    pub text: OsString,
    /// The built-in variables of the node that the command is written in.
    pub environment: Vec<(OsString, OsString)>,
}

/// Runs commands for the expansion.
pub trait Runner {
    /// The standard output of the command.
    ///
    /// # Errors
    /// Why there is none: the end of its stderr, its status, or the time that it took.
    fn run(&mut self, command: &Command) -> Result<Vec<u8>, String>;
}

impl<F: FnMut(&Command) -> Result<Vec<u8>, String>> Runner for F {
    fn run(&mut self, command: &Command) -> Result<Vec<u8>, String> {
        self(command)
    }
}

/// Refuses every command, for checks that must not run any.
#[derive(Debug, Clone, Copy)]
pub struct NoCommands;

impl Runner for NoCommands {
    fn run(&mut self, _: &Command) -> Result<Vec<u8>, String> {
        Err("commands are not run here".into())
    }
}
