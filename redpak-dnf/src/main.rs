//! redwrap-dnf: the package manager of a node and its family.

use std::process::ExitCode;

fn main() -> ExitCode {
    redpak_dnf::main(std::env::args_os().collect())
}
