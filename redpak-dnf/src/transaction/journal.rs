//! Record of a transaction under way, kept in the node while its files change.
//!
//! It is written, and on the disk, before the first file changes, and removed after the last. So a node with a journal
//! was interrupted, by whatever: SIGKILL, a power cut, a full disk. Each further line names the step that begins;
//! recovery does not need them, it compares the plan with the rpmdb, but they tell a person how far it got.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use redpak::node::files;
use redpak_fs::dir::Dir;
use redpak_fs::read;
use redpak_fs::write::{self, Existing};
use serde::{Deserialize, Serialize};

/// Largest journal that is read: some ten thousand packages.
const LIMIT: usize = 64 << 20;

/// What a transaction was going to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Format of this file.
    pub version: u32,
    /// The command line.
    pub command: String,
    /// The highest header number in the leaf's rpmdb before.
    pub highest: u32,
    /// Packages that come.
    pub inbound: Vec<Inbound>,
    /// Packages that go.
    pub outbound: Vec<Outbound>,
}

/// A package that comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Its full name.
    pub nevra: String,
    /// Digest of its header.
    pub digest: Option<String>,
    /// The package file.
    pub path: PathBuf,
    /// What it puts into the node.
    pub files: Vec<PathBuf>,
}

/// A package that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// Its full name.
    pub nevra: String,
    /// The number of its header in the leaf's rpmdb.
    pub number: u32,
}

/// The version that this program writes and understands.
pub const VERSION: u32 = 1;

/// The journal of a transaction that runs.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Writes the plan; once this returns it survives a power cut.
    pub fn begin(node: &Path, plan: &Plan) -> Result<Self> {
        let path = node.join(files::JOURNAL);
        let mut text = serde_json::to_vec(plan).context("cannot write the journal")?;
        text.push(b'\n');
        write::within(
            &Dir::open(node)?,
            Path::new(files::JOURNAL),
            &text,
            0o600,
            Existing::Replace,
        )?;
        let open = File::options().append(true).open(&path);
        let file = open.with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self { path, file })
    }

    /// A step begins. A journal that cannot grow (the disk is full) still has its plan.
    pub fn step(&mut self, step: &str, nevra: &str) {
        let _ = writeln!(self.file, "{}", serde_json::json!({ "step": step, "package": nevra }));
    }

    /// The transaction came to its end, good or bad, in order.
    pub fn end(self) -> Result<()> {
        remove(&self.path)
    }
}

/// The plan of an interrupted transaction, if there was one.
pub fn interrupted(node: &Path) -> Result<Option<Plan>> {
    let Some(bytes) = read::beneath(&Dir::open(node)?, Path::new(files::JOURNAL), LIMIT)? else {
        return Ok(None);
    };
    let place = || format!("cannot read the journal {}", node.join(files::JOURNAL).display());
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let plan: Plan = serde_json::from_slice(line).with_context(place)?;
    anyhow::ensure!(plan.version == VERSION, "{}: it is of a newer redwrap-dnf", place());
    Ok(Some(plan))
}

/// Forgets an interrupted transaction.
pub fn forget(node: &Path) -> Result<()> {
    remove(&node.join(files::JOURNAL))
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            version: VERSION,
            command: "redwrap-dnf install a".into(),
            highest: 7,
            inbound: vec![Inbound {
                nevra: "a-1-1.noarch".into(),
                digest: Some("ab".into()),
                path: "/cache/a.rpm".into(),
                files: vec!["/usr/bin/a".into()],
            }],
            outbound: vec![Outbound {
                nevra: "b-1-1.noarch".into(),
                number: 3,
            }],
        }
    }

    #[test]
    fn what_is_left_is_what_was_planned() {
        let node = tempfile::tempdir().unwrap();
        assert_eq!(interrupted(node.path()).unwrap(), None);
        let mut journal = Journal::begin(node.path(), &plan()).unwrap();
        journal.step("install", "a-1-1.noarch");
        assert_eq!(interrupted(node.path()).unwrap(), Some(plan()));
        journal.end().unwrap();
        assert_eq!(interrupted(node.path()).unwrap(), None);
    }

    #[test]
    fn a_damaged_journal_is_told() {
        let node = tempfile::tempdir().unwrap();
        std::fs::write(node.path().join(files::JOURNAL), "{\"version\":1,").unwrap();
        assert!(
            interrupted(node.path())
                .unwrap_err()
                .to_string()
                .contains(files::JOURNAL)
        );
        let newer = Plan { version: 2, ..plan() };
        Journal::begin(node.path(), &newer).unwrap();
        assert!(interrupted(node.path()).unwrap_err().to_string().contains("newer"));
        forget(node.path()).unwrap();
        forget(node.path()).unwrap();
    }
}
