//! Rpmdbs that belong to somebody else, lie on read-only file systems, or are damaged.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redpak_testing::{Config, Launch, Package, Run, User, build_packages, directory, register_with_rpm, skip, tool};

/// Packages of the base, all of which the leaf's needs: none can get lost unnoticed.
const LIBRARIES: usize = 5;

fn library(number: usize) -> Package {
    Package::new(&format!("lib{number}"), "1-1").file(&format!("/usr/lib/lib{number}"), "content\n")
}

fn add(family: &Launch, node: &str, packages: &[Package]) {
    let built = directory();
    register_with_rpm(&family.path(node), &build_packages(packages, built.path()));
}

/// A coherent family that everybody may look at, but for the last library.
fn family() -> Option<Launch> {
    if !User::is_root() {
        skip("plain rpm changes its root, which takes root");
        return None;
    }
    let family = Launch::leaf(&User::current(), &Config::new());
    let libraries: Vec<_> = (1..LIBRARIES).map(library).collect();
    add(&family, "base", &libraries);
    let app = (1..=LIBRARIES).fold(Package::new("app", "1-1"), |app, number| {
        app.requires(&format!("lib{number}"))
    });
    add(&family, "base/leaf", &[app]);
    fs::set_permissions(family.path("."), fs::Permissions::from_mode(0o755)).expect("changed");
    Some(family)
}

fn database(family: &Launch) -> PathBuf {
    family.path("base/var/lib/rpm/rpmdb.sqlite")
}

/// A read-only file system, as long as this lives.
struct ReadOnly(String);

impl ReadOnly {
    fn mount(path: &Path) -> Self {
        let path = path.to_str().expect("UTF-8").to_owned();
        tool("mount", ["--bind", &path, &path]);
        let mounted = Self(path);
        tool("mount", ["-o", "remount,ro,bind", &mounted.0]);
        mounted
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l", &self.0]).status();
    }
}

/// Somebody who reads: until it ends, rpm leaves what it writes in the log.
fn reader(database: &Path) -> Child {
    let mut reader = Command::new("sqlite3")
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sqlite3");
    let input = reader.stdin.as_mut().expect("piped");
    input
        .write_all(b"BEGIN; SELECT count(*) FROM Packages;\n")
        .expect("reads");
    let mut answer = [0];
    let output = reader.stdout.as_mut().expect("piped");
    std::io::Read::read_exact(output, &mut answer).expect("answers");
    reader
}

/// Launches and verifies as the owner and as somebody else; the same for both, and nothing is remembered.
#[track_caller]
fn everybody(family: &Launch, is_coherent: bool) {
    let leaf = family.path("base/leaf");
    let others = User::unprivileged().into_iter();
    for user in std::iter::once(User::current()).chain(others) {
        let launched = Run::redwrap(&leaf).user(&user).args(["--", "echo", "started-it"]).run();
        let verified = Run::dnf(&leaf).user(&user).arg("verify").run();
        if is_coherent {
            let _ = launched.success().prints("started-it");
            let _ = verified.success().prints("core OS first: 0, 5, 1");
        } else {
            launched
                .refuses(125, &["requires: ", "app-1-1.noarch: needs lib5"])
                .never_says("started-it");
            let _ = verified.exits(1).prints("app-1-1.noarch: needs lib5");
        }
        assert!(!leaf.join(".rednode.verdict").exists(), "as {}", user.name);
    }
}

#[test]
fn on_a_read_only_file_system_everybody_may_ask() {
    let Some(family) = family() else { return };
    let base = family.path("base");
    let without_log = |family: &Launch| {
        for node in ["base", "base/leaf"] {
            for file in ["rpmdb.sqlite-shm", "rpmdb.sqlite-wal"] {
                let _ = fs::remove_file(family.path(node).join("var/lib/rpm").join(file));
            }
        }
    };
    for has_log in [true, false] {
        if !has_log {
            without_log(&family);
        }
        let _mounted = ReadOnly::mount(&base);
        everybody(&family, false);
    }
    // The last library is in the log alone.
    let mut reader = reader(&database(&family));
    add(&family, "base", &[library(LIBRARIES)]);
    let log = fs::metadata(database(&family).with_extension("sqlite-wal")).expect("there");
    assert!(log.len() > 0, "the log is not empty");
    {
        let _mounted = ReadOnly::mount(&base);
        everybody(&family, true);
    }
    drop(reader.stdin.take());
    reader.wait().expect("ends");
    without_log_after_checkpoint(&family);
    without_log(&family);
    let _mounted = ReadOnly::mount(&base);
    everybody(&family, true);
}

/// rpm moves what is in the log into the database when it writes alone.
fn without_log_after_checkpoint(family: &Launch) {
    let file = database(family);
    tool(
        "sqlite3",
        [file.as_os_str(), "PRAGMA wal_checkpoint(TRUNCATE);".as_ref()],
    );
}

#[test]
fn a_change_that_is_in_the_log_alone() {
    let Some(family) = family() else { return };
    add(&family, "base", &[library(LIBRARIES)]);
    std::thread::sleep(Duration::from_millis(50));
    let _ = family.shell("echo started-it").success();
    assert!(family.path("base/leaf/.rednode.verdict").exists());
    let state = || {
        let status = fs::metadata(database(&family)).expect("there");
        (status.ino(), status.size(), status.ctime(), status.ctime_nsec())
    };
    let before = state();
    let mut reader = reader(&database(&family));
    // As rpm would, which waits ten seconds for the reader first.
    let removal = "DELETE FROM Packages WHERE hnum = (SELECT max(hnum) FROM Packages);";
    tool("sqlite3", [database(&family).as_os_str(), removal.as_ref()]);
    assert_eq!(state(), before);
    family
        .shell("echo started-it")
        .refuses(125, &["requires: ", "app-1-1.noarch: needs lib5"])
        .never_says("started-it");
    drop(reader.stdin.take());
    reader.wait().expect("ends");
}

/// Small numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }
}

/// A database that one thing happened to: a byte, a sector, a sector at another place, or the end of the file.
fn damaged(whole: &[u8], random: &mut Random) -> Vec<u8> {
    const SECTOR: usize = 512;
    let mut bytes = whole.to_vec();
    let sectors = whole.len() / SECTOR;
    match random.below(5) {
        0 => bytes.truncate(random.below(whole.len())),
        1 => {
            let at = SECTOR * random.below(sectors);
            bytes[at..at + SECTOR].fill(0);
        }
        2 => {
            let (from, to) = (SECTOR * random.below(sectors), SECTOR * random.below(sectors));
            bytes.copy_within(from..from + SECTOR, to);
        }
        3 => {
            // The head of the file, or of a page: what steers sqlite.
            let at = 4096 * random.below(whole.len() / 4096) + random.below(100);
            bytes[at] ^= 1 << random.below(8);
        }
        _ => bytes[random.below(whole.len())] ^= 1 << random.below(8),
    }
    bytes
}

#[test]
fn a_damaged_rpmdb_is_refused_or_makes_no_difference() {
    let Some(family) = family() else { return };
    add(&family, "base", &[library(LIBRARIES)]);
    without_log_after_checkpoint(&family);
    let file = database(&family);
    let whole = fs::read(&file).expect("readable");
    let (mut random, mut refused) = (Random(0x9E37_79B9_7F4A_7C15), 0);
    for round in 0..200 {
        fs::write(&file, damaged(&whole, &mut random)).expect("written");
        let run = family.redwrap().limit(Duration::from_secs(60));
        let outcome = run.args(["--", "echo", "started-it"]).run();
        match outcome.code() {
            0 => assert!(
                outcome.out().contains("started-it"),
                "round {round}: {}",
                outcome.report()
            ),
            125 => {
                refused += 1;
                let reason = outcome.err();
                assert!(
                    !outcome.out().contains("started-it") && !reason.contains("signal") && !reason.contains("panic"),
                    "round {round}: {}",
                    outcome.report()
                );
            }
            _ => panic!("round {round}: {}", outcome.report()),
        }
    }
    // Most of a database are indexes that nobody asks, and pages that are free.
    assert!((20..200).contains(&refused), "{refused} of 200 were refused");
    fs::write(&file, &whole).expect("written");
    let _ = family.shell("echo started-it").success();
}
