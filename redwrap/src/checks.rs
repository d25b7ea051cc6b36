//! What has to hold of a family before a program is started in it.
//!
//! Nodes are checked here; their packages by the program `redwrap-check`, so that the launcher does not load librpm. When
//! nothing has changed since a check that found all coherent, neither is done: see [`redpak_host::verdict`].

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use redpak::coherency::{Id, Link, NodeFacts, Outcome, Violation, above, node_state};
use redpak::display;
use redpak::merge::Merged;
use redpak::node::{Family, files};
use redpak_host::steady::{self, Steady, Watched};
use redpak_host::verdict::{self, Examined, Inputs};
use redpak_host::{facts, report, unfinished};
use serde::Deserialize;

/// The program that reads rpmdbs.
const CHECKER: &str = "redwrap-check";
/// So many lines of who needs a package: what is wrong must not scroll away.
const MAX_CHAIN: usize = 8;
/// The core OS that the family runs on.
const CORE_OS: &str = "/";

/// What speaks against a launch, one problem a line each.
#[derive(Debug, Default)]
pub struct Problems {
    /// The family is not coherent.
    pub errors: Vec<String>,
    /// It is; these were asked for in spite of it.
    pub warnings: Vec<String>,
}

/// Everything that speaks against a launch.
pub fn before_launch(family: &Family, merged: &Merged) -> Problems {
    let Some(checker) = find_checker() else {
        let mut problems = nodes(family);
        problems.errors.push(format!(
            "rpmdb-readable: {CHECKER} is neither beside redwrap nor in ../libexec/redpak, so the rpmdbs cannot be checked; install it"
        ));
        return problems;
    };
    let rpmdirs = match facts::rpmdirs(family, Path::new(CORE_OS)) {
        Ok(rpmdirs) => rpmdirs,
        Err(reason) => {
            let mut problems = nodes(family);
            problems.errors.push(format!("rpmdb-readable: {reason}"));
            return problems;
        }
    };
    let check = Check {
        checker: &checker,
        family,
        rpmdirs: &rpmdirs,
        gpgcheck: merged.tags.gpgcheck.as_ref().is_some_and(|entry| entry.value),
    };
    check.steadily()
}

fn nodes(family: &Family) -> Problems {
    let facts: Vec<NodeFacts> = family
        .nodes
        .iter()
        .map(|node| NodeFacts {
            path: node.path.clone(),
            // The redpath was resolved when the family was looked for; its ancestors are the directories above.
            realpath: node.path.clone(),
            status: Ok(node.status.clone()),
            config_problems: Vec::new(),
            unfinished: unfinished::look(&node.path),
        })
        .collect();
    let errors = match node_state(&facts) {
        Outcome::Holds { .. } => Vec::new(),
        Outcome::Violated(violations) => violations.iter().map(Violation::to_string).collect(),
        Outcome::CouldNotTell { reason } => vec![node_state_problem(&reason)],
    };
    Problems {
        errors,
        ..Problems::default()
    }
}

fn node_state_problem(reason: &str) -> String {
    format!("{}: {reason}", Id::NodeState)
}

/// What a look at a family found.
struct Found<'f> {
    problems: Problems,
    verdict: Option<Verdict<'f>>,
}

/// What a check of packages rests on, for the next launch.
struct Verdict<'f> {
    leaf: &'f Path,
    inputs: Inputs,
    examined: Examined,
    started: SystemTime,
    is_success: bool,
}

impl Verdict<'_> {
    fn keep(self, problems: &Problems) {
        if problems.errors.is_empty() && self.is_success {
            // Where the node cannot be written, the next launch checks again.
            let _ = verdict::remember(
                self.leaf,
                &self.inputs,
                &self.examined,
                &problems.warnings,
                self.started,
            );
        } else {
            verdict::forget(self.leaf);
        }
    }
}

/// The check of a family's packages.
struct Check<'f> {
    checker: &'f Path,
    family: &'f Family,
    /// One for each node.
    rpmdirs: &'f [Option<PathBuf>],
    gpgcheck: bool,
}

/// What `redwrap-check --family` writes.
#[derive(Debug, Deserialize)]
struct Report {
    checks: Vec<CheckReport>,
}

#[derive(Debug, Deserialize)]
struct CheckReport {
    id: String,
    reason: Option<String>,
    violations: Vec<ViolationReport>,
}

#[derive(Debug, Deserialize)]
struct ViolationReport {
    severity: String,
    node: String,
    package: Option<String>,
    reason: String,
    #[serde(default)]
    needed_by: Vec<Link>,
}

impl Check<'_> {
    /// What speaks against a launch, unless a transaction changes the family meanwhile: that is what speaks against it then.
    fn steadily(&self) -> Problems {
        let nodes = Watched::family(self.family, self.rpmdirs);
        let looked = match self.remembered() {
            // A verdict names the state of everything that it rests on.
            Some(problems) => return problems,
            None => steady::look(&nodes, || self.look()),
        };
        match looked {
            Steady::Found(Found { problems, verdict }) => {
                verdict.into_iter().for_each(|verdict| verdict.keep(&problems));
                problems
            }
            Steady::Changing(changing) => {
                let reason = format!("{}: {}", display::path(&changing.node), changing.reason);
                Problems {
                    errors: vec![node_state_problem(&reason)],
                    ..Problems::default()
                }
            }
        }
    }

    fn remembered(&self) -> Option<Problems> {
        let leaf = self.family.leaf()?;
        let mut problems = nodes(self.family);
        if !problems.errors.is_empty() {
            return None;
        }
        problems
            .warnings
            .extend(verdict::remembered(&leaf.path, &self.inputs())?);
        Some(problems)
    }

    fn look(&self) -> Found<'_> {
        let mut problems = nodes(self.family);
        let verdict = self.packages(&mut problems);
        Found { problems, verdict }
    }

    /// Adds what is wrong with the packages; returns what there is to remember.
    fn packages(&self, problems: &mut Problems) -> Option<Verdict<'_>> {
        let leaf = self.family.leaf().map(|leaf| leaf.path.as_path())?;
        let inputs = self.inputs();
        if let Some(warnings) = verdict::remembered(leaf, &inputs) {
            problems.warnings.extend(warnings);
            return None;
        }
        let started = SystemTime::now();
        let failed = |reason: String| format!("rpmdb-readable: cannot run {}: {reason}", display::path(self.checker));
        let output = match self.run() {
            Ok(output) => output,
            Err(error) => {
                problems.errors.push(failed(report::os(&error)));
                return None;
            }
        };
        let Some((told, examined)) = read(&output.stdout) else {
            let words = display::text(String::from_utf8_lossy(&output.stderr).trim()).to_string();
            let words = if words.is_empty() {
                output.status.to_string()
            } else {
                words
            };
            problems.errors.push(failed(words));
            return None;
        };
        tell(&told, problems);
        Some(Verdict {
            leaf,
            inputs,
            examined,
            started,
            is_success: output.status.success(),
        })
    }

    fn run(&self) -> io::Result<Output> {
        let mut command = Command::new(self.checker);
        command.args(["--family", "--core-os", CORE_OS]);
        if self.gpgcheck {
            command.arg("--gpgcheck");
        }
        for (node, rpmdir) in self.family.nodes.iter().zip(self.rpmdirs) {
            if let Some(rpmdir) = rpmdir {
                command.arg("--at").args([&node.path, rpmdir]);
            }
        }
        command.arg("--").args(self.family.nodes.iter().map(|node| &node.path));
        command.env_clear().stdin(Stdio::null()).stderr(Stdio::piped()).output()
    }

    /// What the outcome rests on beside the rpmdbs and the files of packages.
    fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::default();
        inputs.value("version", OsStr::new(env!("CARGO_PKG_VERSION")));
        inputs.file("checker", self.checker);
        inputs.value("core-os", OsStr::new(CORE_OS));
        inputs.value("gpgcheck", OsStr::new(if self.gpgcheck { "true" } else { "false" }));
        for (node, rpmdir) in self.family.nodes.iter().zip(self.rpmdirs) {
            inputs.directory("node", &node.path);
            inputs.value(
                "rpmdir",
                rpmdir.as_ref().map_or(OsStr::new(""), |path| path.as_os_str()),
            );
            inputs.file("status", &node.path.join(files::STATUS));
            inputs.file("forced", &node.path.join(files::FORCED));
        }
        let nodes = self.family.nodes.iter();
        let sources = nodes.flat_map(|node| std::iter::once(&node.config).chain(&node.admin));
        for source in sources.chain(&self.family.main).chain(&self.family.main_admin) {
            inputs.file("config", &source.file);
        }
        inputs
    }
}

/// The report, and what it rests on.
fn read(output: &[u8]) -> Option<(Report, Examined)> {
    let end = output.iter().position(|byte| *byte == b'\n')?;
    let report = serde_json::from_slice(&output[..end]).ok()?;
    Some((report, Examined::from_bytes(&output[end + 1..])?))
}

fn tell(report: &Report, problems: &mut Problems) {
    for check in &report.checks {
        let text = |violation: &ViolationReport| {
            let package = violation
                .package
                .iter()
                .map(|package| format!("{}: ", display::text(package)));
            let package: String = package.collect();
            let (node, reason) = (display::text(&violation.node), display::text(&violation.reason));
            let mut lines = vec![format!("{}: {node}: {package}{reason}", check.id)];
            let above = above(&violation.needed_by);
            lines.extend(above.iter().take(MAX_CHAIN).cloned());
            if let Some(more @ 1..) = above.len().checked_sub(MAX_CHAIN) {
                lines.push(format!("  … and {more} more, see redwrap-dnf why"));
            }
            lines.join("\n")
        };
        for violation in &check.violations {
            match violation.severity.as_str() {
                "warning" => problems.warnings.push(text(violation)),
                _ => problems.errors.push(text(violation)),
            }
        }
        let untold = check
            .reason
            .iter()
            .map(|reason| format!("{}: {}", check.id, display::text(reason)));
        // What follows from an rpmdb that is not readable is not another problem.
        if check.id == "rpmdb-readable" || problems.errors.is_empty() {
            problems.errors.extend(untold);
        }
    }
}

/// Beside this program or in its libexec folder: never from the caller's PATH or environment.
fn find_checker() -> Option<PathBuf> {
    let own = std::fs::read_link("/proc/self/exe").ok()?;
    let folder = own.parent()?;
    [folder.join(CHECKER), folder.join("../libexec/redpak").join(CHECKER)]
        .into_iter()
        .find(|path| path.is_file())
}
