//! Clocks that are far off: boards without a battery begin in 1970, and some come to 2038 and beyond.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use redpak_testing::{Key, Outcome, Package, Pool, Repository, Run, Server, User, directory, tool};

const NODE: &str = "node";
/// What is said of a clock that cannot be right.
const TOLD: &str = "Warning: the clock says ";

/// A library that, loaded before the others, moves the clock that a program sees. What the kernel writes keeps its time.
struct Clock {
    library: PathBuf,
    _directory: tempfile::TempDir,
}

impl Clock {
    fn new() -> Self {
        let directory = directory();
        let library = directory.path().join("clock.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/interruption/clock/clock.c");
        tool(
            "cc",
            ["-shared", "-fPIC", "-o", library.to_str().expect("UTF-8"), source],
        );
        Self {
            library,
            _directory: directory,
        }
    }

    /// When the program starts, it is so many seconds after 1970.
    fn at(&self, time: u64, run: Run) -> Outcome {
        let shift = i128::from(time) - i128::from(now());
        let run = run.env("LD_PRELOAD", &self.library);
        run.env("REDPAK_TEST_CLOCK", shift.to_string()).run()
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}

fn packages() -> [Package; 2] {
    ["app", "other"].map(|name| Package::new(name, "1-1").file(&format!("/usr/share/{name}"), name))
}

fn pool() -> Pool {
    let pool = Pool::new(&User::current());
    pool.create(NODE);
    pool
}

/// A `.repo` file for a server with signed packages and metadata.
fn signed(repository: &Repository, server: &Server, key: &Key) -> String {
    let checks = format!("gpgcheck=1\nrepo_gpgcheck=1\ngpgkey={}\nretries=1", key.url());
    let text = repository.repo_file("made").replace(&repository.url(), &server.url());
    text.replace("gpgcheck=0", &checks)
}

#[test]
fn at_1970() {
    let clock = Clock::new();
    let repository = Repository::new(&packages());
    let pool = pool();
    pool.repository(NODE, "made", &repository.repo_file("made"));
    let go = |line: &str| clock.at(3600, pool.dnf(NODE).args(line.split(' ')));
    let told = format!("{TOLD}1970-01-01T01:0");
    go("makecache").success().complains(&told);
    go("install -y app").success().complains(&told);
    assert_eq!(pool.installed(NODE), ["app-1-1.noarch"]);
    go("history list").success().prints(" 1970-01-01 ");
    go("history info last").success().prints("Status         : Ok");
    go("check").success();
    go("verify --deep").success().prints("coherent");
    clock.at(3600, pool.redwrap(NODE).args(["--", "true"])).success();
    go("history undo -y last").success();
    assert!(pool.installed(NODE).is_empty());
    // Both transactions are in the order in which they were, with the right clock too.
    pool.install(NODE, &["other"]);
    let listed = pool
        .dnf(NODE)
        .args(["history", "list"])
        .run()
        .success()
        .never_says(TOLD);
    let ids: Vec<String> = listed
        .out()
        .lines()
        .skip(1)
        .map(|line| line.trim()[..1].to_owned())
        .collect();
    assert_eq!(ids, ["3", "2", "1"]);
}

/// Signatures that are not made yet vouch for nothing, and it is told why.
#[test]
fn signatures_of_the_future() {
    let clock = Clock::new();
    let key = Key::new("Ours <ours@redpak.invalid>");
    let repository = Repository::signed(&packages(), &key);
    let server = Server::new(repository.path());
    let pool = pool();
    let all = signed(&repository, &server, &key);
    for text in [all.clone(), all.replace("repo_gpgcheck=1", "repo_gpgcheck=0")] {
        pool.repository(NODE, "made", &text);
        let early = clock.at(3600, pool.dnf(NODE).args(["install", "-y", "app"]));
        early.refuses(1, &[TOLD]);
        assert!(pool.installed(NODE).is_empty());
        // What was left of it does not hinder.
        let late = pool.dnf(NODE).args(["install", "-y", "app"]).run();
        late.success().never_says(TOLD);
        assert_eq!(pool.installed(NODE), ["app-1-1.noarch"]);
        pool.dnf(NODE).args(["remove", "-y", "app"]).run().success();
    }
}

#[test]
fn after_2038() {
    let clock = Clock::new();
    let key = Key::new("Ours <ours@redpak.invalid>");
    let repository = Repository::signed(&packages(), &key);
    let server = Server::new(repository.path());
    let pool = pool();
    pool.repository(NODE, "made", &signed(&repository, &server, &key));
    for (time, year) in [(2_200_000_000, " 2039-"), (4_200_000_000, " 2103-")] {
        let go = |line: &str| clock.at(time, pool.dnf(NODE).args(line.split(' ')));
        go("makecache -y").success().never_says(TOLD);
        go("install -y app").success().never_says(TOLD);
        assert_eq!(pool.installed(NODE), ["app-1-1.noarch"]);
        go("history list").success().prints(year);
        go("check").success();
        go("verify --deep").success().prints("coherent");
        clock.at(time, pool.redwrap(NODE).args(["--", "true"])).success();
        go("remove -y app").success();
    }
    // For times beyond, packages and signatures have no number: nothing is changed, and it is told.
    let beyond = clock.at(5_000_000_000, pool.dnf(NODE).args(["install", "-y", "app"]));
    assert_ne!(beyond.code(), 0, "{}", beyond.report());
    beyond.complains(&format!("{TOLD}2128-06-11T"));
    assert!(pool.installed(NODE).is_empty());
    pool.install(NODE, &["app"]);
}

/// A key that has expired, judged as dnf5 judges it.
#[test]
fn a_key_that_has_expired_meanwhile() {
    let clock = Clock::new();
    let key = Key::expiring("Ours <ours@redpak.invalid>", 1_000_000);
    let repository = Repository::signed(&packages(), &key);
    let server = Server::new(repository.path());
    let all = signed(&repository, &server, &key);
    let packages_only = all.replace("repo_gpgcheck=1", "repo_gpgcheck=0");
    // rpm asks whether the key was good when it signed, gnupg (metadata) whether it is now.
    for (time, text, expected) in [
        (now(), &all, 0),
        (now() + 2_000_000, &packages_only, 0),
        (now() + 2_000_000, &all, 1),
    ] {
        let root = directory();
        let reposdir = root.path().join("etc/yum.repos.d");
        std::fs::create_dir_all(&reposdir).expect("the folder of repositories");
        std::fs::write(reposdir.join("made.repo"), text).expect("the repository");
        let plain = Run::command("dnf5").arg(format!("--installroot={}", root.path().display()));
        let plain = clock.at(time, plain.args(["--disable-plugin=*", "install", "-y", "app"]));
        let pool = pool();
        pool.repository(NODE, "made", text);
        let ours = clock.at(time, pool.dnf(NODE).args(["install", "-y", "app"]));
        assert_eq!(ours.code(), plain.code(), "{}\n{}", ours.report(), plain.report());
        ours.exits(expected);
        assert_eq!(pool.installed(NODE).is_empty(), expected != 0);
    }
}

/// Caches age by the clock.
#[test]
fn caches_age() {
    let clock = Clock::new();
    let repository = Repository::new(&packages());
    let server = Server::new(repository.path());
    let pool = pool();
    pool.repository(
        NODE,
        "made",
        &repository.repo_file("made").replace(&repository.url(), &server.url()),
    );
    pool.dnf(NODE).args(["makecache"]).run().success();
    let asked = |time| {
        let before = server.requests("repomd.xml");
        clock
            .at(time, pool.dnf(NODE).args(["repoquery", "app"]))
            .success()
            .prints("app-0:1-1.noarch");
        server.requests("repomd.xml") - before
    };
    assert_eq!(asked(now() + 3600), 0, "an hour later");
    assert_ne!(asked(now() + 3 * 86_400), 0, "three days later");
    assert_ne!(asked(2_200_000_000), 0, "in 2039");
    // As with dnf5 a cache of the future is good for its time; --refresh asks.
    let before = server.requests("repomd.xml");
    clock
        .at(3600, pool.dnf(NODE).args(["--refresh", "repoquery", "app"]))
        .success()
        .complains(TOLD);
    assert_ne!(server.requests("repomd.xml"), before, "in 1970");
}

/// libdnf5 and rpm write it down as the time of a transaction; nothing else depends on it.
#[test]
fn source_date_epoch_decides_nothing() {
    let key = Key::new("Ours <ours@redpak.invalid>");
    let repository = Repository::signed(&packages(), &key);
    let server = Server::new(repository.path());
    for epoch in ["1", "5000000000", "-1", "tomorrow"] {
        let pool = pool();
        pool.repository(NODE, "made", &signed(&repository, &server, &key));
        let go = |line: &str| {
            let run = pool.dnf(NODE).args(line.split(' '));
            run.env("SOURCE_DATE_EPOCH", epoch).run()
        };
        go("install -y app").success();
        assert_eq!(pool.installed(NODE), ["app-1-1.noarch"]);
        go("verify --deep").success().prints("coherent");
        pool.dnf(NODE).args(["verify", "--deep"]).run().success();
        let launched = pool.redwrap(NODE).args(["--", "true"]);
        launched.env("SOURCE_DATE_EPOCH", epoch).run().success();
        go("history undo -y last").success();
        assert!(pool.installed(NODE).is_empty());
    }
}
