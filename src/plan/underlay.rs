//! Mount points that lie in what another export binds: they must be there before, since a read-only bind cannot get them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::merge::{Entry, Merged, MergedExport, Target};

/// The place of a mount point in the source of the export above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Underlay {
    /// Index of the export whose mount point it is.
    pub export: usize,
    /// Index of the export above.
    pub above: usize,
    /// Path outside.
    pub path: PathBuf,
}

/// All of them, in the order of the exports.
pub fn underlays(merged: &Merged) -> Vec<Underlay> {
    let exports = &merged.exports;
    let folders = exports.iter().enumerate().filter(|(_, export)| is_directory(export));
    // Merged mounts are clean: equal paths have equal bytes, which are quicker to compare.
    let folders: BTreeMap<&OsStr, usize> = folders
        .map(|(index, export)| (export.value.mount.as_os_str(), index))
        .collect();
    let found = exports.iter().enumerate().filter_map(|(index, export)| {
        // The first ancestor is the mount itself.
        let mut parents = export.value.mount.ancestors().skip(1);
        let above = parents.find_map(|parent| folders.get(parent.as_os_str()))?;
        underlay(index, *above, exports)
    });
    found.collect()
}

/// Whether other mounts may lie in it; files and links hold none.
fn is_directory(export: &Entry<MergedExport>) -> bool {
    use crate::config::ExportMode as Mode;
    let mode = export.value.mode;
    !mode.is_file() && !matches!(mode, Mode::Symlink | Mode::Execfd | Mode::Internal | Mode::Lock)
}

fn underlay(export: usize, above: usize, exports: &[Entry<MergedExport>]) -> Option<Underlay> {
    let Target::Path(source) = &exports[above].value.target else {
        return None;
    };
    let rest = exports[export]
        .value
        .mount
        .strip_prefix(&exports[above].value.mount)
        .ok()?;
    Some(Underlay {
        export,
        above,
        path: source.join(rest),
    })
}
