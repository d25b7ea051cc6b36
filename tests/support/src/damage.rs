//! Breaks files the way that disks, networks and attackers do.

use std::fs::{self, OpenOptions};
use std::path::Path;

/// Cuts a file off after `length` bytes.
///
/// # Panics
/// When it cannot be written.
pub fn truncate(path: &Path, length: u64) {
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .expect("open the file to truncate");
    file.set_len(length).expect("truncate the file");
}

/// Inverts the byte at `offset`, counted from the end when it is negative; the size and the modification time stay.
///
/// # Panics
/// When the file is too short or cannot be written.
pub fn flip_byte(path: &Path, offset: i64) {
    let mut bytes = fs::read(path).expect("read the file to damage");
    let position = if offset < 0 {
        bytes.len() as i64 + offset
    } else {
        offset
    } as usize;
    bytes[position] ^= 0xff;
    let modified = fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .expect("modification time");
    fs::write(path, bytes).expect("write the damaged file");
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .expect("open the damaged file");
    file.set_modified(modified).expect("restore the modification time");
}

/// Puts each of two paths in the other's place, at once.
///
/// # Panics
/// When one is missing.
pub fn exchange(one: &Path, other: &Path) {
    let (here, flags) = (rustix::fs::CWD, rustix::fs::RenameFlags::EXCHANGE);
    rustix::fs::renameat_with(here, one, here, other, flags)
        .unwrap_or_else(|error| panic!("exchange {} and {}: {error}", one.display(), other.display()));
}
