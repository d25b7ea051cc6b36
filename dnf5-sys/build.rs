//! Finds libdnf5, compiles the shim over it and binds the shim's C header.

use std::env;
use std::path::{Path, PathBuf};
use std::process;

/// The oldest libdnf5 that the shim is written for.
const OLDEST: &str = "5.2.12";

/// The oldest librpm under it. The shim uses its macros alone.
const OLDEST_RPM: &str = "4.20";

/// What a user without the headers has to do.
const HELP: &str = "\
libdnf5 and libdnf5-cli 5.2.12 or later are needed, with their headers and pkg-config files:
  Debian 14 (forky), Ubuntu 26.04 and later:  apt install libdnf5-dev libdnf5-cli-dev librpm-dev libclang-dev pkgconf g++
  Fedora 41 and later:                        dnf install libdnf5-devel libdnf5-cli-devel rpm-devel clang-devel gcc-c++
  openSUSE Tumbleweed:                        zypper install libdnf5-devel libdnf5-cli-devel rpm-devel clang-devel gcc-c++
On other systems `containers/run cargo build` builds in a root file system that has them.";

fn main() {
    let libraries = [
        probe("libdnf5", OLDEST),
        probe("libdnf5-cli", OLDEST),
        probe("rpm", OLDEST_RPM),
    ];
    println!("cargo::metadata=version={}", libraries[0].version);
    compile_shim(&libraries);
    generate_bindings();
}

fn probe(name: &str, oldest: &str) -> pkg_config::Library {
    pkg_config::Config::new()
        .atleast_version(oldest)
        .probe(name)
        .unwrap_or_else(|error| {
            eprintln!("{HELP}\n\n{error}");
            process::exit(1);
        })
}

fn compile_shim(libraries: &[pkg_config::Library]) {
    let sources = shim_sources();
    println!("cargo::rerun-if-changed=shim");
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++20")
        .warnings(true)
        .extra_warnings(true)
        .flag("-fvisibility=hidden")
        .files(&sources);
    for (name, value) in version_defines(&libraries[0].version) {
        build.define(name, value.as_str());
    }
    build.includes(libraries.iter().flat_map(|library| &library.include_paths));
    build.compile("redpak_dnf5");
}

fn shim_sources() -> Vec<PathBuf> {
    let entries = Path::new("shim")
        .read_dir()
        .expect("the shim's sources are part of the crate");
    let mut sources: Vec<_> = entries
        .map(|entry| entry.expect("the shim's directory is readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cpp"))
        .collect();
    sources.sort();
    sources
}

/// pkg-config's version (`5.4.6.0`) as the defines that `shim/compat.hpp` alone uses.
fn version_defines(version: &str) -> [(&'static str, String); 4] {
    let mut parts = version.split('.');
    let mut next = || match parts.next() {
        Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => part.to_owned(),
        _ => "0".to_owned(),
    };
    [
        ("REDPAK_DNF5_VERSION_PRIME", next()),
        ("REDPAK_DNF5_VERSION_MAJOR", next()),
        ("REDPAK_DNF5_VERSION_MINOR", next()),
        ("REDPAK_DNF5_VERSION_MICRO", next()),
    ]
}

fn generate_bindings() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    bindgen::Builder::default()
        .header("shim/redpak_dnf5.h")
        .allowlist_function("rdnf5_.*")
        .allowlist_type("Rdnf5.*")
        .allowlist_var("RDNF5_.*")
        .prepend_enum_name(false)
        .generate_comments(true)
        .parse_callbacks(Box::new(bindgen::CargoCallbacks::new()))
        .generate()
        .unwrap_or_else(|error| {
            eprintln!("{HELP}\n\n{error}");
            process::exit(1);
        })
        .write_to_file(out.join("bindings.rs"))
        .expect("OUT_DIR is writable");
}
