//! `verify`: proves a family, or every family below a pool, without starting anything in it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use librpm::Engine;
use redpak::coherency::{Id, NodeFacts, Outcome as Answer, Violation, config_merge, exports, node_state};
use redpak::display;
use redpak_host::facts;
use redpak_host::family::descendants;
use redpak_host::steady::{self, Changing, Steady, Watched};
use redpak_host::unfinished;
use redpak_packages::coherency::{CheckReport, Demands, Examination, Place, examine};
use redpak_packages::confinement;

use super::Outcome;
use crate::node::{self, Node};
use crate::options::Global;

mod report;

use self::report::{FamilyReport, Report};

/// Proves that a family is coherent.
#[derive(Debug, Args)]
pub struct Verify {
    /// Read the content of every file of the nodes too, and compare its digest
    #[arg(long)]
    deep: bool,
    /// Write the report as JSON; the same inputs give the same bytes
    #[arg(long)]
    json: bool,
    /// Prove the family of every node below the redpath, which may be a pool without being a node
    #[arg(long)]
    all_below: bool,
}

impl Verify {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let redpath = node::redpath(global)?;
        let root = node::root(global);
        let redpaths = if self.all_below {
            let found = descendants(redpath)
                .with_context(|| format!("cannot look for nodes below {}", display::path(redpath)))?;
            if let Some(error) = found.unreadable.into_iter().next() {
                return Err(error.into());
            }
            let own = redpak_host::family::is_node(redpath)?.then(|| redpath.to_path_buf());
            own.into_iter().chain(found.nodes).collect()
        } else {
            vec![redpath.to_path_buf()]
        };
        anyhow::ensure!(
            !redpaths.is_empty(),
            "there is no node below {}",
            display::path(redpath)
        );
        let engine = Engine::start()?;
        // What follows reads data that a node's owner, or whoever broke in there, has made; and it changes nothing.
        confinement::read_only()?;
        let families = redpaths.iter().map(|redpath| self.family(&engine, redpath, &root));
        let report = Report::new(families.collect::<Result<_>>()?);
        let mut out = std::io::stdout().lock();
        out.write_all(&if self.json { report.to_json()? } else { report.to_text() })?;
        out.flush()?;
        Ok(match report.outcome {
            report::Verdict::Coherent => Outcome::Done,
            report::Verdict::Incoherent => Outcome::Failed,
            report::Verdict::CouldNotTell => Outcome::CouldNotTell,
        })
    }

    fn family(&self, engine: &Engine, redpath: &Path, root: &Path) -> Result<FamilyReport> {
        let node = match Node::at(redpath, root) {
            Ok(node) => node,
            Err(error) => return Ok(unreadable(redpath, &error)),
        };
        let watched = Watched::family(&node.family, &node.rpmdirs()?);
        match steady::look(&watched, || self.look(engine, &node)) {
            Steady::Found(report) => report,
            Steady::Changing(changing) => Ok(being_changed(redpath, &changing)),
        }
    }

    fn look(&self, engine: &Engine, node: &Node) -> Result<FamilyReport> {
        let root = &node.root;
        let mut checks = vec![check(Id::NodeState, &states(node))];
        let merged = facts::merge_unrun(&node.family, false, root);
        checks.push(check(Id::ConfigMerge, &config_merge(&node.family, &merged)));
        let progress = Progress::new(self.deep);
        let demands = Demands {
            signatures: node.demands_signatures(),
            digests: self.deep,
            leaves_core_os_digests: false,
        };
        let found = examine(engine, &places(node)?, demands, &|done, all| progress.tell(done, all))?;
        progress.end();
        checks.extend(found.outcomes.iter().map(|(id, outcome)| check(*id, outcome)));
        checks.push(check(
            Id::Exports,
            &match &merged {
                Ok(merged) => exports(merged, facts::reached(merged, root)),
                Err(_) => Answer::CouldNotTell {
                    reason: "the configs do not merge".into(),
                },
            },
        ));
        FamilyReport::new(node, &found, checks)
    }
}

fn check(id: Id, outcome: &Answer) -> CheckReport {
    CheckReport::new(id, outcome)
}

/// A family whose nodes or configs do not even read.
fn unreadable(redpath: &Path, error: &anyhow::Error) -> FamilyReport {
    let reasons = format!("{error:#}");
    let violations = reasons
        .lines()
        .map(|line| Violation::error(Id::NodeState, redpath, line));
    FamilyReport::of_checks(redpath, vec![check(Id::NodeState, &Answer::of(violations.collect()))])
}

/// A family of which nothing can be told.
fn being_changed(redpath: &Path, changing: &Changing) -> FamilyReport {
    let reason = format!("{}: {}", display::path(&changing.node), changing.reason);
    FamilyReport::of_checks(redpath, vec![check(Id::NodeState, &Answer::CouldNotTell { reason })])
}

fn states(node: &Node) -> Answer {
    let facts = node.family.nodes.iter().map(|node| NodeFacts {
        path: node.path.clone(),
        realpath: node.path.clone(),
        status: Ok(node.status.clone()),
        config_problems: Vec::new(),
        unfinished: unfinished::look(&node.path),
    });
    node_state(&facts.collect::<Vec<_>>())
}

/// The levels of a family, oldest first.
pub(super) fn places(node: &Node) -> Result<Vec<Place>> {
    let core_os = Place {
        root: node.root.clone(),
        rpmdb: None,
        is_core_os: true,
    };
    let nodes = node
        .family
        .nodes
        .iter()
        .zip(node.rpmdirs()?)
        .map(|(node, rpmdb)| Place {
            root: node.path.clone(),
            rpmdb,
            is_core_os: false,
        });
    Ok(std::iter::once(core_os).chain(nodes).collect())
}

/// For commands that say something of all packages.
///
/// # Errors
/// When an rpmdb of the family could not be read, with what is wrong.
pub(super) fn require_readable(found: &Examination) -> Result<()> {
    for (id, outcome) in found.outcomes.iter().filter(|(id, _)| *id == Id::RpmdbReadable) {
        match outcome {
            Answer::Violated(violations) => {
                let reasons: Vec<_> = violations.iter().map(ToString::to_string).collect();
                anyhow::bail!("{}", reasons.join("\n"));
            }
            Answer::CouldNotTell { reason } => anyhow::bail!("{id}: {reason}"),
            Answer::Holds { .. } => {}
        }
    }
    Ok(())
}

/// A bar on standard error when that is a terminal, nothing elsewhere: the report is not in its way.
struct Progress(ProgressBar);

impl Progress {
    fn new(is_wanted: bool) -> Self {
        let bar = if is_wanted {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("Reading files {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn tell(&self, done: usize, all: usize) {
        self.0.set_length(all as u64);
        self.0.set_position(done as u64);
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// The rpmdb's folder below its node, for the report.
pub(super) fn relative(directory: &Path, root: &Path) -> PathBuf {
    directory.strip_prefix(root).unwrap_or(directory).to_path_buf()
}
