//! The lower layers: what a family has at one place.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use redpak_host::dir::Dir;

use super::overlay::{open, path_of};
use super::{Family, governing, make};

/// Finds lower layers.
pub struct Layers<'f> {
    pub family: &'f Family,
    /// For layers that have to be made.
    pub scratch: &'f Path,
    /// Whether the directories of the lower layers have to be made anew with owners that the namespace knows.
    pub needs_skeleton: bool,
}

impl Layers<'_> {
    /// The layers of a directory that the whole family shares; none where nobody has it.
    pub fn shared(&self, name: &str) -> Result<Option<Vec<File>>> {
        let found = self.directories(Path::new(name));
        if found.is_empty() {
            ensure!(name != "usr", "the node lies in /usr of the core OS, or there is none");
            return Ok(None);
        }
        let mut layers = self.open(name, &found)?;
        layers.push(self.governing(name)?);
        Ok(Some(layers))
    }

    /// The lowest layer, with what governs the node.
    fn governing(&self, name: &str) -> Result<File> {
        let place = self.scratch.join("governing");
        make(&place, 0o755)?;
        let place = place.join(name);
        make(&place, 0o755)?;
        governing::make_parents(self.family, name, &place)?;
        open(&place)
    }

    /// A layer, and before it what hides some of it.
    pub fn masked(&self, name: &str, layer: File) -> Result<Vec<File>> {
        Ok(self.mask(name)?.into_iter().chain([layer]).collect())
    }

    fn mask(&self, name: &str) -> Result<Option<File>> {
        let place = self.scratch.join("mask").join(name);
        place.is_dir().then(|| open(&place)).transpose()
    }

    /// Opens layers, the first counts before the second.
    pub fn open(&self, name: &str, found: &[PathBuf]) -> Result<Vec<File>> {
        let mut layers: Vec<File> = self.mask(name)?.into_iter().collect();
        if self.needs_skeleton {
            layers.push(open(&self.skeleton(name, found)?)?);
        }
        for path in found {
            layers.push(open(path)?);
        }
        Ok(layers)
    }

    /// Where the family has this directory, without symlinks; what holds the node itself cannot be a layer.
    pub fn directories(&self, name: &Path) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        for root in &self.family.lower {
            let directory = Dir::open_root(root).and_then(|root| root.subdirectory(name));
            // Where it really is: absolute links of another root file system count from there.
            let real = |directory: Dir| fs::read_link(path_of(&directory));
            let Some(path) = directory.ok().and_then(|directory| real(directory).ok()) else {
                continue;
            };
            let holds = |inner: &Path, outer: &Path| inner.starts_with(outer);
            let overlaps = found.iter().any(|other| holds(other, &path) || holds(&path, other));
            if !overlaps && !holds(&self.family.node, &path) {
                found.push(path);
            }
        }
        found
    }

    fn skeleton(&self, name: &str, found: &[PathBuf]) -> Result<PathBuf> {
        let place = self.scratch.join("skeletons");
        make(&place, 0o755)?;
        let place = place.join(name.replace('/', "-"));
        make(&place, 0o755)?;
        for layer in found {
            copy_directories(layer, &place).with_context(|| format!("cannot read {}", layer.display()))?;
        }
        Ok(place)
    }
}

/// Directories without what is in them. Those that cannot be read are left out: the kernel shows them as they are.
fn copy_directories(from: &Path, to: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(from) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let target = to.join(entry.file_name());
        make(&target, entry.metadata()?.mode() & 0o7777)?;
        copy_directories(&entry.path(), &target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn directories_are_copied_with_their_modes_and_without_files() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, mode) in [("a", 0o755), ("a/b", 0o1777), ("c", 0o700)] {
            fs::create_dir(from.path().join(name)).unwrap();
            fs::set_permissions(from.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::write(from.path().join("a/file"), "").unwrap();
        copy_directories(from.path(), to.path()).unwrap();
        for (name, mode) in [("a", 0o755), ("a/b", 0o1777), ("c", 0o700)] {
            let copied = to.path().join(name).metadata().unwrap();
            assert_eq!(copied.mode() & 0o7777, mode, "{name}");
        }
        assert!(!to.path().join("a/file").exists());
    }
}
