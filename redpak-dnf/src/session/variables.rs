//! Variables of a node: those of the command line, its own, and those of its ancestors.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result};
use redpak_host::dir::Dir;
use redpak_host::read;

use crate::node::Node;
use crate::options::Global;
use libdnf5::{Base, VarsPriority};

/// libdnf5's directories; the second counts more.
const DIRECTORIES: [&str; 2] = ["usr/share/dnf5/vars.d", "etc/dnf/vars"];

/// Before libdnf5 reads the node's own, which then replace the ancestors'.
pub fn set(base: &Base<'_>, node: &Node, global: &Global) -> Result<()> {
    if !global.use_host_config {
        let nodes = &node.family.nodes;
        for ancestor in &nodes[..nodes.len().saturating_sub(1)] {
            of_ancestor(base, &ancestor.path)?;
        }
    }
    for (name, value) in &global.variables {
        base.vars()
            .set(name, value, VarsPriority::Commandline)
            .with_context(|| format!("cannot set the variable {name}"))?;
    }
    Ok(())
}

fn of_ancestor(base: &Base<'_>, path: &Path) -> Result<()> {
    let ancestor = Dir::open(path)?;
    for directory in DIRECTORIES.map(Path::new) {
        let Ok(entries) = std::fs::read_dir(path.join(directory)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(value) = value(&ancestor, &directory.join(&name), &name)? else {
                continue;
            };
            base.vars()
                .set(&name, &value, VarsPriority::Varsdir)
                .with_context(|| format!("cannot set the variable of {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// The first line of a file that libdnf5 would take for a variable.
fn value(ancestor: &Dir, file: &Path, name: &OsStr) -> Result<Option<String>> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if !name.as_encoded_bytes().iter().all(is_name) {
        return Ok(None);
    }
    let Some(bytes) = read::beneath(ancestor, file, read::MAX_CONFIG)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
}
