//! Atomic, durable writing: after a crash at any moment a file has its old content or its new one, whole.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::dir::{Dir, PathError, split};

/// What to do with a file of that name that is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Replace it; the new one gets its owner where we may give it.
    Replace,
    /// Fail, and leave it as it is.
    Keep,
}

/// Writes a file; its directory is followed as the caller sees it.
///
/// A symlink in the place of the file is replaced, not followed. `mode` is exact, whatever the umask.
///
/// # Errors
/// When any step fails; nothing is left behind then.
pub fn file(path: &Path, bytes: &[u8], mode: u32, existing: Existing) -> Result<(), PathError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = name_of(path.file_name(), path)?;
    within(&Dir::open(parent)?, Path::new(name), bytes, mode, existing)
}

/// Writes a file below a directory, which it cannot leave.
///
/// # Errors
/// As [`file()`].
pub fn within(dir: &Dir, relative: &Path, bytes: &[u8], mode: u32, existing: Existing) -> Result<(), PathError> {
    let (parent, name) = split(relative);
    let name = name_of(name, relative)?;
    Staged::new(dir.subdirectory(parent)?, name, bytes, mode)?.commit(existing)
}

fn name_of<'path>(name: Option<&'path OsStr>, path: &Path) -> Result<&'path OsStr, PathError> {
    name.ok_or_else(|| PathError::new("write", path, Errno::ISDIR))
}

/// A file whose content is on the disk under a temporary name; dropping it removes it.
#[derive(Debug)]
pub struct Staged {
    parent: Dir,
    name: PathBuf,
    temporary: Option<PathBuf>,
    file: File,
}

impl Staged {
    /// Writes and synchronises the content beside its later place.
    ///
    /// # Errors
    /// When the disk is full or the directory not writable.
    pub fn new(parent: Dir, name: &OsStr, bytes: &[u8], mode: u32) -> Result<Self, PathError> {
        let fail = |error: std::io::Error| PathError::new("write", parent.join(name), error);
        let (temporary, file) = create(&parent).map_err(|error| fail(error.into()))?;
        let mut staged = Self {
            name: PathBuf::from(name),
            temporary: Some(temporary),
            file,
            parent,
        };
        match staged.fill(bytes, mode) {
            Ok(()) => Ok(staged),
            Err(error) => Err(PathError::new("write", staged.parent.join(name), error)),
        }
    }

    fn fill(&mut self, bytes: &[u8], mode: u32) -> std::io::Result<()> {
        self.file.write_all(bytes)?;
        rustix::fs::fchmod(&self.file, Mode::from_raw_mode(mode))?;
        self.file.sync_all()
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the name is taken and shall not be replaced, or is a directory's.
    pub fn commit(mut self, existing: Existing) -> Result<(), PathError> {
        let Some(temporary) = self.temporary.clone() else {
            return Ok(());
        };
        self.rename(&temporary, existing).map_err(|error| self.error(error))?;
        self.temporary = None;
        sync(&self.parent).map_err(|error| self.error(error))
    }

    fn error(&self, error: Errno) -> PathError {
        PathError::new("write", self.parent.join(&self.name), error)
    }

    fn rename(&self, temporary: &Path, existing: Existing) -> Result<(), Errno> {
        let parent = &self.parent;
        match existing {
            Existing::Replace => {
                self.inherit_owner();
                rustix::fs::renameat(parent, temporary, parent, &self.name)
            }
            Existing::Keep => {
                let flags = RenameFlags::NOREPLACE;
                match rustix::fs::renameat_with(parent, temporary, parent, &self.name, flags) {
                    // Not every file system knows the flag; all that can hold a node know hard links.
                    Err(Errno::INVAL | Errno::NOSYS) => self.link(temporary),
                    result => result,
                }
            }
        }
    }

    fn link(&self, temporary: &Path) -> Result<(), Errno> {
        let parent = &self.parent;
        rustix::fs::linkat(parent, temporary, parent, &self.name, AtFlags::empty())?;
        rustix::fs::unlinkat(parent, temporary, AtFlags::empty())
    }

    /// Root who updates a user's file leaves it the user's. For anyone else the call fails, and the file is theirs.
    fn inherit_owner(&self) {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        if let Ok(old) = rustix::fs::statat(&self.parent, &self.name, flags) {
            let (user, group) = (
                rustix::fs::Uid::from_raw(old.st_uid),
                rustix::fs::Gid::from_raw(old.st_gid),
            );
            let _ = rustix::fs::fchown(&self.file, Some(user), Some(group));
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = rustix::fs::unlinkat(&self.parent, temporary, AtFlags::empty());
        }
    }
}

fn create(parent: &Dir) -> Result<(PathBuf, File), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    loop {
        let name = temporary_name()?;
        match rustix::fs::openat(parent, &name, flags, Mode::from_raw_mode(0o600)) {
            Err(Errno::EXIST) => {}
            opened => {
                let file = File::from(opened?);
                // Tells those who sweep up that somebody is at work here. Where the file system has no locks, nobody can tell.
                let _ = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
                return Ok((name, file));
            }
        }
    }
}

/// Nobody can plant a file under a name that nobody can guess.
fn temporary_name() -> Result<PathBuf, Errno> {
    let mut random = [0; 8];
    rustix::rand::getrandom(random.as_mut_slice(), rustix::rand::GetRandomFlags::empty())?;
    let number = u64::from_ne_bytes(random);
    Ok(PathBuf::from(format!(".redpak-{number:016x}.tmp")))
}

/// Makes the new name durable. A file system that has no such call has nothing to make durable.
fn sync(dir: &Dir) -> Result<(), Errno> {
    match rustix::fs::fsync(dir) {
        Err(Errno::INVAL) => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;
    use crate::report::chain;

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_with_its_mode() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("x");
        file(&path, b"one", 0o600, Existing::Keep).unwrap();
        file(&path, b"two", 0o644, Existing::Replace).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o644);
        assert_eq!(names(temporary.path()), ["x"]);
    }

    #[test]
    fn an_existing_file_can_be_kept() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("x");
        std::fs::write(&path, b"old").unwrap();
        let error = file(&path, b"new", 0o600, Existing::Keep).unwrap_err();
        assert_eq!(error.source.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(temporary.path()), ["x"]);
    }

    #[test]
    fn a_planted_symlink_is_replaced_and_not_followed() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name| temporary.path().join(name);
        std::fs::write(at("victim"), b"precious").unwrap();
        symlink(at("victim"), at("x")).unwrap();
        file(&at("x"), b"new", 0o600, Existing::Replace).unwrap();
        assert_eq!(std::fs::read(at("victim")).unwrap(), b"precious");
        assert!(std::fs::symlink_metadata(at("x")).unwrap().is_file());
    }

    #[test]
    fn a_directory_that_leads_out_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name| temporary.path().join(name);
        std::fs::create_dir(at("node")).unwrap();
        std::fs::create_dir(at("host")).unwrap();
        symlink("../host", at("node/etc")).unwrap();
        let dir = Dir::open(&at("node")).unwrap();
        let result = within(&dir, Path::new("etc/x"), b"", 0o600, Existing::Replace);
        assert!(chain(&result.unwrap_err()).contains("leads out of"));
        assert!(dir.make_directories(Path::new("etc/y")).is_err());
        assert!(names(&at("host")).is_empty());
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("x");
        std::fs::create_dir(&path).unwrap();
        assert!(file(&path, b"new", 0o600, Existing::Replace).is_err());
        assert_eq!(names(temporary.path()), ["x"]);
        assert!(path.is_dir());
    }

    #[test]
    fn a_replaced_file_is_another_inode() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("x");
        file(&path, b"one", 0o600, Existing::Keep).unwrap();
        let open = File::open(&path).unwrap();
        file(&path, b"two", 0o600, Existing::Replace).unwrap();
        assert_eq!(std::io::read_to_string(&open).unwrap(), "one");
        assert_ne!(open.metadata().unwrap().ino(), std::fs::metadata(&path).unwrap().ino());
    }
}
