//! What was made for a node, so that it can be taken away again.

use std::path::{Path, PathBuf};

use crate::create::CreateError;
use crate::dir::{Dir, PathError};
use crate::read;
use crate::write::{self, Existing};

/// A node that was made or refreshed. Unless it is kept, dropping it restores what was there before.
#[derive(Debug)]
pub struct Creation {
    path: PathBuf,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    /// A directory that was made, absolute.
    Directory(PathBuf),
    /// A file that was made, relative to the node.
    File(PathBuf),
    /// A file of the node that was replaced, and what it held.
    Replaced(PathBuf, Vec<u8>, u32),
}

/// Mode of a node's files before the umask.
const MODE: u32 = 0o644;

impl Creation {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            steps: Vec::new(),
        }
    }

    /// Directory of the node, with symlinks resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The node stays.
    pub fn keep(mut self) -> PathBuf {
        self.steps.clear();
        std::mem::take(&mut self.path)
    }

    /// Makes a directory and those that lead to it, which may lie outside of any node.
    pub(super) fn make_directories_to(&mut self, path: &Path) -> Result<(), CreateError> {
        let missing: Vec<_> = path.ancestors().take_while(|path| !path.exists()).collect();
        for directory in missing.into_iter().rev() {
            std::fs::create_dir(directory).map_err(|error| PathError::new("make the directory", directory, error))?;
            self.steps.push(Step::Directory(directory.to_path_buf()));
        }
        Ok(())
    }

    /// Makes a directory of the node.
    pub(super) fn make_directory(&mut self, dir: &Dir, relative: &Path) -> Result<(), CreateError> {
        let made = dir.make_directories(relative)?;
        self.steps
            .extend(made.into_iter().map(|path| Step::Directory(dir.join(path))));
        Ok(())
    }

    /// Writes a file of the node.
    pub(super) fn write(
        &mut self,
        dir: &Dir,
        relative: &Path,
        bytes: &[u8],
        existing: Existing,
    ) -> Result<(), CreateError> {
        let old = match existing {
            Existing::Replace => old(dir, relative)?,
            Existing::Keep => None,
        };
        let mode = old.as_ref().map_or_else(|| MODE & !umask(), |(_, mode)| *mode);
        write::within(dir, relative, bytes, mode, existing)?;
        self.steps.push(match old {
            Some((bytes, mode)) => Step::Replaced(relative.to_path_buf(), bytes, mode),
            None => Step::File(relative.to_path_buf()),
        });
        Ok(())
    }

    fn undo(&self, step: Step) {
        let dir = || Dir::open(&self.path);
        match step {
            // What somebody else put there meanwhile keeps the directory alive.
            Step::Directory(path) => drop(std::fs::remove_dir(path)),
            Step::File(relative) => {
                if let Ok(dir) = dir() {
                    dir.remove_file(&relative);
                }
            }
            Step::Replaced(relative, bytes, mode) => {
                if let Ok(dir) = dir() {
                    drop(write::within(&dir, &relative, &bytes, mode, Existing::Replace));
                }
            }
        }
    }
}

impl Drop for Creation {
    fn drop(&mut self) {
        while let Some(step) = self.steps.pop() {
            self.undo(step);
        }
    }
}

/// Content and mode of a file that is going to be replaced. A status that cannot be read is what a refresh repairs.
fn old(dir: &Dir, relative: &Path) -> Result<Option<(Vec<u8>, u32)>, PathError> {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(bytes) = read::beneath(dir, relative, read::MAX_CONFIG)? else {
        return Ok(None);
    };
    let metadata = std::fs::symlink_metadata(dir.join(relative));
    let mode = metadata.map_or(MODE, |metadata| metadata.permissions().mode() & 0o7777);
    Ok(Some((bytes, mode)))
}

/// The file mode creation mask: umask(2) can only be read by changing it, which other threads would notice.
fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    mask.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok())
        .unwrap_or(0o022)
}
