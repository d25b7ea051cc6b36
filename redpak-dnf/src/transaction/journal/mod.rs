//! Record of a transaction under way, kept in the node while its files change.
//!
//! It is on the disk before the first file changes, and removed when all that changed is on the disk too
//! ([`redpak::transaction::recovery::steps`]). So a node with a journal was interrupted, by whatever: SIGKILL, a power cut, a
//! full disk. A repair goes on with the journal that it finds: its plan is what the node is to become, however often the
//! repair is cut off in its turn.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use redpak::display;
use redpak::node::files;
use redpak_host::dir::Dir;
use redpak_host::read;
use redpak_host::write::{self, Existing};
use rustix::fs::{Mode, OFlags};

use crate::confinement;

mod plan;
mod record;
mod state;

pub use plan::{Plan, VERSION};
pub use record::{Record, Step, Steps};
pub use state::{Marked, State};

/// Largest journal: about half a million files. Steps are added to it, which have few bytes.
const LIMIT: usize = 64 << 20;

/// The journal of a transaction that runs.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Writes the plan; once this returns, it survives a power cut.
    pub fn write(node: &Path, plan: &Plan) -> Result<Self> {
        let directory = Dir::open(node)?;
        let mut text = serde_json::to_vec(plan).context("cannot write the journal")?;
        text.push(b'\n');
        ensure!(
            text.len() <= LIMIT,
            "the transaction is too large to be recorded in the journal ({} bytes, {LIMIT} at most): install its packages in parts",
            text.len()
        );
        write::within(&directory, Path::new(files::JOURNAL), &text, 0o600, Existing::Replace)?;
        Self::open(node)
    }

    /// Goes on with the journal of an interrupted transaction.
    pub fn open(node: &Path) -> Result<Self> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let place = node.join(files::JOURNAL);
        let opened = Dir::open(node)?.open_file(Path::new(files::JOURNAL), flags, Mode::empty())?;
        let mut file = opened.with_context(|| format!("{} is gone", place.display()))?;
        end_last_line(&mut file).with_context(|| format!("cannot write {}", place.display()))?;
        Ok(Self { file })
    }

    /// A step begins. A journal that cannot grow (the disk is full) still has its plan.
    pub fn step(&mut self, step: &Step) {
        if let Ok(mut line) = serde_json::to_string(step) {
            line.push('\n');
            let _ = self.file.write_all(line.as_bytes());
        }
    }
}

/// The last line may be cut off; what is added is a line of its own.
fn end_last_line(file: &mut File) -> std::io::Result<()> {
    let length = file.metadata()?.len();
    let mut last = *b"\n";
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// Puts on the disk what has been written to the file system of a directory, and to those that are mounted below it.
pub fn synchronise(directory: &Path, mounts: &[PathBuf]) -> Result<()> {
    let failed = || format!("cannot write {} to the disk", display::path(directory));
    let open = File::open(directory).with_context(failed)?;
    nix::unistd::syncfs(open.as_fd()).with_context(failed)?;
    confinement::synchronise_mounts(mounts).with_context(failed)
}

/// Puts on the disk which files a directory has. A file system that has no such call has nothing to put there.
pub fn synchronise_names(directory: &Path) -> Result<()> {
    let open = File::open(directory).with_context(|| format!("cannot open {}", directory.display()))?;
    match open.sync_all() {
        Err(error) if error.kind() != ErrorKind::InvalidInput => {
            Err(error).with_context(|| format!("cannot write {} to the disk", directory.display()))
        }
        _ => Ok(()),
    }
}

/// What an interrupted transaction left, if there was one.
pub fn interrupted(node: &Path) -> Result<Option<Record>> {
    let directory = Dir::open(node)?;
    let Some(file) = directory.open_file(Path::new(files::JOURNAL), read::FLAGS, Mode::empty())? else {
        return Ok(None);
    };
    require_own(&file, &place(node))?;
    let bytes = read::content(file, &place(node), LIMIT)?;
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let plan = plan(lines.next().unwrap_or_default(), &node.join(files::JOURNAL))?;
    let mut steps = Steps::default();
    // The last line may be cut off.
    lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .for_each(|step| steps.add(step));
    Ok(Some(Record { plan, steps }))
}

/// A journal says what is installed without a question, so it has to be of the one who repairs. The opened file is asked: its name
/// may lead to another one meanwhile.
fn require_own(file: &File, place: &Path) -> Result<()> {
    let status = file
        .metadata()
        .with_context(|| format!("cannot read {}", display::path(place)))?;
    let user = rustix::process::geteuid().as_raw();
    ensure!(
        status.uid() == user,
        "{} belongs to user {}, and you are user {user}: whoever began the transaction has to repair it",
        display::path(place),
        status.uid()
    );
    Ok(())
}

fn plan(line: &[u8], place: &Path) -> Result<Plan> {
    #[derive(serde::Deserialize)]
    struct Head {
        version: u32,
    }
    let advice = || {
        format!(
            "cannot read the journal {0}, so an interrupted transaction cannot be repaired; \
             remove {0} to go on without, and look at the node with 'check' and 'verify --deep'",
            place.display()
        )
    };
    let head: Head = serde_json::from_slice(line).with_context(advice)?;
    ensure!(
        head.version == VERSION,
        "{}: another version of redwrap-dnf wrote it",
        advice()
    );
    serde_json::from_slice(line).with_context(advice)
}

/// Whether a node has a journal, readable or not.
pub fn exists(node: &Path) -> bool {
    place(node).symlink_metadata().is_ok()
}

/// Removes the journal. Its removal survives a power cut once the directory is synchronised.
pub fn remove(node: &Path) -> Result<()> {
    let path = place(node);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn place(node: &Path) -> PathBuf {
    node.join(files::JOURNAL)
}

#[cfg(test)]
mod tests;
