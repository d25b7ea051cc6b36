//! One node: its status and configs.

use std::path::{Path, PathBuf};

use redpak::config::{self, Source};
use redpak::node::{Node, Status, files};

use crate::dir::Dir;
use crate::family::error::collect;
use crate::family::{FamilyError, FamilyErrors};
use crate::read;

/// Reads a node, its admin config only when that counts.
///
/// # Errors
/// All that is wrong with its files.
pub fn load(path: &Path, with_admin: bool) -> Result<Node, FamilyErrors> {
    let dir = Dir::open(path)?;
    let mut errors = Vec::new();
    let status = collect(status(&dir), &mut errors);
    let config = collect(config(&dir), &mut errors);
    let admin = if with_admin {
        collect(either(&dir, files::ADMIN, files::ADMIN_LEGACY), &mut errors)
    } else {
        Some(None)
    };
    match (status, config, admin) {
        (Some(status), Some(config), Some(admin)) => Ok(Node {
            path: path.to_path_buf(),
            status,
            config,
            admin,
        }),
        _ => Err(FamilyErrors(errors)),
    }
}

/// Reads the status file of a node.
///
/// # Errors
/// When it is missing, or all that is wrong in it.
pub fn status(dir: &Dir) -> Result<Status, FamilyErrors> {
    let file = dir.join(files::STATUS);
    match read::beneath(dir, Path::new(files::STATUS), read::MAX_CONFIG)? {
        Some(bytes) => Ok(Status::parse(&bytes, &file)?),
        None => Err(FamilyError::NotANode {
            path: dir.path().to_path_buf(),
            above: None,
        }
        .into()),
    }
}

/// Reads the normal config of a node.
///
/// # Errors
/// When it is missing or there twice, or all that is wrong in it.
pub fn config(dir: &Dir) -> Result<Source, FamilyErrors> {
    either(dir, files::CONFIG, files::CONFIG_LEGACY)?.ok_or_else(|| {
        FamilyErrors::from(FamilyError::NoConfig {
            node: dir.path().to_path_buf(),
            config: dir.join(files::CONFIG),
        })
    })
}

/// Reads a config that has an older name, `None` when there is neither.
///
/// # Errors
/// When there are both, or all that is wrong in the one.
pub fn either(dir: &Dir, name: &str, legacy: &str) -> Result<Option<Source>, FamilyErrors> {
    Ok(match either_bytes(dir, name, legacy)? {
        Some((file, bytes)) => Some(config::parse_bytes(&bytes, &file)?),
        None => None,
    })
}

/// As [`either`], unparsed.
///
/// # Errors
/// When there are both, or the one cannot be read.
pub fn either_bytes(dir: &Dir, name: &str, legacy: &str) -> Result<Option<(PathBuf, Vec<u8>)>, FamilyError> {
    let bytes = |name: &str| read::beneath(dir, Path::new(name), read::MAX_CONFIG);
    match (bytes(name)?, bytes(legacy)?) {
        (Some(_), Some(_)) => Err(FamilyError::Both(dir.join(name), dir.join(legacy))),
        (Some(bytes), None) => Ok(Some((dir.join(name), bytes))),
        (None, Some(bytes)) => Ok(Some((dir.join(legacy), bytes))),
        (None, None) => Ok(None),
    }
}
