//! One file of a FUSE file system: as much of the kernel's protocol as a loop device over it needs.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::sync::{Mutex, PoisonError};

/// What is behind the file.
pub(crate) trait Storage {
    /// Its length, which does not change.
    fn size(&self) -> u64;
    /// Fills `bytes` from `offset`, which is below the length.
    fn read(&mut self, offset: u64, bytes: &mut [u8]);
    /// Writes at `offset`.
    fn write(&mut self, offset: u64, bytes: &[u8]);
    /// What was written before is to last.
    fn flush(&mut self);
}

/// Bytes of data in one request at most.
const MOST: usize = 128 * 1024;
/// Bytes of `struct fuse_in_header`.
const HEADER: usize = 40;
/// Bytes of `struct fuse_read_in` and of `struct fuse_write_in`.
const ARGUMENTS: usize = 40;

// `enum fuse_opcode` of linux/fuse.h.
const FORGET: u32 = 2;
const GETATTR: u32 = 3;
const SETATTR: u32 = 4;
const OPEN: u32 = 14;
const READ: u32 = 15;
const WRITE: u32 = 16;
const RELEASE: u32 = 18;
const FSYNC: u32 = 20;
const FLUSH: u32 = 25;
const INIT: u32 = 26;
const INTERRUPT: u32 = 36;
const DESTROY: u32 = 38;
const BATCH_FORGET: u32 = 42;

/// `FUSE_ASYNC_READ`, `FUSE_BIG_WRITES` and `FUSE_MAX_PAGES`; without `FUSE_WRITEBACK_CACHE` each write comes at once.
const INIT_FLAGS: u32 = 1 | 1 << 5 | 1 << 22;

/// Answers the kernel until the file is unmounted.
pub(crate) fn answer(device: &File, storage: &Mutex<impl Storage>) {
    let mut request = vec![0; MOST + 4096];
    // ENODEV: unmounted.
    while let Ok(length) = (&mut &*device).read(&mut request) {
        let Some((header, body)) = request[..length].split_at_checked(HEADER) else {
            continue;
        };
        let (operation, unique) = (number(header, 4), long(header, 8));
        if matches!(operation, FORGET | BATCH_FORGET | INTERRUPT) {
            continue;
        }
        let mut storage = storage.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = carry_out(operation, body, &mut *storage);
        drop(storage);
        let (error, data) = answer.map_or_else(|error| (-error, Vec::new()), |data| (0, data));
        let mut reply = Vec::with_capacity(16 + data.len());
        reply.extend((16 + data.len() as u32).to_ne_bytes());
        reply.extend(error.to_ne_bytes());
        reply.extend(unique.to_ne_bytes());
        reply.extend(data);
        // ENOENT: the request was interrupted.
        let _ = (&mut &*device).write(&reply);
    }
}

/// The data of the reply, or the number of an error.
fn carry_out(operation: u32, body: &[u8], storage: &mut impl Storage) -> Result<Vec<u8>, i32> {
    match operation {
        INIT => Ok(init()),
        GETATTR | SETATTR => Ok(attributes(storage.size())),
        OPEN => Ok(vec![0; 16]),
        READ => {
            let (offset, size) = (long(body, 8), number(body, 16) as usize);
            let rest = storage.size().saturating_sub(offset);
            let mut bytes = vec![0; size.min(rest.try_into().unwrap_or(usize::MAX))];
            storage.read(offset, &mut bytes);
            Ok(bytes)
        }
        WRITE => {
            let (offset, size) = (long(body, 8), number(body, 16) as usize);
            let bytes = body.get(ARGUMENTS..ARGUMENTS + size);
            storage.write(offset, bytes.ok_or(libc_errno::EIO)?);
            Ok([(size as u32).to_ne_bytes(), [0; 4]].concat())
        }
        FSYNC => {
            storage.flush();
            Ok(Vec::new())
        }
        FLUSH | RELEASE | DESTROY => Ok(Vec::new()),
        _ => Err(libc_errno::ENOSYS),
    }
}

/// Numbers of errors in replies.
mod libc_errno {
    pub(super) const EIO: i32 = rustix::io::Errno::IO.raw_os_error();
    pub(super) const ENOSYS: i32 = rustix::io::Errno::NOSYS.raw_os_error();
}

/// `struct fuse_init_out`
fn init() -> Vec<u8> {
    let mut reply = Vec::with_capacity(64);
    for field in [7, 31, MOST as u32, INIT_FLAGS] {
        reply.extend(field.to_ne_bytes());
    }
    // max_background and congestion_threshold
    reply.extend([16_u16.to_ne_bytes(), 12_u16.to_ne_bytes()].concat());
    reply.extend((MOST as u32).to_ne_bytes());
    // time_gran
    reply.extend(1_u32.to_ne_bytes());
    // max_pages and map_alignment
    reply.extend([((MOST / 4096) as u16).to_ne_bytes(), [0; 2]].concat());
    reply.resize(64, 0);
    reply
}

/// `struct fuse_attr_out` of a regular file
fn attributes(size: u64) -> Vec<u8> {
    let mut reply = Vec::with_capacity(104);
    // Valid for an hour.
    reply.extend(3600_u64.to_ne_bytes());
    reply.extend([0; 8]);
    for field in [1, size, size / 512, 0, 0, 0] {
        reply.extend(field.to_ne_bytes());
    }
    reply.extend([0; 12]);
    // mode, nlink, uid, gid, rdev, blksize, flags
    for field in [0o100_600_u32, 1, 0, 0, 0, 4096, 0] {
        reply.extend(field.to_ne_bytes());
    }
    reply
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let field = bytes.get(at..at + 4).and_then(|field| field.try_into().ok());
    field.map_or(0, u32::from_ne_bytes)
}

fn long(bytes: &[u8], at: usize) -> u64 {
    let field = bytes.get(at..at + 8).and_then(|field| field.try_into().ok());
    field.map_or(0, u64::from_ne_bytes)
}
