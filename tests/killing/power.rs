//! The power goes: what has reached the disk by then is all that is left.
//!
//! The node lies on an ext4 in a file. What the file holds at a moment is what a disk would hold: the kernel keeps the rest in memory.
//! `containers/power-cut` makes the empty file system, because the root file system of the tests has no mkfs.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redpak_testing::{Pool, Repository, Run, User, directory, tool};

use super::{Judgement, Random, Step, Wards, packages};

/// Stage borders from the first write on, and the moment at which the command has told its success.
const POINTS: [&str; 11] = [
    "journal",
    "sealed",
    "install",
    "unpacked:2",
    "installed",
    "installed:2",
    "remove",
    "removed:2",
    "completed",
    "ended",
    "success",
];

/// A file with a file system, mounted until dropped.
struct Disk {
    image: PathBuf,
    place: PathBuf,
}

impl Disk {
    /// The kernel writes each second what has to be written, so that cuts fall between such writes.
    fn mount(image: &Path, place: &Path) -> Self {
        let [from, to] = [image, place].map(|path| path.to_str().expect("UTF-8"));
        tool("mount", ["-t", "ext4", "-o", "loop,commit=1,data=writeback", from, to]);
        Self {
            image: image.to_owned(),
            place: place.to_owned(),
        }
    }

    /// What is on the disk now. A copy that was overtaken by a write is none of one moment.
    fn cut(&self, to: &Path) {
        let copy = || std::fs::read(&self.image).expect("the disk");
        let mut before = copy();
        loop {
            let now = copy();
            if now == before {
                return std::fs::write(to, now).expect("the copy");
            }
            before = now;
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Processes that were killed may hold it for a moment.
        let unmounted = || Run::command("umount").arg(&self.place).run().code() == 0;
        let gone = (0..50).any(|_| {
            unmounted() || {
                std::thread::sleep(Duration::from_millis(100));
                false
            }
        });
        if !gone {
            Run::command("umount").arg("--lazy").arg(&self.place).run();
        }
    }
}

#[test]
#[ignore = "takes an empty ext4: containers/power-cut"]
fn when_the_power_goes_nothing_is_lost() {
    let empty = std::env::var_os("REDPAK_TEST_DISK").expect("REDPAK_TEST_DISK names an empty ext4");
    let wanted = std::env::var("REDPAK_TEST_POWER_CUTS").map_or(11, |count| count.parse().expect("a number"));
    let disks = directory();
    let [main, cut] = ["main", "cut"].map(|name| disks.path().join(name));
    std::fs::copy(empty, &main).expect("the disk");
    let repository = Repository::new(&packages());
    let pool = Pool::new(&User::current());
    let mut disk = Some(Disk::mount(&main, pool.path()));
    pool.create("node");
    pool.repository("node", "made", &repository.repo_file("made"));
    let wards = Wards::prepare(&pool, "node");
    let mut random = Random::new();
    let (mut consistent, mut repaired, mut lost) = (0, 0, Vec::new());
    for (round, point) in POINTS.iter().cycle().take(wanted).enumerate() {
        let step = Step::ALL[(round + round / POINTS.len()) % Step::ALL.len()];
        wards.restore(step);
        tool("sync", ["-f", pool.path().to_str().expect("UTF-8")]);
        let pause = Duration::from_millis(random.up_to(1500).into());
        let success = reach(wards.command(step), (point, pause), || {
            disk.as_ref().expect("mounted").cut(&cut);
        });
        drop(disk.take());
        {
            let _cut = Disk::mount(&cut, pool.path());
            let what = format!("{step:?} at {point} after {pause:?}");
            match wards.judge(step) {
                Judgement::Consistent => consistent += 1,
                Judgement::Repaired => repaired += 1,
                Judgement::Lost(reason) => lost.push(format!("{what}: {reason}")),
            }
            // What was told is so.
            let there = pool
                .installed("node")
                .iter()
                .any(|package| package.starts_with(if step == Step::Upgrade { "one-2-1" } else { "one-1-1" }));
            if success && there == (step == Step::Remove) {
                lost.push(format!("{what}: it succeeded, and did not last"));
            }
        }
        disk = Some(Disk::mount(&main, pool.path()));
    }
    drop(disk);
    let count = lost.len();
    println!("power cuts tried {wanted}, consistent {consistent}, repaired {repaired}, lost {count}");
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(repaired > 0, "no cut fell into a transaction");
}

/// Runs a command up to a point, does something there, and kills it; true where it has succeeded instead: there is no point named success,
/// and not every step passes every point.
fn reach(run: Run, (point, pause): (&str, Duration), at: impl Fn()) -> bool {
    let run = match point {
        "success" => run,
        _ => run.env("REDPAK_TEST_FAILURE_POINT", format!("wait:{point}")),
    };
    let (mut child, _home) = run.spawn();
    let name = point.split(':').next().expect("a first part");
    let waiting = format!("waiting at {name}");
    let mut shown = Vec::new();
    let mut byte = [0];
    let mut errors = child.stderr.take().expect("piped");
    while !shown.ends_with(waiting.as_bytes()) && errors.read(&mut byte).expect("read") == 1 {
        shown.push(byte[0]);
    }
    if shown.ends_with(waiting.as_bytes()) {
        std::thread::sleep(pause);
        at();
        child.kill().expect("killed");
        child.wait().expect("reaped");
        return false;
    }
    // That the journal is gone reaches the disk within a second; the contents of files, that would do so later, have to be there before.
    let success = child.wait().expect("reaped").success();
    std::thread::sleep(pause + Duration::from_secs(1));
    at();
    success
}
