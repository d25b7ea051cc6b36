//! Where the nodes of a family keep their own data.

use std::path::{Component, Path, PathBuf};

use redpak::display;
use redpak::merge::{Entry, Places};
use redpak::node::Family;

use super::places;

/// Where a node keeps its own data, below its directory; `None` is the usual place.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct OwnPlaces {
    /// The tag `rpmdir`: the rpmdb.
    pub rpmdir: Option<PathBuf>,
    /// The tag `persistdir`: libdnf5's persistent data.
    pub persistdir: Option<PathBuf>,
    /// The tag `cachedir`: libdnf5's cache.
    pub cachedir: Option<PathBuf>,
}

/// Those of a family's leaf.
///
/// # Errors
/// One line for each reason.
pub fn own_places(family: &Family, root: &Path) -> Result<OwnPlaces, String> {
    let Places {
        rpmdir,
        persistdir,
        cachedir,
    } = places(family, root).map_err(|findings| {
        let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    Ok(OwnPlaces {
        rpmdir: own_place("rpmdir", rpmdir, family)?,
        persistdir: own_place("persistdir", persistdir, family)?,
        cachedir: own_place("cachedir", cachedir, family)?,
    })
}

/// The rpmdb's directory in each node of a family, oldest first, where its config sets one.
///
/// # Errors
/// As [`own_places`].
pub fn rpmdirs(family: &Family, root: &Path) -> Result<Vec<Option<PathBuf>>, String> {
    let sets = |source: &redpak::config::Source| {
        let tags = source.config.tags.as_ref();
        tags.is_some_and(|tags| tags.value.rpmdir.is_some())
    };
    let nodes = family
        .nodes
        .iter()
        .flat_map(|node| std::iter::once(&node.config).chain(&node.admin));
    let mut sources = nodes.chain(&family.main).chain(&family.main_admin);
    if !sources.any(sets) {
        return Ok(vec![None; family.nodes.len()]);
    }
    (1..=family.nodes.len())
        .map(|count| {
            let mut family = family.clone();
            family.nodes.truncate(count);
            Ok(own_places(&family, root)?.rpmdir)
        })
        .collect()
}

/// A node's own data lie in the node. What an ancestor says of its own data is not meant for the nodes below it.
fn own_place(key: &str, entry: Option<Entry<PathBuf>>, family: &Family) -> Result<Option<PathBuf>, String> {
    let (Some(entry), Some(leaf)) = (entry, family.leaf()) else {
        return Ok(None);
    };
    let climbs = entry.value.components().any(|part| part == Component::ParentDir);
    if entry.value.starts_with(&leaf.path) && entry.value != leaf.path && !climbs {
        return Ok(Some(entry.value));
    }
    if entry.origin.node == Some(family.nodes.len() - 1) {
        return Err(format!(
            "{}: '{key}' leads to {}, which is not below the node; write a place below $NODE_PATH",
            entry.origin,
            display::path(&entry.value)
        ));
    }
    Ok(None)
}
