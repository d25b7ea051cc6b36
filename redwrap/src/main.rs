//! `redwrap`: starts a program in the namespace of a family of nodes.
#![cfg_attr(not(test), no_main)] // see the module `start`

mod arguments;
mod backend;
mod checks;
mod control_group;
mod launch;
mod output;
mod start;
mod supervise;
mod sys;

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::arguments::Arguments;
use crate::backend::Exit;

/// The program, from its command line to how it ends.
fn run(arguments: &[OsString]) -> Exit {
    let arguments = match Arguments::read(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing better can be done when the terminal is gone.
            let _ = error.print();
            let wanted = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if wanted { Exit::Program(0) } else { Exit::Failed };
        }
    };
    launch::run(&arguments).unwrap_or_else(|error| {
        output::error(&error);
        Exit::Failed
    })
}
