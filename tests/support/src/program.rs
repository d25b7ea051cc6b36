//! Where the built programs are.

use std::path::PathBuf;

/// The program of this name, from the same target directory and profile as the running test, or from `$REDPAK_PROGRAMS`.
///
/// # Panics
/// When it was not built yet; the message says how.
pub fn built_program(name: &str) -> PathBuf {
    let directory = std::env::var_os("REDPAK_PROGRAMS").map_or_else(profile_directory, PathBuf::from);
    let program = directory.join(name);
    assert!(
        program.is_file(),
        "{} does not exist: build the programs first with cargo build --workspace",
        program.display()
    );
    program
}

/// `target/PROFILE`: tests lie in its `deps/`, programs in itself.
fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().expect("path of the running test");
    let directory = test.parent().expect("a program lies in a directory");
    let directory = if directory.ends_with("deps") {
        directory.parent().expect("deps/ lies in a profile's directory")
    } else {
        directory
    };
    directory.to_owned()
}
