//! `redwrap-check`: tells `redwrap`, which does not link librpm, whether the rpmdbs of a family are sound.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use redpak_rpm::check::{NodeReport, Outcome, check_node};
use redpak_rpm::{Engine, confinement};
use serde::Serialize;

/// Checks that the rpmdb of each node opens and that each header in it passes librpm's digest check.
///
/// Nothing is written into a node. A node without an rpmdb is fine.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit status: 0 all are sound, 1 at least one is damaged, 2 usage or could not tell."
)]
struct Arguments {
    /// Write a report on standard output as JSON.
    #[arg(long)]
    json: bool,
    /// A node whose rpmdb is in DIRECTORY, as its tag `rpmdir` says; can be given several times.
    #[arg(long, num_args = 2, value_names = ["ROOT", "DIRECTORY"])]
    at: Vec<PathBuf>,
    /// Root directories of the nodes whose rpmdb is where rpm's configuration says.
    #[arg(required_unless_present = "at", value_name = "ROOT")]
    roots: Vec<PathBuf>,
}

impl Arguments {
    /// Root and, where it is given, the folder of the rpmdb of each node.
    fn nodes(&self) -> impl Iterator<Item = (&Path, Option<&Path>)> {
        let at = self
            .at
            .chunks_exact(2)
            .map(|pair| (pair[0].as_path(), Some(pair[1].as_path())));
        self.roots.iter().map(|root| (root.as_path(), None)).chain(at)
    }
}

/// The report that `--json` writes.
#[derive(Debug, Serialize)]
struct Report {
    outcome: Outcome,
    nodes: Vec<NodeReport>,
}

/// Exit status for "could not tell".
const COULD_NOT_TELL: u8 = 2;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(outcome) => ExitCode::from(outcome.exit_status()),
        Err(error) if is_broken_pipe(&error) => ExitCode::from(COULD_NOT_TELL),
        Err(error) => {
            eprintln!("redwrap-check: {error:#}");
            ExitCode::from(COULD_NOT_TELL)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let engine = Engine::start()?;
    // What follows reads data that a node's owner, or whoever broke in there, has made.
    confinement::read_only()?;
    let nodes: Vec<NodeReport> = arguments
        .nodes()
        .map(|(root, directory)| check_node(&engine, root, directory))
        .collect();
    let outcome = Outcome::of(&nodes);
    nodes.iter().try_for_each(|node| tell(node, &mut io::stderr().lock()))?;
    if arguments.json {
        let mut stdout = io::stdout().lock();
        serde_json::to_writer(&mut stdout, &Report { outcome, nodes })?;
        writeln!(stdout)?;
    }
    Ok(outcome)
}

/// One line per problem: the node, then the reason.
fn tell(report: &NodeReport, stderr: &mut impl Write) -> io::Result<()> {
    for reason in report.problems.iter().chain(&report.unknown) {
        writeln!(stderr, "{}: {}", printable(&report.node), printable(reason))?;
    }
    Ok(())
}

/// Control characters become escapes: what a damaged database says must not steer a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                c.escape_default().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}
