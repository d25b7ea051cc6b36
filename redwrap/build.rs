//! Links the unwinder of panics into the program where the compiler has it as an archive: loading it as a shared library
//! would take a fiftieth of a launch.

use std::path::{Path, PathBuf};

/// GCC's unwinder, which Rust's library otherwise takes from `libgcc_s.so`.
const ARCHIVE: &str = "libgcc_eh.a";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Some(folder) = archive().as_deref().and_then(Path::parent) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        // Whole: nothing refers to it yet when the linker comes by.
        println!("cargo::rustc-link-lib=static:+whole-archive=gcc_eh");
        println!("cargo::rustc-link-arg-bins=-Wl,--as-needed");
    }
}

/// Where the C compiler has it; one that does not, answers with the name alone.
fn archive() -> Option<PathBuf> {
    let output = cc::Build::new()
        .cargo_metadata(false)
        .try_get_compiler()
        .ok()?
        .to_command()
        .arg(format!("-print-file-name={ARCHIVE}"))
        .output()
        .ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end());
    path.is_absolute().then_some(path)
}
