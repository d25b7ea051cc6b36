//! Who does what, again and again, until the time is over.

use std::thread;
use std::time::{Duration, Instant};

use redpak_testing::{Random, Run};

use super::report::Report;
use super::verdict::{Aim, judge};
use super::{Family, LEAF, NODES, PLATFORM, SIBLING, kill};

/// Longest time of a command; one that takes longer waits for something that does not come.
const LIMIT: Duration = Duration::from_secs(60);
/// A kill comes within this many lengths of a change of a node that nobody else changes.
const LENGTHS: u32 = 3;
/// In how many of 100 commands.
const KILLS: usize = 20;
/// Status of a command that ended at a point: it aborts there.
const ABORTED: i32 = 128 + 6;

/// One of the six.
#[derive(Debug, Clone, Copy)]
enum Worker {
    Changes(&'static str, &'static [&'static str]),
    Asks,
    Verifies,
    Launches,
}

const IN_LEAVES: [&str; 9] = [
    "install extra-1 configured-1",
    "install scripted-1",
    "remove extra",
    "remove configured scripted",
    "upgrade",
    "downgrade app",
    "reinstall app",
    "upgrade scripted",
    "manager --repair",
];
const IN_THE_PARENT: [&str; 7] = [
    "install tool-1",
    "upgrade",
    "downgrade library",
    "remove tool",
    "reinstall library",
    "remove library",
    "manager --repair",
];
const QUERIES: [&str; 4] = [
    "repoquery --installed",
    "list --installed",
    "history list",
    "why library",
];

const WORKERS: [Worker; 6] = [
    Worker::Changes(LEAF, &IN_LEAVES),
    Worker::Changes(SIBLING, &IN_LEAVES),
    Worker::Changes(PLATFORM, &IN_THE_PARENT),
    Worker::Asks,
    Worker::Verifies,
    Worker::Launches,
];

/// Lets all of them work for a time.
pub fn work(family: &Family, time: Duration) -> Report {
    let mut random = Random::new();
    let end = Instant::now() + time;
    thread::scope(|scope| {
        let workers = WORKERS.map(|worker| {
            let random = Random::seeded(random.below(usize::MAX) as u64);
            scope.spawn(move || worker.work(family, random, end))
        });
        workers.into_iter().fold(Report::default(), |mut report, worker| {
            match worker.join() {
                Ok(seen) => report.merge(seen),
                // A command has reached its limit: see the message of the panic.
                Err(panic) => std::panic::resume_unwind(panic),
            }
            report
        })
    })
}

impl Worker {
    fn work(self, family: &Family, mut random: Random, end: Instant) -> Report {
        let mut report = Report::default();
        while Instant::now() < end {
            let (aim, name, command) = self.command(family, &mut random);
            let command = command.limit(LIMIT);
            let kill = random.chance(KILLS);
            let result = if kill && aim == Aim::Change && random.chance(60) {
                let outcome = kill::at_a_point(command, &mut random).run();
                match outcome.code() {
                    ABORTED => Ok("killed at a point"),
                    _ => judge(aim, &outcome),
                }
            } else if kill {
                let longest = family.length * LENGTHS;
                kill::at_a_time(command, &mut random, longest, LIMIT).map(|()| "killed")
            } else {
                judge(aim, &command.run())
            };
            report.killed += usize::from(result.as_ref().is_ok_and(|result| result.starts_with("killed")));
            match result {
                Ok(result) => report.add(&name, result),
                Err(alarm) => {
                    report.add(&name, "false alarm");
                    report.alarms.push(format!("{name}: {alarm}"));
                }
            }
        }
        report
    }

    /// What is asked for, its name in the report, and the command.
    fn command(self, family: &Family, random: &mut Random) -> (Aim, String, Run) {
        let one_of = |random: &mut Random, words: &[&'static str]| *random.one_of(words).expect("there are some");
        let any = one_of(random, &NODES);
        match self {
            Self::Changes(node, commands) => {
                let words = one_of(random, commands);
                let aim = if words.starts_with("manager") {
                    Aim::Repair
                } else {
                    Aim::Change
                };
                let command = family.pool.dnf(node);
                let command = match aim {
                    Aim::Change => command.args(["-y", "--releasever=1"]),
                    _ => command,
                };
                (aim, format!("{node}: {words}"), command.args(words.split(' ')))
            }
            Self::Asks => {
                let words = one_of(random, &QUERIES);
                (
                    Aim::Query,
                    words.to_owned(),
                    family.pool.dnf(any).args(words.split(' ')),
                )
            }
            Self::Verifies => {
                let words = one_of(random, &["verify", "verify --deep"]);
                (
                    Aim::Verify,
                    words.to_owned(),
                    family.pool.dnf(any).args(words.split(' ')),
                )
            }
            Self::Launches => (
                Aim::Launch,
                "launch".to_owned(),
                family.pool.redwrap(any).args(["--", "true"]),
            ),
        }
    }
}
