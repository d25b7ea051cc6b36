//! States of files, which rpm notes when it installs a package: neither digest nor signature is of them.
//!
//! Who changes an rpmdb could say of a file that it was left out, so that nobody looks for it. So a state that nothing
//! explains counts for nothing.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::coherency::places::Places;
use crate::coherency::{Level, is_checked};
use crate::package::{File, FileFlags, FileState};

/// Takes each state of a node's file that nothing explains for the usual one.
pub fn explain_states(family: &mut [Level]) {
    let doubted = |file: &&File| !file.state.is_installed() && !is_left_out(file);
    for index in 0..family.len() {
        // Hardly ever is there one.
        if family[index].is_core_os || !files(&family[index]).any(|file| doubted(&file)) {
            continue;
        }
        let taken = taken(family, index);
        for package in &mut family[index].packages {
            for file in package.files.iter_mut().filter(|file| doubted(&&**file)) {
                if file.state == FileState::NotInstalled || !taken.contains(&file.path) {
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

/// The files of a node that are not on the disk because another one of it is at the place, and is looked at there. A link
/// on the way may be the node's and an ancestor's package have it.
fn taken(family: &[Level], node: usize) -> HashSet<PathBuf> {
    let mut places = Places::of(family.iter().flat_map(files));
    let mut there: HashSet<Cow<'_, Path>> = HashSet::new();
    for file in files(&family[node]).filter(|file| is_checked(file)) {
        there.insert(places.place(&file.path));
    }
    let mut taken = HashSet::new();
    for file in files(&family[node]).filter(|file| !file.state.is_installed()) {
        if there.contains(&places.place(&file.path)) {
            taken.insert(file.path.clone());
        }
    }
    taken
}

fn files(level: &Level) -> impl Iterator<Item = &File> {
    level.packages.iter().flat_map(|package| &package.files)
}
