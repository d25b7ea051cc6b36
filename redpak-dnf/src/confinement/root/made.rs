//! The record of what a run makes in the node to mount on: its names, one a line.
//!
//! It is on the disk before the first of them is made, and ends with a line of its own, so that one that was cut off is
//! none.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use redpak::node::files;
use redpak_host::dir::Dir;
use redpak_host::read::beneath;
use redpak_host::write::{self, Existing};

/// Its name in the directory to work in.
pub const RECORD: &str = "made";

/// All directories of a node that may be covered.
pub const COVERED: [&str; 11] = [
    "usr", "opt", "etc", "var", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev",
];

/// Files beside the status that are made where there are none.
pub const PLACEHOLDERS: [&str; 3] = [files::FORCED, files::METADATA, files::VERDICT];

/// The last line.
const END: &str = ".";
/// A few names.
const LARGEST: usize = 4096;

/// Records the directories that the node does not have. Those of packages that come are theirs.
pub fn begin(node: &Path, work: &Path, coming: impl Fn(&Path) -> bool) -> Result<()> {
    let is_missing = |name: &&str| {
        let found = node.join(name).symlink_metadata();
        found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    let names = COVERED.into_iter().filter(is_missing);
    let names = names.filter(|name| !coming(&Path::new("/").join(name)));
    write(work, names.map(str::to_owned).collect())?;
    let synchronised = File::open(node).and_then(|node| node.sync_all());
    synchronised.with_context(|| format!("cannot write {} to the disk", node.display()))
}

/// Records more directories, which go when they are empty.
pub fn add(work: &Path, names: impl IntoIterator<Item = String>) -> Result<()> {
    let mut all = read(work)?.unwrap_or_default();
    all.extend(names);
    write(work, all)
}

/// The names, when the record is whole.
pub fn read(work: &Path) -> Result<Option<Vec<String>>> {
    let bytes = beneath(&Dir::open(work)?, Path::new(RECORD), LARGEST)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut names: Vec<String> = text.lines().map(str::to_owned).collect();
    let end = names.pop();
    Ok((end.as_deref() == Some(END) && text.ends_with('\n')).then_some(names))
}

fn write(work: &Path, names: Vec<String>) -> Result<()> {
    let lines = names.iter().map(String::as_str).chain([END]);
    let text: String = lines.map(|name| format!("{name}\n")).collect();
    let place = PathBuf::from(RECORD);
    write::within(&Dir::open(work)?, &place, text.as_bytes(), 0o600, Existing::Replace)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_read() {
        let work = tempfile::tempdir().unwrap();
        assert_eq!(read(work.path()).unwrap(), None);
        add(work.path(), ["etc".to_owned()]).unwrap();
        add(work.path(), ["opt/vendor".to_owned(), "srv".to_owned()]).unwrap();
        let wanted = ["etc", "opt/vendor", "srv"].map(str::to_owned).to_vec();
        assert_eq!(read(work.path()).unwrap(), Some(wanted));
        // A record that is cut off says nothing.
        let text = std::fs::read(work.path().join(RECORD)).unwrap();
        std::fs::write(work.path().join(RECORD), &text[..text.len() - 1]).unwrap();
        assert_eq!(read(work.path()).unwrap(), None);
    }
}
