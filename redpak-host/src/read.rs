//! Whole small files: regular ones only, never longer than a limit, so that neither a FIFO nor `/dev/zero` can stop us.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags};

use crate::dir::{Dir, PathError};

/// Longest configuration or status file that is read, the YAML reader's own limit.
pub const MAX_CONFIG: usize = redpak::yaml::MAX_SIZE;

/// How such a file is opened: opening a FIFO without a writer would wait for one.
pub const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// Reads a file below a directory, `None` when it is missing.
///
/// # Errors
/// When it is no regular file, too long, or cannot be read.
pub fn beneath(dir: &Dir, relative: &Path, limit: usize) -> Result<Option<Vec<u8>>, PathError> {
    match dir.open_file(relative, FLAGS, Mode::empty())? {
        None => Ok(None),
        Some(file) => content(file, &dir.join(relative), limit).map(Some),
    }
}

/// Reads a file that the user named.
///
/// # Errors
/// As [`beneath`]; when it is missing too.
pub fn file(path: &Path, limit: usize) -> Result<Vec<u8>, PathError> {
    let fd = rustix::fs::open(path, FLAGS | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| PathError::new("read", path, error))?;
    content(File::from(fd), path, limit)
}

/// Reads an opened file. `path` is what errors name.
///
/// # Errors
/// As [`beneath`].
pub fn content(file: File, path: &Path, limit: usize) -> Result<Vec<u8>, PathError> {
    let fail = |error: io::Error| PathError::new("read", PathBuf::from(path), error);
    let status = rustix::fs::fstat(&file).map_err(|error| fail(error.into()))?;
    regular(FileType::from_raw_mode(status.st_mode)).map_err(fail)?;
    let size = usize::try_from(status.st_size).unwrap_or(usize::MAX);
    // The file may grow while it is read: one byte more than allowed is enough to know.
    let mut bytes = Vec::with_capacity(size.min(limit).saturating_add(1));
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() > limit {
        return Err(fail(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is longer than the limit of {limit} bytes"),
        )));
    }
    Ok(bytes)
}

fn regular(kind: FileType) -> io::Result<()> {
    let found = match kind {
        FileType::RegularFile => return Ok(()),
        FileType::Directory => "a directory",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        _ => "a device",
    };
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("it is {found}, a regular file is needed"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chain;

    fn text(result: Result<Option<Vec<u8>>, PathError>) -> String {
        chain(&result.expect_err("it was read"))
    }

    #[test]
    fn fifos_devices_directories_and_long_files_are_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = Dir::open(temporary.path()).unwrap();
        let at = |name| temporary.path().join(name);
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), FileType::Fifo, mode, 0).unwrap();
        std::fs::create_dir(at("dir")).unwrap();
        std::fs::write(at("long"), [0; 11]).unwrap();
        for (name, reason) in [
            ("fifo", "it is a FIFO"),
            ("dir", "it is a directory"),
            ("long", "longer than the limit of 10 bytes"),
        ] {
            let told = text(beneath(&dir, Path::new(name), 10));
            assert!(told.contains(reason) && told.contains(name), "{told}");
        }
        assert!(chain(&file(Path::new("/dev/zero"), 10).unwrap_err()).contains("a device"),);
    }

    #[test]
    fn a_missing_file_is_none_and_a_short_one_is_whole() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = Dir::open(temporary.path()).unwrap();
        std::fs::write(temporary.path().join("x"), b"1234567890").unwrap();
        assert_eq!(
            beneath(&dir, Path::new("x"), 10).unwrap().as_deref(),
            Some(b"1234567890".as_slice())
        );
        assert!(beneath(&dir, Path::new("y"), 10).unwrap().is_none());
    }

    #[test]
    fn symlinks_may_not_leave_a_node_but_may_point_within() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name| temporary.path().join(name);
        std::fs::create_dir(at("node")).unwrap();
        std::fs::write(at("secret"), b"s").unwrap();
        std::fs::write(at("node/own"), b"o").unwrap();
        std::os::unix::fs::symlink("../secret", at("node/out")).unwrap();
        std::os::unix::fs::symlink(at("secret"), at("node/absolute")).unwrap();
        std::os::unix::fs::symlink("own", at("node/in")).unwrap();
        let dir = Dir::open(&at("node")).unwrap();
        for name in ["out", "absolute"] {
            let told = text(beneath(&dir, Path::new(name), 10));
            assert!(told.contains("leads out of"), "{told}");
        }
        assert_eq!(
            beneath(&dir, Path::new("in"), 10).unwrap().as_deref(),
            Some(b"o".as_slice())
        );
    }
}
