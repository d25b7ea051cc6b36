//! Digests of the files' content, on all processors.

use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::Mode;
use redpak::coherency::{Found, Level, PackageFiles, is_checked, is_content_read};
use redpak::package::{DigestAlgorithm, File};
use sha2::digest::DynDigest;

use super::disk;

/// A file to read: where it is, and which entry of what was found is its.
struct Job<'f> {
    root: &'f Path,
    file: &'f File,
    package: usize,
    entry: usize,
}

/// Reads every regular file that has a digest, and notes it.
pub fn read(family: &[Level], found: &mut [PackageFiles], progress: &(dyn Fn(usize, usize) + Sync)) {
    let jobs = jobs(family, found);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(Vec::with_capacity(jobs.len()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len()) {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let digest = digest(job);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push((job.package, job.entry, digest));
                    drop(results);
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, jobs.len());
                }
            });
        }
    });
    for (package, entry, result) in results.into_inner().unwrap_or_else(PoisonError::into_inner) {
        if let Some(Found::There { digest, .. }) = found.get_mut(package).and_then(|of| of.found.get_mut(entry)) {
            *digest = Some(result);
        }
    }
}

fn jobs<'f>(family: &'f [Level], found: &[PackageFiles]) -> Vec<Job<'f>> {
    let mut jobs = Vec::new();
    for (package, of) in found.iter().enumerate() {
        let level = &family[of.level];
        let checked = level.packages[of.package].files.iter().filter(|file| is_checked(file));
        for (entry, (file, found)) in checked.zip(&of.found).enumerate() {
            if is_content_read(file) && matches!(found, Found::There { .. }) {
                jobs.push(Job {
                    root: &level.root,
                    file,
                    package,
                    entry,
                });
            }
        }
    }
    jobs
}

fn digest(job: &Job<'_>) -> Result<String, String> {
    read_digest(job.root, &job.file.path, job.file.digest_algorithm)
}

/// The digest of a file of the node in `root`, in hexadecimal; none where there is no regular file that can be read.
pub fn file_digest(root: &Path, path: &Path, algorithm: DigestAlgorithm) -> Option<String> {
    read_digest(root, path, algorithm).ok()
}

fn read_digest(root: &Path, path: &Path, algorithm: DigestAlgorithm) -> Result<String, String> {
    let mut hasher = hasher(algorithm)?;
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let open = || {
        let root = openat(AT_FDCWD, root, flags, Mode::empty())?;
        disk::open(root.as_fd(), path, OFlag::O_RDONLY | OFlag::O_NONBLOCK)
    };
    let mut file = std::fs::File::from(open().map_err(|errno| errno.desc().to_owned())?);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(redpak_host::report::os(&error)),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn hasher(algorithm: DigestAlgorithm) -> Result<Box<dyn DynDigest>, String> {
    Ok(match algorithm {
        DigestAlgorithm::Md5 => Box::new(md5::Md5::default()),
        DigestAlgorithm::Sha1 => Box::new(sha1::Sha1::default()),
        DigestAlgorithm::Sha224 => Box::new(sha2::Sha224::default()),
        DigestAlgorithm::Sha256 => Box::new(sha2::Sha256::default()),
        DigestAlgorithm::Sha384 => Box::new(sha2::Sha384::default()),
        DigestAlgorithm::Sha512 => Box::new(sha2::Sha512::default()),
        DigestAlgorithm::Sha3_256 => Box::new(sha3::Sha3_256::default()),
        DigestAlgorithm::Sha3_512 => Box::new(sha3::Sha3_512::default()),
        DigestAlgorithm::Other(number) => return Err(format!("its digest algorithm {number} is not known")),
    })
}
