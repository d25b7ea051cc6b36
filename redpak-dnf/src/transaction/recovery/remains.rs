//! Removes what a package that was not finished left in the node.
//!
//! The journal says where, and a node's owner can write anything into it: nothing is reached but by walking from the
//! node's directory, as in a root of its own, so that neither `..` nor a symbolic link leads out.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::Result;
use redpak::package::{DigestAlgorithm, Package};
use redpak_host::dir::{Dir, Status};

use redpak::transaction::recovery::{Config, Inbound, PlannedFile};
use redpak_packages::coherency::file_digest;
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;

/// rpm unpacks to `NAME;01234567` first, and gives files their names last. An interrupted repair leaves configuration files under
/// names of its own beside them.
pub fn remove_temporary_files(node: &Dir, inbound: &[Inbound]) {
    let mut directories: HashMap<&Path, HashSet<&[u8]>> = HashMap::new();
    for file in inbound.iter().flat_map(|package| &package.files) {
        if let (Some(parent), Some(name)) = (file.path.parent(), file.path.file_name()) {
            directories.entry(parent).or_default().insert(name.as_bytes());
        }
    }
    for (directory, planned) in directories {
        for name in node.names(relative(directory)) {
            let path = relative(directory).join(&name);
            let is_rpms = original(&name).is_some_and(|original| planned.contains(original));
            if is_rpms || (is_ours(&name) && !is_being_written(node, &path)) {
                node.remove_file(&path);
            }
        }
    }
}

/// Where this program and rpm's scriptlets write files under temporary names.
const SWEPT: [&str; 10] = [
    "",
    "etc",
    "etc/dnf",
    "etc/dnf/vars",
    "etc/yum.repos.d",
    "tmp",
    "usr/lib/sysimage/libdnf5",
    "usr/lib/sysimage/libdnf5/offline",
    "var/cache/redpak",
    "var/tmp",
];

/// Removes temporary files that a killed command left. The node must be locked, so that no scriptlet runs; queries write
/// files without that, and lock each.
pub fn sweep(node: &Path) {
    let Ok(node) = Dir::open_root(node) else { return };
    for directory in SWEPT.map(Path::new) {
        for name in node.names(directory) {
            let path = directory.join(&name);
            if (is_ours(&name) && !is_being_written(&node, &path)) || is_scriptlets(&name) {
                node.remove_file(&path);
            }
        }
    }
}

fn is_being_written(node: &Dir, path: &Path) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(Some(file)) = node.open_file(path, flags, Mode::empty()) else {
        return false;
    };
    flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)
}

/// `.redpak-0123456789abcdef.tmp`, see [`redpak_host::write`].
fn is_ours(name: &OsStr) -> bool {
    let random = name
        .as_bytes()
        .strip_prefix(b".redpak-")
        .and_then(|name| name.strip_suffix(b".tmp"));
    random.is_some_and(|random| random.len() == 16 && random.iter().all(u8::is_ascii_hexdigit))
}

/// `rpm-tmp.a1B2c3`: the text of a scriptlet that rpm was running (rpmMkTempFile).
fn is_scriptlets(name: &OsStr) -> bool {
    let random = name.as_bytes().strip_prefix(b"rpm-tmp.");
    random.is_some_and(|random| random.len() == 6 && random.iter().all(u8::is_ascii_alphanumeric))
}

/// The name that a temporary file was to get.
fn original(name: &OsStr) -> Option<&[u8]> {
    const SUFFIX: usize = 8;
    let (original, suffix) = name.as_bytes().split_at_checked(name.len().checked_sub(SUFFIX + 1)?)?;
    let (separator, digits) = suffix.split_first()?;
    (*separator == b';' && digits.iter().all(u8::is_ascii_hexdigit)).then_some(original)
}

/// Removes the files of packages that were begun and did not come, as far as no installed package owns them and they are
/// what the package would have put there; then the directories that are empty.
pub fn take_away(node: &Dir, begun: &[Inbound], own: &[Package]) {
    let files = begun.iter().flat_map(|package| &package.files);
    for (file, found) in unowned(node, files, own) {
        let path = relative(&file.path);
        if found.is_directory {
            node.remove_directory(path);
        } else if is_planned(file, &found) {
            node.remove_file(path);
        }
    }
}

/// Removes the files of packages that went, in the same way. Configuration that the user had changed is saved under the name that
/// rpm gives it.
pub fn remove<'f>(node: &Dir, files: impl Iterator<Item = &'f PlannedFile>, own: &[Package]) -> Result<()> {
    for (file, found) in unowned(node, files, own) {
        let path = relative(&file.path);
        match &file.config {
            _ if found.is_directory => node.remove_directory(path),
            Some(config) if is_from_before(node, file, config) => match config.fate.saved(&file.path) {
                Some(saved) => node.rename(path, relative(&saved))?,
                None => node.remove_file(path),
            },
            None if is_planned(file, &found) => node.remove_file(path),
            _ => {}
        }
    }
    Ok(())
}

fn is_from_before(node: &Dir, file: &PlannedFile, config: &Config) -> bool {
    config.before.is_some() && file_digest(node.path(), &file.path, DigestAlgorithm::Sha256) == config.before
}

/// What is there and no installed package owns, by whatever path: a directory of one version may be a link in the next, which
/// leads to another package's files. What lies deeper comes first.
fn unowned<'f>(
    node: &Dir,
    files: impl Iterator<Item = &'f PlannedFile>,
    own: &[Package],
) -> Vec<(&'f PlannedFile, Status)> {
    let mut owned: HashMap<&OsStr, Vec<&Path>> = HashMap::new();
    for file in own.iter().flat_map(|package| &package.files) {
        owned.entry(name(&file.path)).or_default().push(&file.path);
    }
    let is_owned = |file: &PlannedFile, found: &Status| {
        let namesakes = owned.get(name(&file.path)).into_iter().flatten();
        let is_it = |path: &&Path| {
            **path == *file.path
                || node
                    .status(relative(path))
                    .is_some_and(|other| other.identity == found.identity)
        };
        namesakes.copied().any(|path| is_it(&path))
    };
    let there = files.filter_map(|file| Some((file, node.status(relative(&file.path))?)));
    let mut unowned: Vec<_> = there.filter(|(file, found)| !is_owned(file, found)).collect();
    unowned.sort_by(|one, other| other.0.path.cmp(&one.0.path));
    unowned
}

fn name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}

/// Another's file of the same name was there before: it stays. rpm gives a file its time before its name, and a power cut may
/// take its content.
fn is_planned(file: &PlannedFile, found: &Status) -> bool {
    found.size <= file.size && found.mtime == i64::from(file.mtime)
}

/// A packaged path, which is absolute, from the node's directory.
fn relative(path: &Path) -> &Path {
    path.strip_prefix("/").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const MTIME: u32 = 1_700_000_000;

    fn inbound(files: &[(&str, u64)]) -> Inbound {
        let file = |(path, size): &(&str, u64)| PlannedFile {
            config: None,
            path: PathBuf::from(path),
            size: *size,
            mtime: MTIME,
        };
        Inbound {
            nevra: "a-1-1.noarch".into(),
            digest: None,
            path: "/x".into(),
            source: String::new(),
            scriptlets: Vec::new(),
            files: files.iter().map(file).collect(),
        }
    }

    fn write(path: &Path, content: &str, packaged: bool) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        if packaged {
            let time = UNIX_EPOCH + Duration::from_secs(u64::from(MTIME));
            fs::File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
    }

    #[test]
    fn only_rpms_temporary_names_of_planned_files_are_removed() {
        let node = tempfile::tempdir().unwrap();
        let cases = [
            ("a;65ab01cd", false),
            ("a;65ab01c", true),
            ("a", true),
            ("a;65ab01cx", true),
            ("other;65ab01cd", true),
        ];
        for (name, _) in cases {
            write(&node.path().join("usr/share").join(name), "x", false);
        }
        remove_temporary_files(
            &Dir::open_root(node.path()).unwrap(),
            &[inbound(&[("/usr/share/a", 1)])],
        );
        for (name, stays) in cases {
            assert_eq!(node.path().join("usr/share").join(name).exists(), stays, "{name}");
        }
    }

    #[test]
    fn what_was_there_before_stays() {
        let node = tempfile::tempdir().unwrap();
        let at = |path: &str| node.path().join(path);
        write(&at("etc/packaged"), "new", true);
        write(&at("etc/mine"), "old", false);
        write(&at("opt/a/packaged"), "new", true);
        let package = inbound(&[
            ("/etc/packaged", 3),
            ("/etc/mine", 3),
            ("/etc", 0),
            ("/opt/a", 0),
            ("/opt/a/packaged", 3),
        ]);
        take_away(&Dir::open_root(node.path()).unwrap(), &[package], &[]);
        assert!(!at("etc/packaged").exists() && !at("opt/a").exists());
        assert!(at("etc/mine").exists());
    }

    #[test]
    fn a_forged_journal_reaches_nothing_outside() {
        let place = tempfile::tempdir().unwrap();
        let at = |path: &str| place.path().join(path);
        fs::create_dir_all(at("node")).unwrap();
        for victim in ["host/one", "host/two", "host/two;65ab01cd"] {
            write(&at(victim), "new", true);
        }
        symlink(at("host"), at("node/absolute")).unwrap();
        symlink("../host", at("node/relative")).unwrap();
        let package = inbound(&[
            ("/../host/one", 3),
            ("/../host/two", 3),
            ("/relative/one", 3),
            ("/relative/two", 3),
            ("/absolute/one", 3),
            ("/absolute/two", 3),
        ]);
        let node = Dir::open_root(&at("node")).unwrap();
        remove_temporary_files(&node, std::slice::from_ref(&package));
        take_away(&node, &[package], &[]);
        for victim in ["host/one", "host/two", "host/two;65ab01cd"] {
            assert!(at(victim).exists(), "{victim}");
        }
    }
}
