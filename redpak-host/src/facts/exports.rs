//! What is at the sources of exports, without opening them for use.

use std::path::{Path, PathBuf};

use redpak::coherency::Reached;
use redpak::display;
use redpak::merge::{Entry, Merged, MergedExport, Target};
use redpak::plan::Kind;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::UNRUN;
use crate::ways::Ways;

/// Looks at the source of an export as a launch would find it, for a family whose core OS is below `root`.
pub fn reached<'m>(merged: &'m Merged, root: &'m Path) -> impl Fn(&Entry<MergedExport>) -> Reached + 'm {
    move |entry| {
        let Target::Path(source) = &entry.value.target else {
            return Reached::There;
        };
        let node = merged.node_of(source);
        let found = match node {
            Some(node) => inside(node, source, entry.value.mode.is_file()),
            None => match real(merged, source, root).map(|real| super::kind(&real)) {
                None | Some(Kind::Missing) => Reached::Missing,
                Some(_) => Reached::There,
            },
        };
        let lists = merged.allowed_roots(&entry.origin, node);
        match found {
            Reached::There if !lists.is_empty() => allowed(merged, source, &lists, root),
            found => found,
        }
    }
}

/// Where a path leads, on this machine: nodes are where they are, all else is below `root`, as for who has it as root.
fn real(merged: &Merged, path: &Path, root: &Path) -> Option<PathBuf> {
    let is_in_node = merged.node_of(path).is_some();
    let root = if is_in_node { Path::new("/") } else { root };
    Ways::below(root).end(path)
}

/// Constraint `export_roots`: where the source really is lies under one prefix of every list.
fn allowed(merged: &Merged, source: &Path, lists: &[Vec<PathBuf>], root: &Path) -> Reached {
    let Some(found) = real(merged, source, root) else {
        return Reached::Missing;
    };
    let lies_under = |prefix: &PathBuf| {
        // What a command would say is not known here; a launch asks it.
        prefix.starts_with(UNRUN) || real(merged, prefix, root).is_some_and(|prefix| found.starts_with(prefix))
    };
    match lists.iter().find(|list| !list.iter().any(lies_under)) {
        None => Reached::There,
        Some(list) => {
            let list: Vec<_> = list.iter().map(|prefix| display::path(prefix).to_string()).collect();
            Reached::Refused(format!(
                "it is {}, which is outside the export_roots of an ancestor ({})",
                display::path(&found),
                list.join(", ")
            ))
        }
    }
}

/// A node's own sources may not lead out of it.
fn inside(node: &Path, source: &Path, is_file: bool) -> Reached {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let relative = source.strip_prefix(node).unwrap_or(source);
    let relative = if relative.as_os_str().is_empty() {
        Path::new(".")
    } else {
        relative
    };
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let opened = rustix::fs::openat(CWD, node, flags | OFlags::DIRECTORY, Mode::empty())
        .and_then(|node| rustix::fs::openat2(node, relative, flags, Mode::empty(), resolve));
    match opened {
        Ok(_) => Reached::There,
        Err(Errno::NOENT | Errno::NOTDIR) if is_file => Reached::Missing,
        // A launch makes the directory.
        Err(Errno::NOENT) => Reached::There,
        Err(Errno::NOTDIR) => Reached::Missing,
        Err(Errno::XDEV | Errno::LOOP) => Reached::Refused("the way leads out of the node".into()),
        Err(error) => Reached::Untold(crate::report::os(&error.into())),
    }
}
