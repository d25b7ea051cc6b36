//! `/bin`, `/sbin`, `/lib…` and `/dev`: programs are looked for there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::layers::Layers;
use super::overlay::{Work, bind, open};
use crate::confinement::devices;

/// Directories that are links into /usr in many systems.
pub const MERGED: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// Where the family has links into /usr, the node's /usr is shown there; directories are covered like /usr itself.
pub fn provide(layers: &Layers<'_>, work: &Work) -> Result<()> {
    for name in MERGED {
        provide_one(layers, work, name)?;
    }
    if !layers.family.is_used(Path::new("/dev")) {
        work.mount_point(&layers.family.node, Path::new("dev"))?;
        devices::populate(&layers.family.node.join("dev"))?;
    }
    Ok(())
}

fn provide_one(layers: &Layers<'_>, work: &Work, name: &str) -> Result<()> {
    let node = &layers.family.node;
    let own = node.join(name);
    let status = own.symlink_metadata().ok();
    if status.as_ref().is_some_and(|status| !status.is_dir()) {
        return Ok(());
    }
    let inside = Path::new("/").join(name);
    let is_used = layers.family.is_used(&inside);
    let links: Vec<_> = having(&layers.family.lower, name)
        .map(|root| usr_link(root, name))
        .collect();
    if let (None, false, Some(Some(target))) = (status, is_used, links.first())
        && links.iter().all(Option::is_some)
        && node.join(target).is_dir()
    {
        work.mount_point(node, Path::new(name))?;
        return bind(&open(&node.join(target))?, &own);
    }
    let found = layers.directories(Path::new(name));
    if found.is_empty() {
        return Ok(());
    }
    work.cover(node, Path::new(name), &layers.open(name, &found)?)
}

fn having<'r>(roots: &'r [PathBuf], name: &str) -> impl Iterator<Item = &'r PathBuf> {
    roots
        .iter()
        .filter(move |root| root.join(name).symlink_metadata().is_ok())
}

/// `usr/bin` where the root has a link `bin` to it.
fn usr_link(root: &Path, name: &str) -> Option<PathBuf> {
    let target = fs::read_link(root.join(name)).ok()?;
    let target = target.strip_prefix("/").unwrap_or(&target).to_owned();
    let is_plain = target
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    (is_plain && target.starts_with("usr")).then_some(target)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_merged_root_has_a_plain_link_into_usr() {
        let root = tempfile::tempdir().unwrap();
        for (name, target, wanted) in [
            ("bin", "usr/bin", Some("usr/bin")),
            ("lib", "/usr/lib", Some("usr/lib")),
            ("sbin", "opt/sbin", None),
            ("lib64", "usr/../opt", None),
            ("lib32", "../usr/lib32", None),
        ] {
            symlink(target, root.path().join(name)).unwrap();
            assert_eq!(usr_link(root.path(), name).as_deref(), wanted.map(Path::new), "{name}");
        }
        assert_eq!(usr_link(root.path(), "none"), None);
    }
}
