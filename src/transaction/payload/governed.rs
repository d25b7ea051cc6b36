//! What governs a node, and may not be in a payload.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::node::files;
use crate::transaction::refusal::Reason;

/// What governs a node beside the files that every node has (`node::files::GOVERNING`), as absolute paths seen from
/// the node's root.
#[derive(Debug, Clone, Default)]
pub struct Governed {
    /// Files, and directories with everything below them: rpmdb, libdnf5's state and caches as the tags place them.
    pub paths: Vec<PathBuf>,
    /// Directories of the nodes below this one.
    pub nodes: Vec<PathBuf>,
}

/// The same, made for being asked about many paths.
#[derive(Debug)]
pub(super) struct Rules<'g> {
    governing: HashSet<PathBuf>,
    /// Directories that lead to something that governs, and that itself.
    holders: HashSet<PathBuf>,
    nodes: &'g [PathBuf],
}

impl<'g> Rules<'g> {
    pub(super) fn new(governed: &'g Governed) -> Self {
        let root = Path::new("/");
        let everywhere = files::GOVERNING.iter().chain([&files::DNF_STATE]);
        let everywhere = everywhere.map(|path| root.join(path));
        let governing: HashSet<_> = everywhere.chain(governed.paths.iter().cloned()).collect();
        let above = |path: &PathBuf| path.ancestors().map(Path::to_owned).collect::<Vec<_>>();
        let holders = governing.iter().chain(&governed.nodes).flat_map(above).collect();
        Self {
            governing,
            holders,
            nodes: &governed.nodes,
        }
    }

    /// `None` when a package may own `path`. `directory`: it owns it as a directory.
    pub(super) fn reason(&self, path: &Path, directory: bool) -> Option<Reason> {
        // A file or symlink in the place of a directory would take what governs away.
        if self.is_governing(path) || (!directory && self.holders.contains(path)) {
            return Some(Reason::Governs(path.to_owned()));
        }
        let node = self.nodes.iter().find(|node| path.starts_with(node))?;
        Some(Reason::OtherNode {
            path: path.to_owned(),
            node: node.clone(),
        })
    }

    fn is_governing(&self, path: &Path) -> bool {
        path.ancestors().any(|above| self.governing.contains(above))
            || path.file_name() == Some(OsStr::new(files::STATUS))
            || is_config(path)
    }
}

/// `/etc/redpack*.yaml` and `/etc/redpak*.yaml`.
fn is_config(path: &Path) -> bool {
    let Some(name) = path.strip_prefix("/etc").ok().and_then(|rest| rest.components().next()) else {
        return false;
    };
    let name = name.as_os_str().as_bytes();
    (name.starts_with(b"redpack") || name.starts_with(b"redpak")) && name.ends_with(b".yaml")
}
