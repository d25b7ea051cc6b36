//! What is at the sources of exports, without opening them for use.

use std::path::Path;

use redpak::coherency::Reached;
use redpak::merge::{Entry, Merged, MergedExport, Target};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// Looks at the source of an export as a launch would find it, for a family whose core OS is below `root`.
pub fn reached<'m>(merged: &'m Merged, root: &'m Path) -> impl Fn(&Entry<MergedExport>) -> Reached + 'm {
    move |entry| {
        let Target::Path(source) = &entry.value.target else {
            return Reached::There;
        };
        let node = merged.nodes.iter().rev().find(|node| source.starts_with(&node.path));
        match node {
            Some(node) => inside(&node.path, source, entry.value.mode.is_file()),
            None => match super::kind(&root.join(source.strip_prefix("/").unwrap_or(source))) {
                redpak::plan::Kind::Missing => Reached::Missing,
                _ => Reached::There,
            },
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
        Err(error) => Reached::Refused(crate::report::os(&error.into())),
    }
}
