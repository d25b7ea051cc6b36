//! Kills a command in the middle, and judges what it left and what the next one makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use redpak_testing::{Entry, Package, Pool, Run, directory, tool};

mod power;

/// It is there while a transaction runs.
const JOURNAL: &str = ".rednode.journal";
/// Files of each of the two large packages.
const FILES: u32 = 200;

/// Two large packages in two versions; one with configuration that its user changes; one that takes the place of another.
pub fn packages() -> Vec<Package> {
    let large = |name: &str, version: u32| {
        let content = format!("{name} {version}\n").repeat(300);
        let file = |number: u32| Entry::file(&format!("/usr/share/{name}/{number}"), content.clone());
        (0..FILES).fold(Package::new(name, &format!("{version}-1")), |package, number| {
            package.entry(file(number))
        })
    };
    let configured = |version: u32| {
        Package::new("configured", &format!("{version}-1"))
            .entry(Entry::file("/etc/configured/kept", format!("kept={version}\n")).config_noreplace())
            .entry(Entry::file("/etc/configured/replaced", format!("replaced={version}\n")).config())
            .entry(Entry::symlink(
                "/usr/share/configured/link",
                &format!("target-{version}"),
            ))
            .file(&format!("/usr/share/configured/only-{version}"), "x")
    };
    vec![
        large("one", 1),
        large("two", 1),
        large("one", 2),
        large("two", 2),
        configured(1),
        configured(2),
        Package::new("old-name", "1-1").file("/usr/share/name/file", "old"),
        Package::new("new-name", "2-1")
            .obsoletes("old-name < 2")
            .file("/usr/share/name/file", "new"),
    ]
}

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Install,
    Upgrade,
    Remove,
}

impl Step {
    pub const ALL: [Self; 3] = [Self::Install, Self::Upgrade, Self::Remove];

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Install => &["install", "-y", "one-1", "two-1", "configured-1", "old-name"],
            Self::Upgrade => &["upgrade", "-y"],
            Self::Remove => &["remove", "-y", "one", "two", "configured", "old-name"],
        }
    }
}

/// How it is killed.
#[derive(Debug)]
pub enum Kill<'p> {
    /// Where the program itself passes a point.
    AtPoint(&'p str),
    /// From outside, after a time; the confined process rather than the one that waits for it, or the other way round.
    After(Duration, bool),
}

/// What came of it.
#[derive(Debug)]
pub enum Judgement {
    /// The transaction had not begun, or was over.
    Consistent,
    /// It had begun; the next command repaired.
    Repaired,
    /// Something is wrong, in spite of the next command.
    Lost(String),
}

/// A node, and its states before each step.
pub struct Wards<'p> {
    pool: &'p Pool,
    name: &'p str,
    node: PathBuf,
    store: tempfile::TempDir,
    lengths: [Duration; 3],
}

impl<'p> Wards<'p> {
    /// Keeps the state before each step, and measures how long the steps take.
    pub fn prepare(pool: &'p Pool, name: &'p str) -> Self {
        let mut wards = Self {
            pool,
            name,
            node: pool.node(name),
            store: directory(),
            lengths: [Duration::ZERO; 3],
        };
        pool.dnf(name).args(["makecache"]).run().success();
        for step in Step::ALL {
            if step == Step::Upgrade {
                wards.configure();
            }
            if step != Step::Remove {
                wards.keep(step);
            }
            let begin = Instant::now();
            if step == Step::Remove {
                wards.restore(step);
            }
            pool.dnf(name).args(step.arguments()).run().success();
            wards.lengths[step as usize] = begin.elapsed();
        }
        wards
    }

    /// Changes both configuration files, as users do.
    fn configure(&self) {
        for file in ["kept", "replaced"] {
            fs::write(self.node.join("etc/configured").join(file), "mine\n").expect("a configuration file");
        }
    }

    fn state(&self, step: Step) -> PathBuf {
        // A removal begins where an upgrade does.
        let step = if step == Step::Remove { Step::Upgrade } else { step };
        self.store.path().join(format!("{step:?}"))
    }

    fn keep(&self, step: Step) {
        tool("cp", [Path::new("-a"), &self.node, &self.state(step)]);
    }

    /// Puts the node into the state before a step.
    pub fn restore(&self, step: Step) {
        fs::remove_dir_all(&self.node).expect("the node can be removed");
        tool("cp", [Path::new("-a"), &self.state(step), &self.node]);
    }

    /// How long a step takes.
    pub fn length(&self, step: Step) -> Duration {
        self.lengths[step as usize]
    }

    /// A transaction did not come to its end.
    pub fn is_interrupted(&self) -> bool {
        self.node.join(JOURNAL).exists()
    }

    /// The command of a step.
    fn command(&self, step: Step) -> Run {
        self.pool.dnf(self.name).args(step.arguments())
    }

    /// Runs a step, and kills it.
    pub fn kill(&self, step: Step, kill: &Kill<'_>) {
        let command = self.command(step);
        match kill {
            Kill::AtPoint(point) => {
                let run = command.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}")).run();
                // A removal passes no point of an installation.
                let passes =
                    step != Step::Remove || !["install", "unpacked"].iter().any(|name| point.starts_with(name));
                let is_passed = run.code() > 128 || !passes || (step == Step::Install && point.starts_with("remove"));
                assert!(is_passed, "{step:?} did not pass {point}: {}", run.report());
            }
            Kill::After(pause, inner) => {
                let (mut child, _home) = command.spawn();
                sleep(*pause);
                if *inner {
                    children(&child).into_iter().for_each(kill_process);
                }
                // It may have ended already.
                let _ = child.kill();
                child.wait().expect("a child");
            }
        }
    }

    /// A command that wants something impossible, so that the repair is all it does.
    pub fn next(&self) -> Run {
        self.pool.dnf(self.name).args(["install", "-y", "nothing-of-this-name"])
    }

    /// Runs the next command, and looks at what is there then.
    pub fn judge(&self, step: Step) -> Judgement {
        let interrupted = self.is_interrupted();
        let next = self.next().run();
        if next.err().contains("was interrupted") != interrupted {
            return Judgement::Lost(format!("the repair is not told as it is: {}", next.err()));
        }
        if self.is_interrupted() {
            return Judgement::Lost(format!("the journal stays: {}", next.err()));
        }
        let judged = consistency(self.pool, self.name)
            .and_then(|()| self.configuration(step))
            .and_then(|()| self.reasons());
        match judged {
            Err(reason) => Judgement::Lost(format!("{reason}\nthe next command said: {}", next.err())),
            Ok(()) if interrupted => Judgement::Repaired,
            Ok(()) => Judgement::Consistent,
        }
    }

    /// Every package was asked for, by its name or by that of the one whose place it took.
    fn reasons(&self) -> Result<(), String> {
        let query = Run::command("dnf5").arg(format!("--installroot={}", self.node.display()));
        let query = query.args(["repoquery", "--installed", "--qf=%{full_nevra}: %{reason}\n"]);
        let reasons = query.run().out();
        match reasons.lines().find(|line| !line.ends_with(": User")) {
            Some(line) => Err(format!("the reason of a package is lost: {line}")),
            None => Ok(()),
        }
    }

    /// What the user wrote is still there, under the name that rpm gives it.
    fn configuration(&self, step: Step) -> Result<(), String> {
        if step == Step::Install {
            return Ok(());
        }
        for file in ["kept", "replaced"] {
            let directory = self.node.join("etc/configured");
            let places = [file.to_owned(), format!("{file}.rpmsave")].map(|name| directory.join(name));
            let is_there = places
                .iter()
                .any(|path| fs::read(path).is_ok_and(|text| text == b"mine\n"));
            if !is_there {
                return Err(format!("the user's configuration file {file} is lost"));
            }
        }
        Ok(())
    }
}

/// Processes that a process started.
fn children(process: &Child) -> Vec<i32> {
    let list = format!("/proc/{0}/task/{0}/children", process.id());
    let list = fs::read_to_string(list).unwrap_or_default();
    list.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

fn kill_process(id: i32) {
    if let Some(id) = rustix::process::Pid::from_raw(id) {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
    }
}

/// Ours, rpm and dnf5 can all read the node, find no duplicates and nothing missing, and nothing lies about.
pub fn consistency(pool: &Pool, name: &str) -> Result<(), String> {
    let node = pool.node(name);
    let root = node.to_str().expect("UTF-8");
    let run = |program: Run, what: &str| {
        let outcome = program.run();
        if outcome.code() == 0 {
            Ok(outcome.out())
        } else {
            Err(format!("{what}: {}{}", outcome.out(), outcome.err()))
        }
    };
    run(pool.dnf(name).args(["check"]), "redwrap-dnf check")?;
    run(pool.dnf(name).args(["verify", "--deep"]), "redwrap-dnf verify")?;
    let dnf5 = |command: &[&str]| Run::command("dnf5").arg(format!("--installroot={root}")).args(command);
    run(dnf5(&["check"]), "dnf5 check")?;
    run(dnf5(&["history", "list"]), "dnf5 history")?;
    let rpm = |arguments: &[&str]| Run::command("rpm").args(["--root", root]).args(arguments);
    let broken = rpm(&["-Va", "--nouser", "--nogroup"]).run().out();
    // Configuration files are the user's.
    let broken: Vec<&str> = broken.lines().filter(|line| !line.contains(" c /etc/")).collect();
    if !broken.is_empty() {
        return Err(format!("rpm -Va: {}", broken.join("\n")));
    }
    let names = run(rpm(&["-qa", "--qf", "%{NAME}\n"]), "rpm -qa")?;
    let mut once = BTreeSet::new();
    if let Some(twice) = names.lines().find(|name| !once.insert(*name)) {
        return Err(format!("{twice} is there twice"));
    }
    let owned = run(rpm(&["-qa", "--qf", "[%{FILENAMES}\n]"]), "rpm -qa")?;
    strays(&node, &owned.lines().collect())
}

/// Files that no package owns, where only packages put any.
fn strays(node: &Path, owned: &BTreeSet<&str>) -> Result<(), String> {
    let mut found = BTreeMap::new();
    for top in ["usr/share", "etc/configured"] {
        list(node, Path::new(top), &mut found);
    }
    for (path, ()) in found {
        let shown = format!("/{}", path.display());
        let saved = [".rpmsave", ".rpmnew"].iter().any(|suffix| shown.ends_with(suffix));
        if !saved && !owned.contains(&*shown) {
            return Err(format!("nobody owns {shown}"));
        }
    }
    Ok(())
}

fn list(node: &Path, below: &Path, found: &mut BTreeMap<PathBuf, ()>) {
    let Ok(entries) = fs::read_dir(node.join(below)) else {
        return;
    };
    for entry in entries.flatten() {
        let path = below.join(entry.file_name());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list(node, &path, found);
        } else {
            found.insert(path, ());
        }
    }
}

/// Numbers that differ from run to run; the seed is printed.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        let seed = std::env::var("REDPAK_TEST_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = seed.unwrap_or_else(|| now.map_or(1, |now| now.as_nanos() as u64));
        println!("REDPAK_TEST_SEED={seed}");
        Self(seed | 1)
    }

    /// A number below `limit`.
    pub fn up_to(&mut self, limit: u32) -> u32 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32 % limit
    }
}
