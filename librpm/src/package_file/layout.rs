//! The outline of a package file: lead, signature header, header, payload.
//!
//! librpm tells what is wrong with a file in sentences only. Whether it is a package at all, and whether it is cut off
//! before its payload, is found here by the sizes that its parts state.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::PackageFileProblem;
use crate::error::Error;

/// Every package begins with it.
const LEAD_MAGIC: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];
/// Size of the lead, a relic that says nothing else any more.
const LEAD_SIZE: u64 = 96;
/// Both headers begin with it.
const HEADER_MAGIC: [u8; 4] = [0x8e, 0xad, 0xe8, 0x01];
/// Magic, four reserved bytes, number of index entries, size of the data; all numbers big-endian.
const HEADER_INTRO_SIZE: u64 = 16;
/// Size of an index entry.
const INDEX_ENTRY_SIZE: u64 = 16;

/// Why the outline is not that of a package.
#[derive(Debug)]
pub(super) enum Failure {
    Io(io::Error),
    Problem(PackageFileProblem),
}

impl Failure {
    /// The error, with the file that it is about.
    pub(super) fn at(self, path: &Path) -> Error {
        match self {
            Self::Io(error) => Error::io("read", path)(error),
            Self::Problem(problem) => Error::PackageFile {
                path: path.into(),
                problem,
            },
        }
    }
}

/// Whether `file` begins as a package does, and holds its two headers completely.
pub(super) fn check(file: &File) -> Result<(), Failure> {
    let status = file.metadata().map_err(Failure::Io)?;
    let mut magic = [0; 4];
    if !status.is_file() || !read_at(file, &mut magic, 0)? || magic != LEAD_MAGIC {
        return Err(Failure::Problem(PackageFileProblem::NotAPackage));
    }
    let size = status.len();
    let signature_end = header_end(file, LEAD_SIZE, size, "signature header")?;
    header_end(file, signature_end.next_multiple_of(8), size, "header")?;
    Ok(())
}

/// Where the header that begins at `start` ends.
fn header_end(file: &File, start: u64, size: u64, part: &'static str) -> Result<u64, Failure> {
    let truncated = || Failure::Problem(PackageFileProblem::Truncated(part));
    let mut intro = [0; HEADER_INTRO_SIZE as usize];
    if !read_at(file, &mut intro, start)? {
        return Err(truncated());
    }
    if intro[..4] != HEADER_MAGIC {
        // A damaged header is librpm's to describe.
        return Ok(start);
    }
    let number = |at: usize| {
        u64::from(u32::from_be_bytes([
            intro[at],
            intro[at + 1],
            intro[at + 2],
            intro[at + 3],
        ]))
    };
    let end = start + HEADER_INTRO_SIZE + number(8) * INDEX_ENTRY_SIZE + number(12);
    if end > size { Err(truncated()) } else { Ok(end) }
}

/// Fills `buffer`; false when the file ends before.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> Result<bool, Failure> {
    match file.read_exact_at(buffer, offset) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(Failure::Io(error)),
    }
}
