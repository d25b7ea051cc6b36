//! Mount points that lie in what another export binds: they must be there before, since a read-only bind cannot get them.

use std::path::{Path, PathBuf};

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
    let mut found = Vec::new();
    // Exports are sorted by mount, so those above the current one are on a stack.
    let mut above: Vec<usize> = Vec::new();
    for (index, export) in exports.iter().enumerate() {
        while above
            .pop_if(|top| !lies_in(&exports[*top], &export.value.mount))
            .is_some()
        {}
        if let Some(underlay) = above.last().and_then(|top| underlay(index, *top, exports)) {
            found.push(underlay);
        }
        if is_directory(export) {
            above.push(index);
        }
    }
    found
}

fn lies_in(above: &Entry<MergedExport>, mount: &Path) -> bool {
    mount.starts_with(&above.value.mount)
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
