//! The caches of the repositories, which libsolv reads without suspicion: what was not written by this user is thrown away
//! before, and what a reader died of is thrown away after.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::unistd::Uid;

use crate::databases;
use libdnf5::{Base, CachePart, RepoQuery, RepoType};

/// The file that is there while somebody loads repositories.
const LOADING: &str = "loading";
/// libdnf5's directory of parsed metadata, in the cache of each repository.
const PARSED: &str = "solv";

/// A mark for the time of loading; whoever dies meanwhile leaves it behind.
#[derive(Debug)]
pub struct Loading {
    mark: Option<(PathBuf, File)>,
}

impl Loading {
    /// Makes the caches fit to be read, and sets the mark. Who may not write the node can do neither.
    pub fn begin(node: &Path, base: &Base<'_>) -> Result<Self> {
        let directory = databases::cache_below(node);
        let Some((path, file)) = open(&directory)? else {
            return Ok(Self { mark: None });
        };
        let caches = caches(base)?;
        match file.try_lock() {
            // Nobody holds it, and it has been used: its last holder never came to the end.
            Ok(()) if file.metadata()?.len() > 0 => forget(base, &caches)?,
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the mark of loading"),
        }
        file.lock_shared().context("cannot lock the mark of loading")?;
        file.set_len(1)
            .with_context(|| format!("cannot write {}", path.display()))?;
        for cache in &caches {
            discard_foreign(&cache.join(PARSED))?;
        }
        Ok(Self {
            mark: Some((path, file)),
        })
    }

    /// All were loaded, or not in good order: then it may be a cache that libsolv cannot read, and would not read next time.
    pub fn end(self, base: &Base<'_>, all_loaded: bool) -> Result<()> {
        let Some((path, file)) = self.mark else {
            return Ok(());
        };
        if !all_loaded {
            for cache in caches(base)?.iter().filter(|cache| cache.exists()) {
                base.repo_sack().remove_cache(cache, CachePart::SolvFiles)?;
            }
        }
        // Left behind it costs the next command a download.
        let _ = fs::remove_file(path);
        drop(file);
        Ok(())
    }
}

fn open(directory: &Path) -> Result<Option<(PathBuf, File)>> {
    let path = directory.join(LOADING);
    let made = fs::create_dir_all(directory).and_then(|()| {
        File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(&path)
    });
    match made {
        Ok(file) => Ok(Some((path, file))),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}

fn caches(base: &Base<'_>) -> Result<Vec<PathBuf>> {
    let mut repos = RepoQuery::new(base)?;
    repos.filter_enabled(true)?.filter_type(RepoType::Available)?;
    repos.list()?.iter().map(|repo| Ok(repo.cachedir()?.into())).collect()
}

/// Nobody knows which of them it was.
fn forget(base: &Base<'_>, caches: &[PathBuf]) -> Result<()> {
    for cache in caches.iter().filter(|cache| cache.exists()) {
        base.repo_sack().remove_cache(cache, CachePart::SolvFiles)?;
        base.repo_sack().remove_cache(cache, CachePart::Metadata)?;
    }
    Ok(())
}

/// Removes parsed metadata that somebody else wrote or can write.
fn discard_foreign(parsed: &Path) -> Result<()> {
    let Ok(status) = parsed.symlink_metadata() else {
        return Ok(());
    };
    let is_fine = status.is_dir() && is_own(&status) && entries(parsed)?.iter().all(|file| is_own_file(file));
    if is_fine {
        return Ok(());
    }
    let removed = if status.is_dir() {
        fs::remove_dir_all(parsed)
    } else {
        fs::remove_file(parsed)
    };
    removed.with_context(|| {
        format!(
            "cannot remove {}, which somebody else can write: it is not read",
            parsed.display()
        )
    })
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

fn is_own_file(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|status| status.is_file() && is_own(&status))
}

/// Written by this user, whom a user namespace may call root, and by nobody else.
fn is_own(status: &fs::Metadata) -> bool {
    status.uid() == Uid::effective().as_raw() && status.mode() & 0o022 == 0
}
