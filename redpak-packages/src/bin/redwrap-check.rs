//! `redwrap-check`: tells `redwrap`, which does not link librpm, whether the rpmdbs of a family are sound.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use clap::Parser;
use librpm::Engine;
use redpak_host::steady::{self, Steady, Watched};
use redpak_packages::check::{NodeReport, Outcome, check_node};
use redpak_packages::coherency::{self, Demands, FamilyReport, Place};
use redpak_packages::confinement;
use serde::{Deserialize, Serialize};

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
    /// The nodes are one family, oldest first: run every check of its packages, write a report as one line of JSON on
    /// standard output and, for a verdict to be remembered, what it rests on.
    #[arg(long)]
    family: bool,
    /// The root of the core OS, the oldest of the family.
    #[arg(long, requires = "family", value_name = "ROOT")]
    core_os: Option<PathBuf>,
    /// Every package of the nodes has to be signed by a key of its node or an ancestor.
    #[arg(long, requires = "family")]
    gpgcheck: bool,
    /// Root directories of the nodes whose rpmdb is where rpm's configuration says.
    #[arg(required_unless_present = "at", value_name = "ROOT")]
    roots: Vec<PathBuf>,
}

impl Arguments {
    /// Root and, where it is given, the folder of the rpmdb of each node; those that `--at` alone names come last.
    fn nodes(&self) -> impl Iterator<Item = (&Path, Option<&Path>)> {
        let at = || {
            self.at
                .chunks_exact(2)
                .map(|pair| (pair[0].as_path(), pair[1].as_path()))
        };
        let given = move |root: &Path| at().find(|(at, _)| *at == root).map(|(_, directory)| directory);
        let added = at().filter(|(root, _)| !self.roots.iter().any(|listed| listed == root));
        let roots = self.roots.iter().map(move |root| (root.as_path(), given(root)));
        roots.chain(added.map(|(root, directory)| (root, Some(directory))))
    }
}

/// The report that `--json` writes.
#[derive(Debug, Serialize, Deserialize)]
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
    // Half of the work for a large core OS is the digests of its headers: another process does that meanwhile. It is started
    // before this one may start none.
    let companion = arguments.core_os.as_deref().map(start_companion).transpose()?;
    let engine = Engine::start()?;
    // What follows reads data that a node's owner, or whoever broke in there, has made.
    confinement::read_only()?;
    if arguments.family {
        return family(&engine, arguments, companion);
    }
    let watched: Vec<Watched> = arguments
        .nodes()
        .map(|(root, directory)| Watched::new(root, directory))
        .collect();
    let check = || {
        let nodes = arguments.nodes();
        nodes
            .map(|(root, directory)| check_node(&engine, root, directory))
            .collect()
    };
    let nodes: Vec<NodeReport> = match steady::look(&watched, check) {
        Steady::Found(nodes) => nodes,
        Steady::Changing(changing) => vec![NodeReport::unknown(&changing.node, changing.reason)],
    };
    let outcome = Outcome::of(&nodes);
    nodes.iter().try_for_each(|node| tell(node, &mut io::stderr().lock()))?;
    if arguments.json {
        let mut stdout = io::stdout().lock();
        serde_json::to_writer(&mut stdout, &Report { outcome, nodes })?;
        writeln!(stdout)?;
    }
    Ok(outcome)
}

/// Checks the digests of the core OS's headers.
fn start_companion(core_os: &Path) -> io::Result<Child> {
    let mut command = Command::new("/proc/self/exe");
    command.arg("--json").arg("--").arg(core_os);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// What the companion found of the one root that it was given.
fn companions_report(companion: Child) -> anyhow::Result<NodeReport> {
    let output = companion.wait_with_output()?;
    let mut report: Report = serde_json::from_slice(&output.stdout)
        .map_err(|error| anyhow::anyhow!("the check of the core OS's rpmdb ended with {}: {error}", output.status))?;
    report
        .nodes
        .pop()
        .ok_or_else(|| anyhow::anyhow!("the core OS's rpmdb was not checked"))
}

fn family(engine: &Engine, arguments: &Arguments, companion: Option<Child>) -> anyhow::Result<Outcome> {
    let core_os = arguments.core_os.iter().map(|root| Place {
        root: root.clone(),
        rpmdb: None,
        is_core_os: true,
    });
    let nodes = arguments.nodes().map(|(root, directory)| Place {
        root: root.into(),
        rpmdb: directory.map(Into::into),
        is_core_os: false,
    });
    let demands = Demands {
        signatures: arguments.gpgcheck,
        digests: false,
        leaves_core_os_digests: companion.is_some(),
    };
    let places: Vec<Place> = core_os.chain(nodes).collect();
    let mut examination = coherency::examine(engine, &places, demands, &|_, _| ())?;
    if let (Some(companion), Some(core_os)) = (companion, &arguments.core_os) {
        let found = companions_report(companion)?;
        examination.add_damages(core_os, &found.problems, found.unknown.as_deref());
    }
    let report = FamilyReport::new(&examination);
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, &report)?;
    stdout.write_all(b"\n")?;
    stdout.write_all(&examination.examined.to_bytes())?;
    stdout.flush()?;
    Ok(report.outcome())
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
