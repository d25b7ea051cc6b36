//! Configuration files after a power cut. They are not judged by their content otherwise, since users change them.
//!
//! The journal says what rpm does with each of them. Where the header of a package is on the disk and what was done with its
//! files is not, rpm would take what is there for the user's: so this is done here, before a package is installed again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, FileTimes};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use librpm::PackageFile;
use redpak::display;
use redpak::package::{self, DigestAlgorithm};
use redpak::transaction::recovery::{Config, Inbound, PlannedFile};
use redpak_host::dir::Dir;
use redpak_host::write::{self, Existing};
use redpak_packages::coherency::file_digest;
use rustix::fs::{Mode, OFlags};

/// A configuration file that is not as rpm leaves it.
#[derive(Debug, PartialEq, Eq)]
struct Wrong<'p> {
    /// The package's name of it.
    path: &'p Path,
    /// Where the package's file belongs.
    place: PathBuf,
    /// What is at the place is the file from before; it belongs there.
    save: Option<PathBuf>,
    mtime: u32,
    mode: u32,
}

/// Puts the configuration files of a package in order. `described` is the package as it is registered or, where `is_registered`
/// is false, as its file describes it. Says what it does.
pub fn restore<'e>(
    root: &Path,
    package: &Inbound,
    (described, is_registered): (&package::Package, bool),
    file: &dyn Fn() -> Option<PackageFile<'e>>,
) -> Result<()> {
    let node = Dir::open_root(root)?;
    let wrong = find(root, &node, package, (described, is_registered));
    if wrong.is_empty() {
        return Ok(());
    }
    let wanted: BTreeSet<PathBuf> = wrong.iter().map(|wrong| wrong.path.to_owned()).collect();
    let contents = match file() {
        Some(file) => file.contents(&wanted)?,
        None => BTreeMap::new(),
    };
    for wrong in wrong {
        let shown = display::path(&node.join(relative(&wrong.place))).to_string();
        let Some(content) = contents.get(wrong.path) else {
            eprintln!(
                "{shown} is not whole, and the file of {} is gone; reinstall it",
                display::text(&package.nevra)
            );
            continue;
        };
        put(&node, &wrong, content).with_context(|| format!("cannot restore {shown}"))?;
        eprintln!(
            "{shown} was not whole; it is as {} brings it.",
            display::text(&package.nevra)
        );
    }
    Ok(())
}

fn find<'p>(
    root: &Path,
    node: &Dir,
    package: &'p Inbound,
    (described, is_registered): (&package::Package, bool),
) -> Vec<Wrong<'p>> {
    let configs = package
        .files
        .iter()
        .filter_map(|planned| Some((planned, planned.config.as_ref()?)));
    configs
        .filter_map(|(planned, config)| {
            let file = described.files.iter().find(|file| file.path == planned.path)?;
            wrong(root, node, (planned, config), (file, is_registered))
        })
        .collect()
}

fn wrong<'p>(
    root: &Path,
    node: &Dir,
    (planned, config): (&'p PlannedFile, &Config),
    (file, is_registered): (&package::File, bool),
) -> Option<Wrong<'p>> {
    let place = config.fate.new_place(&planned.path)?;
    let found = node.status(relative(&place));
    if found.as_ref().is_some_and(|found| found.is_directory)
        || file_digest(root, &place, file.digest_algorithm) == file.digest
    {
        return None;
    }
    // rpm gives a file its time before its name: one that a user has written since has another time.
    let is_torn = found
        .as_ref()
        .is_some_and(|found| found.mtime == i64::from(planned.mtime));
    // What has no digest is no file: a link that was made in its place.
    let is_from_before = config.before.is_some() && file_digest(root, &place, DigestAlgorithm::Sha256) == config.before;
    let is_beside = place != planned.path;
    let is_missing = found.is_none() && is_beside;
    let is_wrong = match is_registered {
        // Unless rpm got there, what is there is the file from before.
        false => is_torn && !is_from_before,
        true => is_torn || is_from_before || is_missing,
    };
    let save = config.fate.saved(&planned.path).filter(|_| is_from_before);
    is_wrong.then(|| Wrong {
        path: &planned.path,
        place,
        save,
        mtime: planned.mtime,
        mode: file.mode & 0o7777,
    })
}

/// The file is replaced whole: on a full disk what was there stays, with the time that it is recognised by.
fn put(node: &Dir, wrong: &Wrong<'_>, content: &[u8]) -> Result<()> {
    if let Some(save) = &wrong.save {
        node.rename(relative(&wrong.place), relative(save))?;
    }
    create(node, wrong, content)
}

/// The new file has the owner of the one that it takes the place of, or lies beside.
fn create(node: &Dir, wrong: &Wrong<'_>, content: &[u8]) -> Result<()> {
    let beside = wrong.save.as_deref().unwrap_or(wrong.path);
    let owner = node.open_file(relative(beside), OFlags::PATH | OFlags::NOFOLLOW, Mode::empty())?;
    let owner = owner.map(|beside| beside.metadata()).transpose()?;
    write::within(node, relative(&wrong.place), content, 0o600, Existing::Replace)?;
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = node.open_file(relative(&wrong.place), flags, Mode::empty())?;
    let file = file.context("it is gone")?;
    if let Some(owner) = owner {
        use std::os::unix::fs::MetadataExt as _;
        // Who may not give files away owns all of them.
        let _ = std::os::unix::fs::fchown(&file, Some(owner.uid()), Some(owner.gid()));
    }
    file.set_permissions(std::fs::Permissions::from_mode(wrong.mode))?;
    set_time(&file, wrong.mtime)?;
    Ok(file.sync_all()?)
}

fn set_time(file: &File, seconds: u32) -> std::io::Result<()> {
    let time = UNIX_EPOCH + Duration::from_secs(u64::from(seconds));
    file.set_times(FileTimes::new().set_modified(time))
}

/// A packaged path, which is absolute, from the node's directory.
fn relative(path: &Path) -> &Path {
    path.strip_prefix("/").unwrap_or(path)
}
