//! Directories that rpm could not remove because the family has something in them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use redpak::node::files;
use redpak_host::dir::Dir;

use super::BARE;
use super::made::{self, COVERED};

/// Removes those that are empty in the leaf, of a composed root: without the family's, rpm would have done so. `directories`
/// are what the packages that have gone own alone, seen from the node's root.
pub fn remove_emptied(directories: &[PathBuf]) -> Result<()> {
    let leaf = Dir::open_root(Path::new(BARE))?;
    let mut relative: Vec<&Path> = directories
        .iter()
        .filter_map(|path| path.strip_prefix("/").ok())
        .collect();
    // What is inside before what holds it.
    relative.sort_unstable_by(|left, right| right.cmp(left));
    relative.iter().for_each(|path| leaf.remove_directory(path));
    // An overlay is mounted on these as long as the root is there.
    let covered = relative
        .iter()
        .filter_map(|path| COVERED.into_iter().find(|name| *path == Path::new(name)));
    let covered: Vec<String> = covered.map(str::to_owned).collect();
    match covered.is_empty() {
        true => Ok(()),
        false => made::add(&leaf.join(files::OVERLAY), covered),
    }
}
