//! A core OS with an rpmdb, as a family has under it on a device.

use std::fs;
use std::path::Path;

use redpak_testing::{Package, User, build_packages, directory, register_with_rpm, skip, tool};
use tempfile::TempDir;

/// Packages of a core OS, and files in each.
const PACKAGES: usize = 1500;
const FILES: usize = 40;
/// Where rpm's own configuration looks, on the machine that the benchmarks run on.
const RPMDB: &str = "/var/lib/rpm";

/// Mounts the rpmdb of a core OS where the system's is, for this process and its children; it has to live as long as they
/// need it. None, told aloud, where that would change what others see.
pub fn mount() -> Option<TempDir> {
    let namespace = |process: &str| fs::read_link(format!("/proc/{process}/ns/mnt")).ok();
    if !User::is_root() || namespace("self") == namespace("1") {
        skip("a core OS takes root and a mount namespace of its own: unshare --mount");
        return None;
    }
    let (root, built) = (directory(), directory());
    let packages: Vec<Package> = (0..PACKAGES).map(package).collect();
    for some in packages.chunks(100) {
        register_with_rpm(root.path(), &build_packages(some, built.path()));
    }
    fs::create_dir_all(RPMDB).expect("a place to mount at");
    let rpmdb = root.path().join("var/lib/rpm");
    tool("mount", [Path::new("--bind"), &rpmdb, Path::new(RPMDB)]);
    Some(root)
}

fn package(number: usize) -> Package {
    let name = format!("core-{number:04}");
    let package = Package::new(&name, "1.0-1").provides(&format!("{name}-api = 1"));
    let package = match number {
        0 => package,
        _ => package.requires(&format!("core-{:04}-api >= 1", number / 2)),
    };
    (0..FILES).fold(package, |package, file| {
        package.file(&format!("/usr/lib/{name}/{file:02}"), name.clone())
    })
}
