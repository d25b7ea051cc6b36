//! What the node remembers of its repositories' metadata: older ones than it has seen are refused, and of those that stay the same for
//! too long it warns.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use redpak::metadata::{AgeLimit, Known, Stamp};
use redpak::node::files;
use redpak::time::date_time;
use redpak_host::dir::{Dir, PathError};
use redpak_host::read;
use redpak_host::write::{self, Existing};
use serde::{Deserialize, Serialize};

use crate::node::Node;
use crate::options::Global;
use crate::terminal::Messages;
use libdnf5::{Base, CachePart, Repo, RepoQuery, RepoType};

/// Longest record that is read: some ten thousand repositories.
const LIMIT: usize = 4 << 20;
/// The variable that says from how many days on metadata are old. Variables are a node's, or those of its ancestors.
const MAX_AGE: &str = "metadata_max_age";
/// The version that this program writes and understands.
const VERSION: u32 = 1;

/// The record, one entry for each repository and place that it comes from, under libdnf5's name for its cache.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    version: u32,
    repositories: BTreeMap<String, Known>,
}

/// Whose record it is, and whether it binds.
#[derive(Debug)]
pub struct Seen {
    node: PathBuf,
    older_allowed: bool,
}

impl Seen {
    pub fn new(node: &Node, global: &Global) -> Self {
        Self {
            node: node.path().to_owned(),
            older_allowed: global.allow_older_metadata,
        }
    }

    /// The node's directory.
    pub fn node(&self) -> &Path {
        &self.node
    }

    /// Compares the repositories that were loaded with the record, and renews it. Of what is old it warns.
    pub fn judge(&self, base: &Base<'_>, messages: Messages) -> Result<()> {
        let mut loaded = RepoQuery::new(base)?;
        loaded.filter_enabled(true)?.filter_type(RepoType::Available)?;
        let limit = age_limit(base)?;
        let mut record = self.read()?;
        let mut changed = false;
        for repo in loaded.list()? {
            if !is_watched(&repo)? {
                continue;
            }
            let (place, stamp) = (place(&repo)?, stamp(&repo)?);
            let seen = record.repositories.get(&place);
            if let Some(seen) = seen.filter(|seen| stamp.is_older_than(&seen.stamp))
                && !self.older_allowed
            {
                // The next command asks again.
                base.repo_sack().remove_cache(repo.cachedir()?, CachePart::Expire)?;
                bail!(
                    "the metadata of repository {:?} ({stamp}) are older than what this node has seen ({}); \
                     the server is behind, or somebody holds updates back; --allow-older-metadata goes on with them",
                    repo.id()?,
                    seen.stamp
                );
            }
            let known = seen.map_or_else(|| Known::new(stamp.clone()), |seen| seen.followed_by(stamp.clone()));
            warn_of_age(&repo, &known, limit, messages)?;
            if seen != Some(&known) {
                record.repositories.insert(place, known);
                changed = true;
            }
        }
        if changed { self.write(&record) } else { Ok(()) }
    }

    fn read(&self) -> Result<Record> {
        let file = Path::new(files::METADATA);
        // An empty one was made to be covered while scriptlets ran; a power cut can leave it.
        let found = read::beneath(&Dir::open(&self.node)?, file, LIMIT)?;
        let Some(bytes) = found.filter(|bytes| !bytes.is_empty()) else {
            return Ok(Record {
                version: VERSION,
                repositories: BTreeMap::new(),
            });
        };
        let shown = self.node.join(file);
        let remedy = || {
            format!(
                "cannot read {}; without the file the node takes the repositories' metadata as they come",
                shown.display()
            )
        };
        let record: Record = serde_json::from_slice(&bytes).with_context(remedy)?;
        anyhow::ensure!(record.version == VERSION, "{}: it is of another redwrap-dnf", remedy());
        Ok(record)
    }

    /// Who may not write the node just reads it.
    fn write(&self, record: &Record) -> Result<()> {
        let mut text = serde_json::to_vec_pretty(record).context("cannot write down what was seen")?;
        text.push(b'\n');
        let file = Path::new(files::METADATA);
        let written = Dir::open(&self.node).and_then(|dir| write::within(&dir, file, &text, 0o644, Existing::Replace));
        match written {
            Err(error) if !may_not_write(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn age_limit(base: &Base<'_>) -> Result<AgeLimit> {
    let Some(text) = base.vars().get(MAX_AGE)? else {
        return Ok(AgeLimit::Habit);
    };
    let limit = text.to_str().and_then(AgeLimit::parse);
    limit.with_context(|| format!("the variable {MAX_AGE} is {text:?}; it takes a number of days, or 0 for no warning"))
}

/// Signatures do not grow old: who serves the same metadata for ever holds every update back.
fn warn_of_age(repo: &Repo<'_>, known: &Known, limit: AgeLimit, messages: Messages) -> Result<()> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    if let Some(days) = known.suspicious_age(limit, now) {
        let made = date_time(known.stamp.timestamp.unsigned_abs());
        messages.say(format!(
            "Warning: the metadata of repository {:?} are {days} days old ({made}); \
             the server is behind, or somebody holds updates back.",
            repo.id()?
        ));
    }
    Ok(())
}

fn may_not_write(error: &PathError) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(error.source.kind(), PermissionDenied | ReadOnlyFilesystem)
}

/// What comes over a network, or is signed. A directory of the machine may be put back to what it was.
fn is_watched(repo: &Repo<'_>) -> Result<bool> {
    Ok(!repo.is_local()? || repo.option("repo_gpgcheck")? == "1")
}

/// The id, and a digest of the addresses: another address is another repository.
fn place(repo: &Repo<'_>) -> Result<String> {
    let cache = PathBuf::from(repo.cachedir()?);
    let name = cache.file_name().map(OsStr::to_string_lossy);
    Ok(name.context("a repository has no name")?.into_owned())
}

fn stamp(repo: &Repo<'_>) -> Result<Stamp> {
    Ok(Stamp {
        revision: repo.revision()?.to_string_lossy().into_owned(),
        timestamp: repo.max_timestamp()?,
    })
}
