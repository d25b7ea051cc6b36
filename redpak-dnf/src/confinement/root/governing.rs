//! The directories that govern the node: scriptlets can neither write nor replace them.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Result;
use redpak_host::dir::Dir;

use super::overlay::{bind, open};
use super::{Family, make as make_directory};
use crate::confinement::mounts;

/// Makes those that rpm and libdnf5 are about to make: a scriptlet would fill some of its own otherwise.
pub fn make(family: &Family) -> Result<()> {
    let node = Dir::open(&family.node)?;
    for path in family.database.iter().chain(&family.state) {
        node.make_directories(path)?;
    }
    Ok(())
}

/// Opens those that the node has, before they are covered.
pub fn keep(family: &Family) -> Result<Vec<(File, PathBuf)>> {
    let existing = family.governing().filter(|path| is_directory(&family.node.join(path)));
    existing
        .map(|path| Ok((open(&family.node.join(path))?, path.clone())))
        .collect()
}

/// Makes them in a lower layer too. A directory that is in two layers cannot be renamed, and so none of its parents; and one that
/// the node does not have is there to be covered.
pub fn make_parents(family: &Family, name: &str, layer: &Path) -> Result<()> {
    for path in family.governing().filter_map(|path| path.strip_prefix(name).ok()) {
        let mut place = layer.to_owned();
        for part in path {
            place.push(part);
            make_directory(&place, 0o755)?;
        }
    }
    Ok(())
}

/// Shows those of the node over the overlays. libdnf5 writes its own by the same paths as rpm's Lua would; the others are
/// read-only.
pub fn protect(family: &Family, kept: &[(File, PathBuf)]) -> Result<()> {
    for (directory, path) in kept {
        bind(directory, &family.node.join(path))?;
    }
    let is_free = |path: &&PathBuf| family.database.as_ref() != Some(*path) && !is_packaged(family, path);
    for path in family.database.iter().chain(family.databases.iter().filter(is_free)) {
        let target = family.node.join(path);
        if is_directory(&target) {
            bind(&open(&target)?, &target)?;
            mounts::make_read_only(&target)?;
        }
    }
    Ok(())
}

/// Packages may have files at the other places of an rpmdb.
fn is_packaged(family: &Family, path: &Path) -> bool {
    family.is_used(&Path::new("/").join(path))
}

fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|status| status.is_dir())
}
