//! What is left on the file system of a node. It is said after a failure that came of a full one: the libraries name it as seen from
//! the node, `/`, or not at all.

use std::path::Path;

use nix::sys::statvfs::{Statvfs, statvfs};
use redpak::display;

use crate::terminal;

/// What the kernel, rpm, sqlite and this program say then. libdnf5 tells of its history that it could not be rolled back: sqlite has
/// done so by itself already.
const WORDS: [&str; 6] = [
    "o space left",
    "disk is full",
    "disk space",
    "more space on the",
    "inodes on the",
    "\"ROLLBACK\"",
];

/// Says it when the text is of such a failure.
pub fn tell(node: &Path, text: &str) {
    if !WORDS.iter().any(|words| text.contains(words)) {
        return;
    }
    if let Ok(state) = statvfs(node) {
        terminal::tell(left(node, &state));
    }
}

fn left(node: &Path, state: &Statvfs) -> String {
    let bytes = state.blocks_available().saturating_mul(state.fragment_size());
    let inodes = match state.files() {
        // Not counted there.
        0 => String::new(),
        _ => format!(" and {} inodes", state.files_available()),
    };
    format!(
        "The file system of {} has {bytes} bytes{inodes} left.",
        display::path(node)
    )
}
