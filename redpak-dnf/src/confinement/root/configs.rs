//! `/etc` of the family: a copy of what everybody may read.
//!
//! Not an overlay of the core OS's directory: root's scriptlets would read its keys and passwords through it, and where
//! something is mounted below it (resolv.conf in a container) an unprivileged owner may not use it as a layer.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use anyhow::{Context, Result};
use redpak::node::files;
use redpak_host::dir::Dir;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, openat, openat2, readlinkat, statat};
use rustix::io::Errno;

use super::made::PLACEHOLDERS;
use super::overlay::{Work, bind, open};
use super::{Family, make};

/// Larger files are none that a scriptlet needs.
const LARGEST: u64 = 1 << 20;
/// Bounds a directory that is no configuration at all.
const DEEPEST: u32 = 16;

/// Copies the configs of the lower roots, those of the parent last, since they count first.
pub fn copy(family: &Family, target: &Path) -> Result<()> {
    for root in family.lower.iter().rev() {
        let copied = open_root(root).and_then(|etc| etc.map_or(Ok(()), |etc| copy_directory(&etc, target, 0)));
        copied.with_context(|| format!("cannot copy /etc of {}", root.display()))?;
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

/// The configs of the node, and those that it could have, cannot be changed from here on; neither can its status and what else
/// lies beside it.
pub fn protect(node: &Path) -> Result<()> {
    for name in PLACEHOLDERS {
        Work::placeholder(node, name)?;
    }
    // The journal is open already: steps are added, and nobody replaces or removes it.
    let beside = [files::STATUS, files::JOURNAL]
        .into_iter()
        .chain(PLACEHOLDERS)
        .map(Path::new);
    for name in governing().chain(beside) {
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

/// No link leads out of the root; a root without the directory, or with another's that nobody may list, has nothing to give.
fn open_root(root: &Path) -> Result<Option<OwnedFd>> {
    let root = Dir::open_root(root)?;
    match openat2(
        &root,
        "etc",
        DIRECTORY,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    ) {
        Ok(directory) => Ok(Some(directory)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

fn copy_directory(from: &OwnedFd, to: &Path, depth: u32) -> Result<()> {
    for entry in rustix::fs::Dir::read_from(from)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            let copied = copy_entry(from, name, &to.join(name), depth);
            copied.with_context(|| format!("cannot copy {}", to.join(name).display()))?;
        }
    }
    Ok(())
}

/// What has vanished meanwhile, or is read by its owner alone, is left out.
fn copy_entry(from: &OwnedFd, name: &OsStr, target: &Path, depth: u32) -> Result<()> {
    let open = |flags: OFlags| match openat(from, name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
        Ok(file) => Ok(Some(file)),
        Err(Errno::NOENT | Errno::ACCESS | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(error),
    };
    let Ok(status) = statat(from, name, AtFlags::SYMLINK_NOFOLLOW) else {
        return Ok(());
    };
    match FileType::from_raw_mode(status.st_mode) {
        FileType::Directory if depth < DEEPEST && status.st_mode & 0o5 == 0o5 => {
            let Some(directory) = open(OFlags::RDONLY | OFlags::DIRECTORY)? else {
                return Ok(());
            };
            if !target.symlink_metadata().is_ok_and(|status| status.is_dir()) {
                remove(target);
            }
            make(target, status.st_mode & 0o7777)?;
            copy_directory(&directory, target, depth + 1)
        }
        FileType::Symlink => {
            remove(target);
            let link = readlinkat(from, name, Vec::new())?;
            Ok(symlink(OsStr::from_bytes(link.to_bytes()), target)?)
        }
        FileType::RegularFile => match open(OFlags::RDONLY | OFlags::NONBLOCK)? {
            Some(file) => copy_file(File::from(file), target),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The open file is looked at: another one may have the name by now.
fn copy_file(from: File, target: &Path) -> Result<()> {
    let status = from.metadata()?;
    if status.is_file() && status.mode() & 0o4 != 0 && status.len() <= LARGEST {
        remove(target);
        io::copy(&mut from.take(LARGEST), &mut File::create(target)?)?;
        fs::set_permissions(target, fs::Permissions::from_mode(status.mode() & 0o7777))?;
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn family(lower: &Path) -> Family {
        Family {
            lower: vec![lower.to_owned()],
            ..Family::default()
        }
    }

    #[test]
    fn what_everybody_may_read_is_copied() {
        let (root, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (etc, copied) = (root.path().join("etc"), target.path());
        fs::create_dir_all(etc.join("deep/er")).unwrap();
        fs::write(etc.join("deep/er/file"), "text").unwrap();
        fs::write(etc.join("secret"), "").unwrap();
        fs::set_permissions(etc.join("secret"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(etc.join("large"), vec![0; LARGEST as usize + 1]).unwrap();
        symlink("/nowhere", etc.join("link")).unwrap();
        copy(&family(root.path()), copied).unwrap();
        assert_eq!(fs::read(copied.join("deep/er/file")).unwrap(), b"text");
        assert_eq!(fs::read_link(copied.join("link")).unwrap(), Path::new("/nowhere"));
        for missing in ["secret", "large"] {
            assert!(copied.join(missing).symlink_metadata().is_err(), "{missing}");
        }
    }

    #[test]
    fn modes_are_kept_and_what_is_closed_or_deep_is_left_out() {
        let (root, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (etc, copied) = (root.path().join("etc"), target.path());
        let mode = |path: &Path| path.symlink_metadata().unwrap().mode() & 0o7777;
        for (name, wanted) in [
            ("open", 0o755),
            ("sticky", 0o1777),
            ("closed", 0o751),
            ("hidden", 0o704),
        ] {
            fs::create_dir_all(etc.join(name)).unwrap();
            fs::set_permissions(etc.join(name), fs::Permissions::from_mode(wanted)).unwrap();
        }
        for (name, wanted) in [("text", 0o644), ("tool", 0o4755), ("secret", 0o660)] {
            fs::write(etc.join(name), "").unwrap();
            fs::set_permissions(etc.join(name), fs::Permissions::from_mode(wanted)).unwrap();
        }
        let deep = (0..DEEPEST + 2).fold(PathBuf::new(), |path, _| path.join("d"));
        fs::create_dir_all(etc.join(&deep)).unwrap();
        copy(&family(root.path()), copied).unwrap();
        for name in ["open", "sticky", "text", "tool"] {
            assert_eq!(mode(&copied.join(name)), mode(&etc.join(name)), "{name}");
        }
        for name in ["closed", "hidden", "secret"] {
            assert!(copied.join(name).symlink_metadata().is_err(), "{name}");
        }
        assert!(!copied.join(&deep).exists() && copied.join("d/d/d").exists());
    }

    /// An ancestor's links count in the ancestor.
    #[test]
    fn a_link_leads_nowhere_else() {
        let (root, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("file"), "").unwrap();
        symlink(outside.path(), root.path().join("etc")).unwrap();
        copy(&family(root.path()), target.path()).unwrap();
        assert!(!target.path().join("file").exists());
        // One that stays inside is as good as a directory.
        fs::remove_file(root.path().join("etc")).unwrap();
        fs::create_dir(root.path().join("config")).unwrap();
        fs::write(root.path().join("config/file"), "").unwrap();
        symlink("/config", root.path().join("etc")).unwrap();
        copy(&family(root.path()), target.path()).unwrap();
        assert!(target.path().join("file").exists());
    }

    #[test]
    fn a_copy_that_fails_is_told() {
        let (root, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/file"), "").unwrap();
        let told = format!(
            "{:#}",
            copy(&family(root.path()), &target.path().join("missing")).unwrap_err()
        );
        assert!(told.contains("missing/file"), "{told}");
    }
}
