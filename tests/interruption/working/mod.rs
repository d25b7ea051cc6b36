//! What the workers work on, and what has to hold of it in the end.

mod kill;
mod report;
mod verdict;
mod worker;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use redpak_testing::{Entry, Outcome, Package, Pool, Repository, Run, Scriptlet, User};

pub use worker::work;

pub const PLATFORM: &str = "platform";
pub const LEAF: &str = "platform/leaf";
pub const SIBLING: &str = "platform/sibling";
/// Parents come first.
pub const NODES: [&str; 3] = [PLATFORM, LEAF, SIBLING];

/// Parts of names that only unfinished transactions, launches and writes leave.
const LEFTOVERS: [&str; 4] = [".rednode.journal", ".rednode.overlay", "rpm-tmp", ".redpak-"];

/// A platform with two nodes below and one repository.
pub struct Family {
    pub pool: Pool,
    /// How long a change takes here.
    pub length: Duration,
    _repository: Repository,
}

impl Family {
    /// The platform has a library and a shell; the repository offers two versions of everything.
    pub fn new() -> Self {
        let repository = Repository::new(&packages());
        let pool = Pool::with(&User::current(), &repository, &NODES);
        pool.install(PLATFORM, &["base", "library-1"]);
        for node in [LEAF, SIBLING] {
            pool.install(node, &["app-1"]);
        }
        let begin = Instant::now();
        pool.dnf(LEAF).args(["reinstall", "-y", "app"]).run().success();
        Self {
            pool,
            length: begin.elapsed(),
            _repository: repository,
        }
    }

    /// One repair of each node.
    pub fn repair(&self) -> Result<(), String> {
        NODES.iter().try_for_each(|node| {
            let repair = self.pool.dnf(node).args(["manager", "--repair"]).run();
            succeeded(&repair, &format!("the repair of {node}"))
        })
    }

    /// Every node is as its rpmdb says, and nothing is left over.
    pub fn consistent(&self) -> Result<(), String> {
        leftovers(self.pool.path())?;
        processes(self.pool.path())?;
        for node in NODES {
            for words in [&["check"][..], &["verify", "--deep"]] {
                let outcome = self.pool.dnf(node).args(words).run();
                succeeded(&outcome, &format!("{} of {node}", words[0]))?;
            }
            let launch = self.pool.redwrap(node).args(["--", "true"]).run();
            succeeded(&launch, &format!("a launch of {node}"))?;
            let root = format!("--root={}", self.pool.node(node).display());
            let rpm = Run::command("rpm")
                .args([&*root, "--dbpath=/var/lib/rpm", "-Va", "--nodeps"])
                .run();
            let broken: Vec<String> = rpm
                .out()
                .lines()
                .filter(|line| !line.contains(" c /etc/"))
                .map(str::to_owned)
                .collect();
            if !broken.is_empty() {
                return Err(format!("rpm -Va of {node}: {}", broken.join("\n")));
            }
        }
        Ok(())
    }
}

fn succeeded(outcome: &Outcome, what: &str) -> Result<(), String> {
    match outcome.code() {
        0 => Ok(()),
        code => Err(format!("{what}: status {code}\n{}{}", outcome.out(), outcome.err())),
    }
}

/// Files that must not be there when all is over.
fn leftovers(directory: &Path) -> Result<(), String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries.map(|entry| entry.expect("an entry of a directory")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if LEFTOVERS.iter().any(|part| name.contains(part)) || is_temporary(&name) {
            return Err(format!("{} is left over", entry.path().display()));
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            leftovers(&entry.path())?;
        }
    }
    Ok(())
}

/// rpm unpacks a file as `NAME;01234567` first.
fn is_temporary(name: &str) -> bool {
    let digits = name.rsplit_once(';').map(|(_, digits)| digits);
    digits.is_some_and(|digits| digits.len() == 8 && digits.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// Processes whose command line names the pool.
fn processes(pool: &Path) -> Result<(), String> {
    let pool = pool.display().to_string();
    let all = fs::read_dir("/proc").expect("read /proc").flatten();
    let mut lines = all.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    match lines.find(|line| String::from_utf8_lossy(line).contains(&pool)) {
        Some(line) => Err(format!(
            "a process is left over: {}",
            String::from_utf8_lossy(&line).replace('\0', " ")
        )),
        None => Ok(()),
    }
}

/// A package with many files, so that a change takes a while.
fn large(name: &str, version: u32) -> Package {
    let file = |number: u32| {
        (
            format!("/usr/share/{name}/{number}"),
            format!("{name} {version}\n").repeat(50),
        )
    };
    (0..60).map(file).fold(
        Package::new(name, &format!("{version}-1")),
        |package, (path, content)| package.file(&path, content),
    )
}

fn packages() -> Vec<Package> {
    let base = Package::new("base", "1-1")
        .provides("/bin/sh")
        .file("/usr/share/base/data", "base\n");
    let version = |version: u32| {
        let config = Entry::file("/etc/configured.conf", format!("version={version}\n")).config_noreplace();
        [
            large("library", version),
            large("tool", version),
            large("app", version).requires("library"),
            large("extra", version).requires("app"),
            large("configured", version).entry(config),
            large("scripted", version)
                .scriptlet(Scriptlet::Pre, "test -d /usr")
                .scriptlet(Scriptlet::Post, "test -d /usr/share/scripted")
                .scriptlet(Scriptlet::PostUn, "test -d /usr"),
        ]
    };
    [1, 2].into_iter().flat_map(version).chain([base]).collect()
}
