//! States of files, which rpm notes when it installs a package: neither digest nor signature is of them.
//!
//! Who changes an rpmdb could say of a file that it was left out, so that nobody looks for it. So a state that nothing
//! explains counts for nothing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::coherency::Level;
use crate::coherency::places::Places;
use crate::package::{File, FileFlags, FileState};

/// Takes each state of a node's file that nothing explains for the usual one.
pub fn explain_states(family: &mut [Level]) {
    let doubted = |file: &&File| !file.state.is_installed() && !is_left_out(file);
    let nodes = family.iter().filter(|level| !level.is_core_os);
    let mut files = nodes
        .flat_map(|level| &level.packages)
        .flat_map(|package| &package.files);
    // Hardly ever is there one.
    if !files.any(|file| doubted(&file)) {
        return;
    }
    let owners = owners(family);
    for level in family.iter_mut().filter(|level| !level.is_core_os) {
        for package in &mut level.packages {
            for file in package.files.iter_mut().filter(|file| doubted(&&**file)) {
                let is_taken = || owners.get(&file.path).is_some_and(|count| *count > 1);
                if file.state == FileState::NotInstalled || !is_taken() {
                    file.state = FileState::Normal;
                }
            }
        }
    }
}

/// What rpm can be told to leave out: documentation, files for debuggers, languages. A directory of nothing but these is
/// left out with them.
fn is_left_out(file: &File) -> bool {
    let is_optional = |bits| file.flags.contains(bits);
    file.state == FileState::NotInstalled
        && (is_optional(FileFlags::DOC) || is_optional(FileFlags::ARTIFACT) || file.has_language || file.is_directory())
}

/// How many files of the family are at the place of each that is not on the disk.
fn owners(family: &[Level]) -> HashMap<PathBuf, usize> {
    let files = || {
        let packages = family.iter().flat_map(|level| &level.packages);
        packages.flat_map(|package| &package.files)
    };
    let mut places = Places::of(files());
    let mut counts: HashMap<Cow<'_, Path>, usize> = HashMap::new();
    for file in files() {
        *counts.entry(places.place(&file.path)).or_default() += 1;
    }
    let mut owners = HashMap::new();
    for file in files().filter(|file| !file.state.is_installed()) {
        let count = counts.get(&places.place(&file.path)).copied().unwrap_or(0);
        owners.insert(file.path.clone(), count);
    }
    owners
}
