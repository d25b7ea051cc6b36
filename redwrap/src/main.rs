//! `redwrap`: starts a program in the namespace of a family of nodes.

mod arguments;
mod backend;
mod checks;
mod control_group;
mod launch;
mod output;
mod supervise;
mod sys;

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::arguments::Arguments;
use crate::backend::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::read(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing better can be done when the terminal is gone.
            let _ = error.print();
            let wanted = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if wanted { ExitCode::SUCCESS } else { Exit::Failed.into() };
        }
    };
    match launch::run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::error(&error);
            Exit::Failed.into()
        }
    }
}
