//! `redconf`: shows, makes and checks the configuration of nodes. Nothing is changed but by `create`.

mod arguments;
mod check;
mod config;
mod create;
mod merge;
mod output;
mod packages;
mod provenance;
mod run;
mod style;
mod tree;

use std::process::ExitCode;

fn main() -> ExitCode {
    match run::run(&arguments::Arguments::typed()) {
        Ok(status) => status,
        Err(error) => output::fail(&error),
    }
}
