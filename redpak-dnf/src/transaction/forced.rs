//! The record of what was installed although an ancestor has it (`--forcenode`): coherency checks warn of these and refuse
//! others.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use redpak::node::files;
use redpak_host::dir::Dir;
use redpak_host::read;
use redpak_host::write::{self, Existing};

/// Longest record that is read.
const LIMIT: usize = 1 << 20;

/// Adds the names that come in and that an ancestor has. Written before the transaction: a name too many is harmless.
pub fn record<'n>(node: &Path, names: impl Iterator<Item = &'n OsStr>) -> Result<()> {
    let names: BTreeSet<Vec<u8>> = names.map(|name| name.as_bytes().to_vec()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let dir = Dir::open(node)?;
    let file = Path::new(files::FORCED);
    let before = read::beneath(&dir, file, LIMIT)?.unwrap_or_default();
    let all: BTreeSet<Vec<u8>> = lines(&before).map(<[u8]>::to_vec).chain(names).collect();
    let text: Vec<u8> = all.iter().flat_map(|name| [name.as_slice(), b"\n"].concat()).collect();
    write::within(&dir, file, &text, 0o644, Existing::Replace).context("cannot record what was forced")
}

/// The names in the record of a node; none when it cannot be read.
pub fn names(node: &Path) -> BTreeSet<OsString> {
    let record = Dir::open(node).and_then(|dir| read::beneath(&dir, Path::new(files::FORCED), LIMIT));
    let record = record.ok().flatten().unwrap_or_default();
    lines(&record).map(|name| OsStr::from_bytes(name).to_owned()).collect()
}

fn lines(record: &[u8]) -> impl Iterator<Item = &[u8]> {
    record.split(|byte| *byte == b'\n').filter(|name| !name.is_empty())
}
