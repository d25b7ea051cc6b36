//! What has to hold of a family before a program is started in it.
//!
//! Nodes are checked here; rpmdbs by the program `redwrap-check`, so that the launcher does not load librpm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use redpak::coherency::{NodeFacts, Outcome, Violation, node_state};
use redpak::display;
use redpak::node::Family;

/// The program that reads rpmdbs.
const CHECKER: &str = "redwrap-check";

/// Everything that speaks against a launch, one problem a line; empty when nothing does.
pub fn before_launch(family: &Family) -> Vec<String> {
    let mut problems = nodes(family);
    problems.extend(rpmdbs(family));
    problems
}

fn nodes(family: &Family) -> Vec<String> {
    let facts: Vec<NodeFacts> = family
        .nodes
        .iter()
        .map(|node| NodeFacts {
            path: node.path.clone(),
            // The redpath was resolved when the family was looked for; its ancestors are the directories above.
            realpath: node.path.clone(),
            status: Ok(node.status.clone()),
            config_problems: Vec::new(),
        })
        .collect();
    match node_state(&facts) {
        Outcome::Holds { .. } => Vec::new(),
        Outcome::Violated(violations) => violations.iter().map(Violation::to_string).collect(),
        Outcome::CouldNotTell { reason } => vec![reason],
    }
}

/// Each rpmdb of the family, the core OS's first, opens and its headers pass librpm's digest check.
fn rpmdbs(family: &Family) -> Vec<String> {
    let roots = std::iter::once(Path::new("/")).chain(family.nodes.iter().map(|node| node.path.as_path()));
    let Some(checker) = find_checker() else {
        return vec![format!(
            "rpmdb-readable: {CHECKER} is neither beside redwrap nor in ../libexec/redpak, so the rpmdbs cannot be checked; install it"
        )];
    };
    let ran = Command::new(&checker)
        .arg("--")
        .args(roots)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output();
    match ran {
        Err(error) => vec![format!(
            "rpmdb-readable: cannot run {}: {error}",
            display::path(&checker)
        )],
        Ok(output) if output.status.success() => Vec::new(),
        Ok(output) => told(&output.stderr, &checker),
    }
}

fn told(stderr: &[u8], checker: &Path) -> Vec<String> {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| format!("rpmdb-readable: {}", display::text(line)))
        .collect();
    if lines.is_empty() {
        vec![format!(
            "rpmdb-readable: {} failed without a word",
            display::path(checker)
        )]
    } else {
        lines
    }
}

/// Beside this program or in its libexec folder: never from the caller's PATH or environment.
fn find_checker() -> Option<PathBuf> {
    let own = fs::read_link("/proc/self/exe").ok()?;
    let folder = own.parent()?;
    [folder.join(CHECKER), folder.join("../libexec/redpak").join(CHECKER)]
        .into_iter()
        .find(|path| path.is_file())
}
