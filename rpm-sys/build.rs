//! Finds librpm through pkg-config and generates the bindings to what `allowlist.rs` names.

use std::env;
use std::path::PathBuf;

mod allowlist {
    include!("allowlist.rs");
}

/// The oldest librpm whose C API the safe layer is written for.
const MINIMUM_VERSION: &str = "4.20";

fn main() {
    for input in ["build.rs", "allowlist.rs", "wrapper.h"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let library = match pkg_config::Config::new().atleast_version(MINIMUM_VERSION).probe("rpm") {
        Ok(library) => library,
        Err(error) => fail(&error.to_string()),
    };
    println!("cargo::metadata=VERSION={}", library.version);
    let bindings = builder(&library.include_paths)
        .generate()
        .unwrap_or_else(|error| fail(&error.to_string()));
    let output = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("bindings.rs");
    if let Err(error) = bindings.write_to_file(&output) {
        fail(&format!("writing {}: {error}", output.display()));
    }
}

/// bindgen, told to bind nothing but the allowlist.
fn builder(include_paths: &[PathBuf]) -> bindgen::Builder {
    let mut builder = bindgen::Builder::default()
        .header("wrapper.h")
        .clang_args(include_paths.iter().map(|path| format!("-I{}", path.display())))
        .clang_arg("-D_FILE_OFFSET_BITS=64")
        .rust_edition(bindgen::RustEdition::Edition2024)
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .layout_tests(true)
        .derive_debug(true)
        .generate_comments(false)
        .size_t_is_usize(true)
        // The C library's own business, and full of bit fields.
        .opaque_type("_IO_FILE")
        .parse_callbacks(Box::new(bindgen::CargoCallbacks::new().rerun_on_header_files(true)));
    for function in allowlist::FUNCTIONS {
        builder = builder.allowlist_function(function);
    }
    for kind in allowlist::TYPES {
        builder = builder.allowlist_type(kind);
    }
    for constant in allowlist::CONSTANTS {
        builder = builder.allowlist_var(constant);
    }
    builder
}

/// Ends the build with what is missing and how to get it, instead of a trace of pkg-config or clang.
fn fail(reason: &str) -> ! {
    let advice = format!(
        "cannot bind librpm: {reason}\n\
         rpm-sys needs librpm {MINIMUM_VERSION} or newer with its headers, pkg-config and libclang:\n\
         \x20 Debian, Ubuntu   apt install librpm-dev pkg-config libclang-dev\n\
         \x20 Fedora           dnf install rpm-devel pkgconf-pkg-config clang-devel\n\
         \x20 openSUSE         zypper install rpm-devel pkg-config clang-devel\n\
         Without them, containers/run COMMAND runs a command in a root file system that has them."
    );
    for line in advice.lines() {
        println!("cargo::error={line}");
    }
    std::process::exit(1);
}
