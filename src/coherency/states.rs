//! States of files, which rpm notes when it installs a package: neither digest nor signature is of them.
//!
//! Who changes an rpmdb could say of a file that it was left out, so that nobody looks for it. So a state that nothing
//! explains counts for nothing.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::coherency::places::Places;
use crate::coherency::{Level, is_checked};
use crate::package::{File, FileFlags, FileState};

/// Takes each state of a node's file that nothing explains for the usual one.
pub fn explain_states(family: &mut [Level]) {
    let nodes = (0..family.len()).filter(|level| !family[*level].is_core_os);
    for index in nodes.collect::<Vec<_>>() {
        let doubted = doubted(&family[index]);
        // Hardly ever is there one.
        if doubted.is_empty() {
            continue;
        }
        let taken = taken(family, index);
        for (package, file) in doubted {
            let file = &mut family[index].packages[package].files[file];
            if file.state == FileState::NotInstalled || !taken.contains(&file.path) {
                file.state = FileState::Normal;
            }
        }
    }
}

/// The package and the file of each state that the package itself does not explain.
fn doubted(level: &Level) -> Vec<(usize, usize)> {
    let mut doubted = Vec::new();
    for (package, of) in level.packages.iter().enumerate() {
        if of.files.iter().all(|file| file.state.is_installed()) {
            continue;
        }
        let emptied = emptied(&of.files);
        for (index, file) in of.files.iter().enumerate() {
            if !file.state.is_installed() && !is_left_out(file, &emptied) {
                doubted.push((package, index));
            }
        }
    }
    doubted
}

/// What rpm can be told to leave out: documentation, files for debuggers, languages; and a directory that this empties.
fn is_left_out(file: &File, emptied: &HashSet<&Path>) -> bool {
    let is_optional = |bits| file.flags.contains(bits);
    let is_emptied = || file.is_directory() && emptied.contains(&*file.path);
    file.state == FileState::NotInstalled
        && (is_optional(FileFlags::DOC) || is_optional(FileFlags::ARTIFACT) || file.has_language || is_emptied())
}

/// Directories of which nothing that a package has right in them is there.
fn emptied(files: &[File]) -> HashSet<&Path> {
    let mut folders: HashMap<&Path, bool> = HashMap::new();
    for file in files {
        if let Some(folder) = file.path.parent() {
            *folders.entry(folder).or_insert(true) &= file.state != FileState::Normal;
        }
    }
    let emptied = folders.into_iter().filter(|(_, is_emptied)| *is_emptied);
    emptied.map(|(folder, _)| folder).collect()
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
