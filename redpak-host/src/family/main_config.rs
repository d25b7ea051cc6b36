//! Redmain: the default configuration of the core OS.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use redpak::config::{self, Source};
use redpak::node::{Status, files};

use crate::dir::Dir;
use crate::family::node::either;
use crate::family::{Admin, FamilyErrors, Request};
use crate::read;

/// What the `info` of a system node's status begins with.
pub const SYSTEM_NODE: &str = "system node";

/// Whether the status of a topmost node makes it the system node.
pub fn is_system(status: &Status) -> bool {
    status.info.as_ref().is_some_and(|info| info.starts_with(SYSTEM_NODE))
}

/// The main config: the file that was asked for, else the core OS's, else none.
///
/// # Errors
/// When the file that was asked for is missing, or all that is wrong in it.
pub fn main(request: &Request) -> Result<Option<Source>, FamilyErrors> {
    match &request.main {
        Some(file) => named(file).map(Some),
        None => either(&Dir::open_root(&request.root)?, files::MAIN, files::MAIN_LEGACY),
    }
}

/// The admin config of redmain: the file that was asked for, else the one beside the main config.
///
/// # Errors
/// As [`main`].
pub fn admin(request: &Request, system: bool) -> Result<Option<Source>, FamilyErrors> {
    match (&request.admin, &request.main) {
        (Admin::Off, _) => Ok(None),
        (Admin::File(file), _) => named(file).map(Some),
        (Admin::On, Some(main)) => beside(main),
        // The system node has its own.
        (Admin::On, None) if system => Ok(None),
        (Admin::On, None) => {
            let root = Dir::open_root(&request.root)?;
            either(&root, files::MAIN_ADMIN, files::MAIN_ADMIN_LEGACY)
        }
    }
}

fn named(file: &Path) -> Result<Source, FamilyErrors> {
    let bytes = read::file(file, read::MAX_CONFIG)?;
    Ok(config::parse_bytes(&bytes, file)?)
}

/// `main-admin.yaml` beside `main.yaml`, if it is there.
fn beside(main: &Path) -> Result<Option<Source>, FamilyErrors> {
    let file = admin_name(main);
    match read::file(&file, read::MAX_CONFIG) {
        Ok(bytes) => Ok(Some(config::parse_bytes(&bytes, &file)?)),
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn admin_name(main: &Path) -> PathBuf {
    let mut name = OsString::from(main.file_stem().unwrap_or_default());
    name.push("-admin");
    if let Some(extension) = main.extension() {
        name.push(".");
        name.push(extension);
    }
    main.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_admin_config_is_named_after_the_main_config() {
        let name = |main: &str| admin_name(Path::new(main)).display().to_string();
        assert_eq!(name("/a/main.yaml"), "/a/main-admin.yaml");
        assert_eq!(name("x"), "x-admin");
    }
}
