//! The state of a whole directory tree, to prove that nothing changed.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Everything about one path that a program could have changed; times are left out, because reading may change them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    mode: u32,
    owner: (u32, u32),
    device: u64,
    content: Vec<u8>,
    attributes: BTreeMap<OsString, Vec<u8>>,
}

/// Paths, modes, owners, contents and extended attributes of all that lies in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    root: PathBuf,
    left_out: BTreeSet<PathBuf>,
    entries: BTreeMap<PathBuf, State>,
}

impl Tree {
    /// Reads the tree below `root`, `root` included.
    ///
    /// # Panics
    /// When something in it cannot be read.
    pub fn of(root: &Path) -> Self {
        Self::except(root, &[])
    }

    /// Like [`Tree::of`] without what lies under these paths, given below `root`.
    pub fn except(root: &Path, left_out: &[&str]) -> Self {
        Self::read(root.to_owned(), left_out.iter().map(PathBuf::from).collect())
    }

    fn read(root: PathBuf, left_out: BTreeSet<PathBuf>) -> Self {
        let mut tree = Self {
            root,
            left_out,
            entries: BTreeMap::new(),
        };
        tree.add(Path::new(""));
        tree
    }

    fn add(&mut self, relative: &Path) {
        // The remembered verdict says of the tree that it was looked at, and is not part of what it says.
        if self.left_out.contains(relative) || relative.file_name().is_some_and(|name| name == ".rednode.verdict") {
            return;
        }
        let path = self.root.join(relative);
        let state = State::of(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.entries.insert(relative.to_owned(), state);
        if path.is_dir() && !path.is_symlink() {
            for entry in fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())) {
                self.add(&relative.join(entry.expect("directory entry").file_name()));
            }
        }
    }

    /// What is different in `later`, a line each; empty when nothing is.
    pub fn differences(&self, later: &Self) -> String {
        let mut text = String::new();
        let paths: BTreeSet<&PathBuf> = self.entries.keys().chain(later.entries.keys()).collect();
        for path in paths {
            let _ = match (self.entries.get(path), later.entries.get(path)) {
                (Some(_), None) => writeln!(text, "removed: {}", path.display()),
                (None, Some(_)) => writeln!(text, "added: {}", path.display()),
                (Some(before), Some(after)) if before != after => {
                    writeln!(text, "changed: {}: {}", path.display(), before.difference(after))
                }
                _ => Ok(()),
            };
        }
        text
    }

    /// Fails the test when the tree is no longer as it was.
    ///
    /// # Panics
    /// Then, with the list of differences.
    #[track_caller]
    pub fn unchanged(&self) {
        let differences = self.differences(&Self::read(self.root.clone(), self.left_out.clone()));
        assert!(
            differences.is_empty(),
            "{} changed:\n{differences}",
            self.root.display()
        );
    }

    /// Paths below the root, for messages.
    pub(crate) fn listing(root: &Path) -> String {
        let mut text = String::new();
        list(root, Path::new(""), &mut text);
        text
    }
}

impl State {
    fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        let content = match metadata.file_type() {
            kind if kind.is_symlink() => fs::read_link(path)?.into_os_string().into_vec(),
            kind if kind.is_file() => Sha256::digest(fs::read(path)?).to_vec(),
            _ => Vec::new(),
        };
        let owner = (metadata.uid(), metadata.gid());
        Ok(Self {
            mode: metadata.mode(),
            owner,
            device: metadata.rdev(),
            content,
            attributes: attributes(path)?,
        })
    }

    fn difference(&self, other: &Self) -> String {
        let Self {
            mode,
            owner,
            device,
            content,
            attributes,
        } = self;
        let mut words = Vec::new();
        if *mode != other.mode {
            words.push(format!("mode {mode:o} → {:o}", other.mode));
        }
        if *owner != other.owner {
            words.push(format!("owner {owner:?} → {:?}", other.owner));
        }
        if *device != other.device {
            words.push("device".into());
        }
        if *content != other.content {
            words.push("content".into());
        }
        if *attributes != other.attributes {
            words.push(format!(
                "attributes {:?} → {:?}",
                attributes.keys(),
                other.attributes.keys()
            ));
        }
        words.join(", ")
    }
}

fn attributes(path: &Path) -> std::io::Result<BTreeMap<OsString, Vec<u8>>> {
    let mut names = vec![0_u8; 64 * 1024];
    let length = match rustix::fs::llistxattr(path, names.as_mut_slice()) {
        Err(rustix::io::Errno::OPNOTSUPP) => 0,
        length => length?,
    };
    let names = names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names
        .map(|name| attribute(path, std::ffi::OsStr::from_bytes(name)))
        .collect()
}

fn attribute(path: &Path, name: &std::ffi::OsStr) -> std::io::Result<(OsString, Vec<u8>)> {
    let mut value = vec![0_u8; 64 * 1024];
    let length = rustix::fs::lgetxattr(path, name, value.as_mut_slice())?;
    value.truncate(length);
    Ok((name.to_owned(), value))
}

/// A tree that a test cannot read is still worth showing as far as it goes.
fn list(root: &Path, relative: &Path, text: &mut String) {
    let Ok(entries) = fs::read_dir(root.join(relative)) else {
        return;
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let below = relative.join(entry.file_name());
        let Ok(metadata) = entry.metadata() else { continue };
        let _ = writeln!(
            text,
            "{:06o} {}:{} {}",
            metadata.mode(),
            metadata.uid(),
            metadata.gid(),
            below.display()
        );
        if metadata.is_dir() {
            list(root, &below, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn each_kind_of_change_is_seen() {
        let directory = crate::directory();
        let path = |name: &str| directory.path().join(name);
        fs::create_dir(path("d")).expect("d");
        fs::write(path("d/file"), "one").expect("file");
        symlink("a", path("link")).expect("link");
        let before = Tree::of(directory.path());
        before.unchanged();
        let changes: [(&dyn Fn(), &str); 4] = [
            (
                &|| fs::write(path("d/file"), "two").expect("write"),
                "changed: d/file: content",
            ),
            (
                &|| fs::set_permissions(path("d"), fs::Permissions::from_mode(0o700)).expect("chmod"),
                "changed: d: mode",
            ),
            (&|| fs::remove_file(path("link")).expect("unlink"), "removed: link"),
            (&|| fs::write(path("new"), "").expect("new"), "added: new"),
        ];
        for (change, line) in changes {
            change();
            let differences = before.differences(&Tree::of(directory.path()));
            assert!(differences.contains(line), "{line} is not in:\n{differences}");
        }
        let without = Tree::except(directory.path(), &["d"]);
        fs::write(path("d/file"), "three").expect("write");
        without.unchanged();
    }
}
