//! The check behind `redwrap-check`: every rpmdb of a family opens, and every header passes librpm's digest check.

use librpm::Engine;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::node_database::NodeDatabase;

/// What was found out about the rpmdb of one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeReport {
    /// The node's root, as it was given; bytes that are not UTF-8 are replaced.
    pub node: String,
    /// The folder of its rpmdb.
    pub directory: Option<String>,
    /// How many headers passed, imported keys included.
    pub headers: usize,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// Why nothing could be found out, if that is so.
    pub unknown: Option<String>,
}

/// The outcome for all nodes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every rpmdb is readable, or not there yet.
    Readable,
    /// At least one is not.
    Damaged,
    /// None is damaged as far as could be told, but not all could be told.
    CouldNotTell,
}

impl Outcome {
    /// Of the worst node.
    pub fn of(reports: &[NodeReport]) -> Self {
        if reports.iter().any(|report| !report.problems.is_empty()) {
            Self::Damaged
        } else if reports.iter().any(|report| report.unknown.is_some()) {
            Self::CouldNotTell
        } else {
            Self::Readable
        }
    }

    /// The exit status of the program.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Readable => 0,
            Self::Damaged => 1,
            Self::CouldNotTell => 2,
        }
    }
}

impl NodeReport {
    /// Of a node of which nothing could be found out.
    pub fn unknown(root: &Path, reason: String) -> Self {
        Self {
            node: root.to_string_lossy().into_owned(),
            directory: None,
            headers: 0,
            problems: Vec::new(),
            unknown: Some(reason),
        }
    }
}

/// Checks the rpmdb of the node in `root`, which is in `directory` when that is given.
pub fn check_node(engine: &Engine, root: &Path, directory: Option<&Path>) -> NodeReport {
    let mut report = NodeReport {
        node: root.to_string_lossy().into_owned(),
        directory: None,
        headers: 0,
        problems: Vec::new(),
        unknown: None,
    };
    if let Err(error) = fill(engine, root, directory, &mut report) {
        let text = chain(&error);
        if is_damage(&error) {
            report.problems.push(text)
        } else {
            report.unknown = Some(text)
        }
    }
    report
}

fn fill(engine: &Engine, root: &Path, directory: Option<&Path>, report: &mut NodeReport) -> Result<(), Error> {
    let database = match directory {
        Some(directory) => NodeDatabase::locate_at(root, directory)?,
        None => NodeDatabase::locate(engine, root)?,
    };
    report.directory = database.exists().then(|| shown(database.directory().into()));
    let opened = database.open(engine)?;
    for header in opened.headers()? {
        match header.and_then(|header| header.require_digest()) {
            Ok(()) => report.headers += 1,
            Err(error) => report.problems.push(chain(&error)),
        }
    }
    Ok(())
}

/// Whether an error is about the rpmdb itself. Else something kept us from looking at it.
pub(crate) fn is_damage(error: &Error) -> bool {
    match error {
        // Without a number of the operating system it is about what kind of file it is.
        Error::Io { source, .. } | Error::Rpm(librpm::Error::Io { source, .. }) => source.raw_os_error().is_none(),
        Error::Busy { .. } | Error::Rpm(librpm::Error::Configuration { .. } | librpm::Error::EngineInUse) => false,
        _ => true,
    }
}

fn shown(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
