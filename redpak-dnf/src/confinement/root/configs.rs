//! `/etc` of the family: a copy of what everybody may read.
//!
//! Not an overlay of the core OS's directory: root's scriptlets would read its keys and passwords through it, and where
//! something is mounted below it (resolv.conf in a container) an unprivileged owner may not use it as a layer.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use anyhow::{Context, Result};
use redpak::node::files;

use super::overlay::{bind, open};
use super::{Family, make};

/// Larger files are none that a scriptlet needs.
const LARGEST: u64 = 1 << 20;
/// Bounds a directory that is no configuration at all.
const DEEPEST: u32 = 16;

/// Copies the configs of the lower roots, those of the parent last, since they count first.
pub fn copy(family: &Family, target: &Path) -> Result<()> {
    for root in family.lower.iter().rev() {
        copy_directory(&root.join("etc"), target, 0)
            .with_context(|| format!("cannot copy /etc of {}", root.display()))?;
    }
    for (file, text) in &family.accounts {
        if let Some(name) = file.file_name() {
            let path = target.join(name);
            remove(&path);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    for name in governing() {
        let path = target.join(name.file_name().unwrap_or_default());
        remove(&path);
        // So that nobody makes it: it is covered read-only.
        File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000))?;
    }
    Ok(())
}

/// The configs of the node, and those that it could have, cannot be changed from here on; neither can its status.
pub fn protect(node: &Path) -> Result<()> {
    for name in governing().chain([Path::new(files::STATUS), Path::new(files::FORCED)]) {
        let path = node.join(name);
        if path.symlink_metadata().is_err() {
            continue;
        }
        bind(&open(&path)?, &path)?;
        crate::confinement::mounts::make_read_only(&path)?;
    }
    Ok(())
}

fn governing() -> impl Iterator<Item = &'static Path> {
    let configs = [files::CONFIG, files::CONFIG_LEGACY, files::ADMIN, files::ADMIN_LEGACY];
    configs.into_iter().map(Path::new)
}

fn copy_directory(from: &Path, to: &Path, depth: u32) -> Result<()> {
    let Ok(entries) = fs::read_dir(from) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let status = entry.metadata()?;
        if status.is_dir() && depth < DEEPEST && status.mode() & 0o5 == 0o5 {
            if !target.symlink_metadata().is_ok_and(|status| status.is_dir()) {
                remove(&target);
            }
            make(&target, status.mode() & 0o7777)?;
            copy_directory(&source, &target, depth + 1)?;
        } else if status.is_symlink() {
            remove(&target);
            symlink(fs::read_link(&source)?, &target)?;
        } else if status.is_file() && status.mode() & 0o4 != 0 && status.len() <= LARGEST {
            remove(&target);
            // One that vanishes or cannot be read is no reason to give up.
            let _ = fs::copy(&source, &target);
        }
    }
    Ok(())
}

/// Whatever an older generation has there.
fn remove(path: &Path) {
    let _ = match path.symlink_metadata() {
        Ok(status) if status.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    };
}
