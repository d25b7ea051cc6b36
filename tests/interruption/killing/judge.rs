//! Interrupts a case, repairs it, and compares what is there then with the twins.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use redpak_testing::{Disk, DiskImage, Outcome, Run, tool};

use super::case::{Around, Case, Kind, Moment, Next, Target};
use super::consistency::consistency;
use super::family::{Away, Family, NODE};
use super::interrupt::{Ended, interrupt};
use super::snapshot::{Snapshot, leftovers};

/// What came of a case.
#[derive(Debug)]
pub enum Judgement {
    /// The transaction had not begun, or was over.
    Consistent,
    /// It had begun; the next command repaired.
    Repaired,
    /// Something is wrong, in spite of the next command.
    Lost(String),
    /// The next command fails, and so does each after it.
    Stuck(String),
}

/// Runs one case.
pub fn judge(family: &mut Family<'_>, case: &Case) -> Judgement {
    let result = match case.disk {
        None => {
            family.restore();
            let run = family.command();
            let ended = interrupt(run, case.moment, case.target, family.length, None);
            Trial::new(family, case, None).judge(&ended)
        }
        Some(_) => {
            let disk = family.mount();
            let mut image = None;
            let run = family.command();
            let mut cut = || image = Some(disk.cut(case.seed));
            let ended = interrupt(run, case.moment, Target::Group, family.length, Some(&mut cut));
            drop(disk);
            let image = image.expect("the moment came");
            Trial::new(family, case, Some(&image)).judge(&ended)
        }
    };
    result.unwrap_or_else(|problem| match problem {
        Problem::Lost(reason) => Judgement::Lost(reason),
        Problem::Stuck(reason) => Judgement::Stuck(reason),
    })
}

enum Problem {
    Lost(String),
    Stuck(String),
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self::Lost(reason)
    }
}

struct Trial<'t, 's> {
    family: &'t Family<'s>,
    case: &'t Case,
    disk: Option<Disk>,
    /// What the repairs said.
    said: String,
}

impl<'t, 's> Trial<'t, 's> {
    fn new(family: &'t Family<'s>, case: &'t Case, image: Option<&DiskImage>) -> Self {
        Self {
            family,
            case,
            disk: image.map(|image| image.mount(family.pool.path())),
            said: String::new(),
        }
    }

    fn node(&self) -> &Path {
        &self.family.node
    }

    fn is_interrupted(&self) -> bool {
        self.family.is_interrupted()
    }

    fn judge(mut self, ended: &Ended) -> Result<Judgement, Problem> {
        if ended.survived {
            return Err(Problem::Lost("a process of the command goes on".into()));
        }
        no_crash(&ended.said)?;
        let interrupted = self.is_interrupted();
        if ended.succeeded && self.has_to_pass() {
            return Err(Problem::Lost(format!("the command did not pass {}", self.case.moment)));
        }
        if ended.succeeded {
            self.lasts(interrupted)?;
        } else {
            self.before_repair(interrupted)?;
        }
        let lacks_packages = matches!(self.case.around, Around::NoCache | Around::Neither);
        {
            let repository = matches!(self.case.around, Around::NoRepository | Around::Neither);
            let away = self.family.without(repository, lacks_packages);
            self.interrupted_repairs(&away);
            if self.case.around == Around::DiskFull {
                self.on_a_full_disk()?;
            }
            let was_interrupted = self.family.has_journal();
            let outcome = self.repair();
            no_crash(&outcome.err())?;
            if was_interrupted && !outcome.err().contains("was interrupted") {
                return Err(Problem::Lost(format!("the repair is not reported: {}", outcome.err())));
            }
            if lacks_packages && interrupted {
                self.without_packages(&outcome)?;
                return Ok(Judgement::Repaired);
            }
            self.is_repaired(&outcome)?;
        }
        self.is_one_of_the_twins(ended.succeeded)?;
        self.is_usable()?;
        consistency(self.family.pool, NODE).map_err(|reason| self.with_words(reason))?;
        Ok(if interrupted {
            Judgement::Repaired
        } else {
            Judgement::Consistent
        })
    }

    /// A command passes each point once at least that it makes sense to name.
    fn has_to_pass(&self) -> bool {
        matches!(self.case.moment, Moment::Point(_, 1)) && self.case.scene.kind != Kind::Offline
    }

    /// What was called done is done, and launches need no repair.
    fn lasts(&self, interrupted: bool) -> Result<(), Problem> {
        if interrupted {
            return Err(Problem::Lost(
                "after its success the command's journal or overlay is there".into(),
            ));
        }
        let launched = self.family.launch().run();
        if launched.code() != 0 {
            return Err(Problem::Lost(format!(
                "success, but the launch is refused: {}",
                launched.err()
            )));
        }
        Ok(())
    }

    /// Launches are refused for the right reason, and queries answer.
    fn before_repair(&self, interrupted: bool) -> Result<(), Problem> {
        let _read_only = (self.case.around == Around::ReadOnly).then(|| ReadOnly::new(self.node()));
        for query in [&["list", "--installed"][..], &["repoquery", "--installed"]] {
            let outcome = self.family.dnf(query).run();
            no_crash(&outcome.err())?;
            if outcome.code() != 0 {
                return Err(Problem::Lost(format!(
                    "{} before the repair: {}",
                    query.join(" "),
                    outcome.err()
                )));
            }
        }
        let launches = [Some(self.family.launch()), self.family.launch_below()];
        for launch in launches.into_iter().flatten() {
            refused(&launch.run(), interrupted, "a launch")?;
        }
        refused(&self.family.dnf(&["verify"]).run(), interrupted, "verify")
    }

    /// Repairs that are interrupted in their turn.
    fn interrupted_repairs(&mut self, away: &Away) {
        for (number, moment) in self.case.again.iter().enumerate() {
            let run = self.next();
            let target = match (moment, self.case.target) {
                (Moment::Time(_), Target::Itself) => Target::Group,
                (_, target) => target,
            };
            let mut image = None;
            let disk = self.disk.as_ref();
            let target = if disk.is_some() { Target::Group } else { target };
            let mut cut = || image = disk.map(|disk| disk.cut(self.case.seed + 1 + number as u32));
            let cut: Option<&mut dyn FnMut()> = if disk.is_some() { Some(&mut cut) } else { None };
            let ended = interrupt(run, *moment, target, self.family.length, cut);
            self.said.push_str(&ended.said);
            if let Some(image) = image {
                // The place is free before the next disk takes it.
                self.disk = None;
                self.disk = Some(image.mount(self.family.pool.path()));
                away.again();
            }
        }
    }

    fn next(&self) -> Run {
        match self.case.next {
            Next::Repair => self.family.dnf(&["manager", "--repair"]),
            Next::Ordinary => self.family.dnf(&["install", "nothing-of-this-name"]),
        }
    }

    fn repair(&mut self) -> Outcome {
        let outcome = self.next().run();
        self.said.push_str(&outcome.out());
        self.said.push_str(&outcome.err());
        outcome
    }

    /// The repair may fail there, but must not make things worse.
    fn on_a_full_disk(&mut self) -> Result<(), Problem> {
        let small = self.disk.is_none().then(|| SmallPool::new(self.family.pool.path()));
        let ballast = self.family.pool.path().join("ballast");
        fill(&ballast);
        let outcome = self.repair();
        fs::remove_file(&ballast).map_err(|error| format!("the ballast: {error}"))?;
        drop(small);
        Ok(no_crash(&outcome.err())?)
    }

    /// The repair has come to its end.
    fn is_repaired(&self, outcome: &Outcome) -> Result<(), Problem> {
        let failed = self.case.next == Next::Repair && outcome.code() != 0;
        if !failed && !self.is_interrupted() {
            return Ok(());
        }
        let again = self.family.dnf(&["manager", "--repair"]).run();
        let reason = format!("{}\nthe repair after it: {}", outcome.err(), again.err());
        if again.code() != 0 || self.is_interrupted() {
            return Err(Problem::Stuck(self.with_words(format!("the repair fails: {reason}"))));
        }
        Err(Problem::Lost(format!(
            "the repair works at the second attempt only: {reason}"
        )))
    }

    /// Without the packages not everything can be brought back; what is missing is said, and every other command says the same.
    fn without_packages(&self, outcome: &Outcome) -> Result<(), Problem> {
        let sound = consistency(self.family.pool, NODE);
        match (sound, self.case.next, outcome.code()) {
            (Ok(()), Next::Repair, 0) | (Ok(()), Next::Ordinary, _) => self.is_usable(),
            (Err(reason), Next::Repair, 0) => Err(Problem::Lost(
                self.with_words(format!("packages gone: the repair exits with 0, but {reason}")),
            )),
            (sound, ..) => {
                let names = ["one", "two", "lib", "configured", "shape", "watcher", "-name"];
                // Where a repair before it came to its end, an ordinary command has nothing to repair.
                let told = match self.case.next {
                    Next::Repair => outcome.err(),
                    Next::Ordinary => self.said.clone(),
                };
                if !names.iter().any(|name| told.contains(name)) {
                    return Err(Problem::Lost(
                        self.with_words("packages gone: the repair names no damaged package".into()),
                    ));
                }
                let verified = self.family.dnf(&["verify", "--deep"]).run();
                if verified.code() == 0 {
                    return Err(Problem::Lost(self.with_words(format!(
                        "packages gone: the repair failed, but verify --deep says coherent ({sound:?})"
                    ))));
                }
                Ok(())
            }
        }
    }

    fn is_one_of_the_twins(&self, succeeded: bool) -> Result<(), Problem> {
        let left = leftovers(self.node());
        if !left.is_empty() {
            return Err(Problem::Lost(
                self.with_words(format!("left behind: {}", left.join(" "))),
            ));
        }
        let found = Snapshot::of(self.node());
        let (before, after) = (&self.family.before, &self.family.after);
        let mut from_after = found.differences(after);
        if self.case.disk.is_some() {
            from_after.retain(|difference| !is_copy_of_what_went(difference));
        }
        let from_before = found.differences(before);
        // A reinstallation leads to the state before: only the runs of scriptlets tell the two apart.
        let is_before = from_before.is_empty() && !succeeded;
        let odd = match (from_after.is_empty(), is_before) {
            (true, true) => {
                let runs = [after, before].map(|wanted| self.unreported_runs(&found, wanted));
                runs.into_iter().min_by_key(Vec::len).unwrap_or_default()
            }
            (true, false) => self.unreported_runs(&found, after),
            (false, true) => self.unreported_runs(&found, before),
            (false, false) => {
                let (state, differences) = if from_before.len() < from_after.len() && !succeeded {
                    ("old", from_before)
                } else {
                    ("new", from_after)
                };
                let shown: Vec<String> = differences.into_iter().take(12).collect();
                let reason = format!("differs from the {state} state: {}", shown.join("\n"));
                return Err(Problem::Lost(self.with_words(reason)));
            }
        };
        // What an interrupted scriptlet had written need not be on the disk.
        let is_counted = self.case.disk.is_none() || succeeded;
        if odd.is_empty() || !is_counted {
            return Ok(());
        }
        Err(Problem::Lost(
            self.with_words(format!("scriptlets, unsaid: {}", odd.join(", "))),
        ))
    }

    /// Scriptlets that ran twice, or did not run, and that the repair does not name.
    fn unreported_runs(&self, found: &Snapshot, wanted: &Snapshot) -> Vec<String> {
        let odd = found
            .odd_runs(wanted)
            .into_iter()
            .filter(|(line, ..)| !self.names_run(line));
        odd.map(|(line, is, was)| format!("{line} ran {is} times instead of {was}"))
            .collect()
    }

    /// `NAME-VERSION %SECTION ARGUMENT`
    fn names_run(&self, line: &str) -> bool {
        let mut words = line.split(' ');
        let package = words.next().unwrap_or_default();
        let name = package.rsplit_once('-').map_or(package, |(name, _)| name);
        let section = words.next().unwrap_or_default();
        self.said
            .lines()
            .any(|line| line.contains(name) && (line.contains(section) || line.contains("scriptlet")))
    }

    /// Programs start, and a further repair finds nothing to do.
    fn is_usable(&self) -> Result<(), Problem> {
        for launch in [Some(self.family.launch()), self.family.launch_below()]
            .into_iter()
            .flatten()
        {
            let outcome = launch.run();
            if outcome.code() != 0 {
                return Err(Problem::Lost(
                    self.with_words(format!("the launch after the repair: {}", outcome.err())),
                ));
            }
        }
        let again = self.family.dnf(&["manager", "--repair"]).run();
        if again.code() != 0 || again.err().contains("interrupted") {
            return Err(Problem::Lost(format!("a repair after the repair: {}", again.err())));
        }
        Ok(())
    }

    fn with_words(&self, reason: String) -> String {
        format!("{reason}\n--- the repairs said\n{}", self.said)
    }
}

/// A `%pretrans` had moved the directory of the version that went. Where the power cut undoes that, the files are in the way of
/// their own removal again, as rpm removes them. What the user has put there stays.
fn is_copy_of_what_went(difference: &str) -> bool {
    let missing = difference.split_once(" is missing: ").map(|(path, _)| path);
    let below = missing.and_then(|path| path.strip_prefix("/usr/share/shape/data.rpmmoved"));
    below.is_some_and(|name| ["", "/0", "/1", "/2"].contains(&name))
}

/// A launch, or `verify`, while a transaction is interrupted.
fn refused(outcome: &Outcome, interrupted: bool, what: &str) -> Result<(), Problem> {
    no_crash(&outcome.err())?;
    let text = format!("{}{}", outcome.out(), outcome.err());
    let is_refused = outcome.code() != 0;
    if is_refused != interrupted || (interrupted && !text.contains("node-state")) {
        return Err(Problem::Lost(format!(
            "{what} before the repair (interrupted: {interrupted}) exits with {}: {text}",
            outcome.code()
        )));
    }
    Ok(())
}

fn no_crash(text: &str) -> Result<(), String> {
    let signs = ["panicked", "terminate called", "SIGSEGV", ".rs:"];
    match text.lines().find(|line| signs.iter().any(|sign| line.contains(sign))) {
        Some(line) => Err(format!("a program crashed: {line}")),
        None => Ok(()),
    }
}

/// A node that cannot be written, until dropped.
struct ReadOnly<'n>(&'n Path);

impl<'n> ReadOnly<'n> {
    fn new(node: &'n Path) -> Self {
        let path = node.to_str().expect("UTF-8");
        tool("mount", ["--bind", path, path]);
        tool("mount", ["-o", "remount,bind,ro", path]);
        Self(node)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        // A process that was killed may hold it for a moment; the path is free at once.
        tool("umount", [Path::new("--lazy"), self.0]);
    }
}

/// A pool that has moved to a file system of its own, and moves back when dropped.
struct SmallPool<'p>(&'p Path);

impl<'p> SmallPool<'p> {
    fn new(pool: &'p Path) -> Self {
        let copy = redpak_testing::directory();
        let [from, to] = [pool, copy.path()].map(|path| path.to_string_lossy().into_owned());
        tool("cp", ["-a", "-T", &from, &to]);
        tool("mount", ["-t", "tmpfs", "-o", "size=32m", "redpak-test", &from]);
        tool("cp", ["-a", "-T", &to, &from]);
        Self(pool)
    }
}

impl Drop for SmallPool<'_> {
    fn drop(&mut self) {
        let copy = redpak_testing::directory();
        let [pool, to] = [self.0, copy.path()].map(|path| path.to_string_lossy().into_owned());
        tool("cp", ["-a", "-T", &pool, &to]);
        tool("umount", ["--lazy", &pool]);
        tool("find", [&pool, "-mindepth", "1", "-delete"]);
        tool("cp", ["-a", "-T", &to, &pool]);
    }
}

/// Writes a file until nothing more fits.
fn fill(ballast: &Path) {
    let mut file = fs::File::create(ballast).expect("a file for the ballast");
    let block = vec![1; 1 << 20];
    while file.write_all(&block).is_ok() {}
    while file.write_all(&block[..512]).is_ok() {}
}
