//! Record of a transaction under way, kept in the node while its files change.
//!
//! It is on the disk before the first file changes, and removed when all that changed is on the disk too. So a node with
//! a journal was interrupted, by whatever: SIGKILL, a power cut, a full disk. Each further line names the step that
//! begins: what of a package that was not finished may lie about.

use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use redpak::node::files;
use redpak_fs::dir::Dir;
use redpak_fs::read;
use redpak_fs::write::{self, Existing};
use serde::{Deserialize, Serialize};

mod before;
mod plan;
mod state;

pub use before::{Before, restore as restore_before};
pub use plan::{Inbound, Outbound, Plan, Planned, VERSION, nevra};
pub use state::{Marked, State};

/// Largest journal that is read: some ten thousand packages.
const LIMIT: usize = 64 << 20;

/// The journal of a transaction that runs.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// What was planned, and what of it has begun.
    pub record: Record,
}

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The whole transaction.
    pub plan: Plan,
    /// Full names of the packages that rpm had begun to install.
    pub begun: HashSet<String>,
    /// What the rpmdb held afterwards though no package explains it.
    pub tampered: Vec<String>,
}

/// A line behind the plan.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    step: String,
    package: String,
}

/// The step that leaves files behind when it is interrupted.
pub const INSTALL: &str = "install";
/// The other one.
pub const REMOVE: &str = "remove";
/// No step of rpm's: a change of the rpmdb that was none of the transaction's.
pub const TAMPERED: &str = "tampered";

impl Journal {
    /// Writes the plan; once this returns it, and the package files that a repair needs, survive a power cut.
    pub fn begin(node: &Path, mut plan: Plan) -> Result<Self> {
        let path = node.join(files::JOURNAL);
        let directory = Dir::open(node)?;
        plan.before = before::keep(&directory);
        let mut text = serde_json::to_vec(&plan).context("cannot write the journal")?;
        text.push(b'\n');
        synchronise(node)?;
        write::within(&directory, Path::new(files::JOURNAL), &text, 0o600, Existing::Replace)?;
        let open = File::options().append(true).open(&path);
        let file = open.with_context(|| format!("cannot open {}", path.display()))?;
        let record = Record {
            plan,
            begun: HashSet::new(),
            tampered: Vec::new(),
        };
        Ok(Self { path, file, record })
    }

    /// A step begins. A journal that cannot grow (the disk is full) still has its plan.
    pub fn step(&mut self, step: &str, nevra: &str) {
        if step == INSTALL {
            self.record.begun.insert(nevra.to_owned());
        }
        let line = Step {
            step: step.into(),
            package: nevra.into(),
        };
        if let Ok(mut line) = serde_json::to_string(&line) {
            line.push('\n');
            let _ = self.file.write_all(line.as_bytes());
        }
    }

    /// All is in order, whether the transaction was good or bad.
    pub fn end(self) -> Result<()> {
        remove(&self.path)
    }
}

/// Puts on the disk what has been written to the file system of a directory.
pub fn synchronise(directory: &Path) -> Result<()> {
    let open = File::open(directory).with_context(|| format!("cannot open {}", directory.display()))?;
    nix::unistd::syncfs(open.as_fd()).with_context(|| format!("cannot write {} to the disk", directory.display()))
}

/// What an interrupted transaction left, if there was one.
pub fn interrupted(node: &Path) -> Result<Option<Record>> {
    let Some(bytes) = read::beneath(&Dir::open(node)?, Path::new(files::JOURNAL), LIMIT)? else {
        return Ok(None);
    };
    let place = node.join(files::JOURNAL);
    let advice = || {
        format!(
            "cannot read the journal {0}, so an interrupted transaction cannot be repaired; \
             remove {0} to go on without, and look at the node with 'check' and 'verify --deep'",
            place.display()
        )
    };
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let plan: Plan = serde_json::from_slice(lines.next().unwrap_or_default()).with_context(advice)?;
    anyhow::ensure!(plan.version == VERSION, "{}: it is of a newer redwrap-dnf", advice());
    // The last line may be cut off.
    let steps: Vec<Step> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let named = |name: &'static str| {
        let steps = steps.iter().filter(move |step| step.step == name);
        steps.map(|step| step.package.clone())
    };
    Ok(Some(Record {
        begun: named(INSTALL).collect(),
        tampered: named(TAMPERED).collect(),
        plan,
    }))
}

/// Whether a node has a journal, readable or not.
pub fn exists(node: &Path) -> bool {
    node.join(files::JOURNAL).symlink_metadata().is_ok()
}

/// Forgets an interrupted transaction; what was done instead survives a power cut.
pub fn forget(node: &Path) -> Result<()> {
    synchronise(node)?;
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
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn plan() -> Plan {
        let file = |path: &[u8]| Planned {
            path: OsStr::from_bytes(path).into(),
            size: 1,
            mtime: 2,
        };
        Plan {
            version: VERSION,
            command: "redwrap-dnf install a".into(),
            highest: 7,
            inbound: vec![Inbound {
                nevra: "a-1-1.noarch".into(),
                digest: Some("ab".into()),
                path: "/cache/a.rpm".into(),
                files: vec![file(b"/usr/bin/a"), file(b"/usr/bin/\xff\n")],
            }],
            outbound: vec![Outbound {
                nevra: "b-1-1.noarch".into(),
                replaced_by: None,
            }],
            state: State {
                reasons: vec![Marked {
                    nevra: "a-1-1.noarch".into(),
                    reason: "Dependency".into(),
                    group_id: None,
                }],
                ..State::default()
            },
            before: Before::new(),
        }
    }

    #[test]
    fn a_journal_of_before_there_were_reasons_is_read() {
        let node = tempfile::tempdir().unwrap();
        let old = r#"{"version":1,"command":"redwrap-dnf install a","highest":7,"inbound":[],"outbound":[]}"#;
        std::fs::write(node.path().join(files::JOURNAL), old).unwrap();
        let found = interrupted(node.path()).unwrap().unwrap();
        assert_eq!((found.plan.highest, found.plan.state), (7, State::default()));
    }

    #[test]
    fn what_is_left_is_what_was_planned_and_begun() {
        let node = tempfile::tempdir().unwrap();
        assert_eq!(interrupted(node.path()).unwrap(), None);
        let mut journal = Journal::begin(node.path(), plan()).unwrap();
        journal.step(REMOVE, "b-1-1.noarch");
        journal.step(INSTALL, "a-1-1.noarch");
        let found = interrupted(node.path()).unwrap().unwrap();
        assert_eq!(found, journal.record);
        assert_eq!(found.plan, plan());
        assert_eq!(found.begun, HashSet::from(["a-1-1.noarch".to_owned()]));
        journal.step(TAMPERED, "b-1-1.noarch vanished");
        let found = interrupted(node.path()).unwrap().unwrap();
        assert_eq!(found.tampered, ["b-1-1.noarch vanished"]);
        journal.end().unwrap();
        assert_eq!(interrupted(node.path()).unwrap(), None);
    }

    #[test]
    fn a_line_that_was_cut_off_is_no_step() {
        let node = tempfile::tempdir().unwrap();
        let mut journal = Journal::begin(node.path(), plan()).unwrap();
        journal.step(INSTALL, "a-1-1.noarch");
        let place = node.path().join(files::JOURNAL);
        let length = place.metadata().unwrap().len();
        File::options()
            .write(true)
            .open(&place)
            .unwrap()
            .set_len(length - 3)
            .unwrap();
        assert!(interrupted(node.path()).unwrap().unwrap().begun.is_empty());
    }

    #[test]
    fn a_damaged_journal_is_told() {
        let node = tempfile::tempdir().unwrap();
        std::fs::write(node.path().join(files::JOURNAL), "{\"version\":1,").unwrap();
        let told = interrupted(node.path()).unwrap_err().to_string();
        assert!(told.contains(files::JOURNAL) && told.contains("remove"), "{told}");
        assert!(exists(node.path()));
        let newer = Plan { version: 2, ..plan() };
        Journal::begin(node.path(), newer).unwrap();
        assert!(interrupted(node.path()).unwrap_err().to_string().contains("newer"));
        forget(node.path()).unwrap();
        forget(node.path()).unwrap();
        assert!(!exists(node.path()));
    }
}
