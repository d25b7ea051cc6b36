//! Databases of others, and of noise.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use redpak_testing::{Pool, ReadOnlyImage, Run, Tree, User, built_program, skip};

use crate::pool;

/// Another user's database: read, checked and launched, and not touched.
#[test]
fn another_users_node_is_read() {
    let Some(other) = User::unprivileged() else {
        return skip("there is no unprivileged user");
    };
    if !User::is_root() {
        return skip("becoming another user takes root");
    }
    let (pool, _repository) = pool(&["one"]);
    pool.install("node", &["one"]);
    let node = pool.node("node");
    fs::set_permissions(pool.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("readable");
    for log in [None, Some("rpmdb.sqlite-wal")] {
        if let Some(log) = log {
            let _ = fs::remove_file(node.join("var/lib/rpm").join(log));
        }
        let before = Tree::of(&node);
        let dnf = |arguments: &[&str]| Run::dnf(&node).user(&other).args(arguments).run();
        dnf(&["repoquery", "--installed"]).success().prints("one");
        dnf(&["verify", "--deep"]).success();
        before.unchanged();
    }
}

/// A node in the image of a device: nothing can be written there, by nobody, and the user is another. sqlite's log is there with what rpm
/// had not yet put into the database, it is empty, or there is none.
#[test]
fn a_node_in_a_read_only_image_is_read_by_anybody() {
    let Some(other) = User::unprivileged().filter(|_| User::is_root()) else {
        return skip("mounting an image and becoming another user takes root");
    };
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one"]);
    fs::set_permissions(pool.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("readable");
    let log = pool.node("node/var/lib/rpm/rpmdb.sqlite-wal");
    let prepare: [(&str, &dyn Fn()); 3] = [
        ("empty", &|| assert_eq!(fs::metadata(&log).expect("a log").len(), 0)),
        ("none", &|| {
            fs::remove_file(&log).expect("removed");
            fs::remove_file(log.with_file_name("rpmdb.sqlite-shm")).expect("removed");
        }),
        ("full", &|| {
            let install = pool.dnf("node").args(["install", "-y", "two"]);
            install.env("REDPAK_TEST_FAILURE_POINT", "kill:completed").run();
            assert!(fs::metadata(&log).expect("a log").len() > 0);
            fs::remove_file(pool.node("node/.rednode.journal")).expect("forgotten");
        }),
    ];
    for (state, prepare) in prepare {
        prepare();
        let Some(_image) = ReadOnlyImage::over(pool.path()) else {
            return skip("an erofs cannot be mounted here");
        };
        let node = pool.node("node");
        let packages = if state == "full" { "one\ntwo\n" } else { "one\n" };
        for user in [&User::current(), &other] {
            let dnf = |arguments: &[&str]| Run::dnf(&node).user(user).args(arguments).run();
            let list = dnf(&["repoquery", "--installed", "--qf", "%{name}\n"]).success();
            assert_eq!(list.out(), packages, "{state}: {}", list.report());
            dnf(&["verify", "--deep"]).success().prints("coherent");
            dnf(&["check"]).success();
            let refused = dnf(&["remove", "-y", "one"]);
            refused.check(|run| run.code() == 1, "a refusal").never_says("panicked");
            let launch = Run::redwrap(&node).user(user).args(["--", "echo", "started"]);
            launch.run().success().prints("started");
        }
    }
}

/// Bytes of the database turned over: an answer, in time, and never a crash.
#[test]
fn a_database_of_noise_crashes_nobody() {
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one", "two"]);
    make_noise(&pool, &["rpmdb.sqlite"], false);
}

/// The same for rpm's other format, whose reader is librpm's own: the packages, and the index. Whoever launches is answered; a query may
/// die, contained.
#[test]
fn a_database_of_noise_in_rpms_own_format_crashes_nobody() {
    if !User::is_root() {
        return skip("plain rpm changes its root, which takes root");
    }
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one", "two"]);
    let root = format!("--root={}", pool.node("node").display());
    let convert = Run::command("rpm").args([
        &root,
        "--dbpath=/var/lib/rpm",
        "--define",
        "_db_backend ndb",
        "--rebuilddb",
    ]);
    convert.run().success();
    assert!(!pool.node("node/var/lib/rpm/rpmdb.sqlite").exists());
    assert_eq!(pool.installed("node"), ["one-1-1.noarch", "two-1-1.noarch"]);
    pool.dnf("node").args(["verify", "--deep"]).run().success();
    make_noise(&pool, &["Packages.db", "Index.db"], true);
}

/// Lets everybody read a node whose rpmdb has noise in one of these files.
fn make_noise(pool: &Pool, files: &[&str], may_die: bool) {
    let node = pool.node("node");
    let files = files.iter().map(|name| node.join("var/lib/rpm").join(name));
    let files: Vec<(PathBuf, Vec<u8>)> = files
        .map(|file| (file.clone(), fs::read(file).expect("the database")))
        .collect();
    let limit: u64 = std::env::var("REDPAK_TEST_FUZZ_SECONDS").map_or(4, |text| text.parse().expect("a number"));
    let begin = std::time::Instant::now();
    let mut state = std::process::id().into();
    let mut random = move || {
        // A step of splitmix64.
        state = u64::wrapping_add(state, 0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) as usize
    };
    let mut rounds = 0;
    while begin.elapsed() < Duration::from_secs(limit) {
        let (file, sound) = &files[rounds % files.len()];
        let mut bytes = sound.clone();
        // What leads to the rest stands at the beginning.
        let end = if random() % 2 == 0 {
            bytes.len()
        } else {
            bytes.len().min(4096)
        };
        for _ in 0..1 + random() % 64 {
            let place = random() % end;
            bytes[place] = random() as u8;
        }
        if random() % 4 == 0 {
            bytes.truncate(random() % bytes.len());
        }
        fs::write(file, &bytes).expect("written");
        let check = Run::command(built_program("redwrap-check")).arg(&node).run();
        let has_crashed = check.code() >= 128 || check.err().contains("panicked");
        assert!(!has_crashed, "{}", check.report());
        if rounds % 4 < files.len() {
            let list = pool.dnf("node").args(["repoquery", "--installed"]).run();
            // librpm maps its own format into memory: where a file is too short,
            // the confined process dies of SIGBUS, which is told.
            let is_told = may_die
                && list
                    .err()
                    .contains("redwrap-dnf died of SIGBUS before anything was changed");
            let has_crashed = list.code() >= 128 && !is_told || list.err().contains("panicked");
            assert!(!has_crashed, "{}", list.report());
        }
        fs::write(file, sound).expect("mended");
        rounds += 1;
    }
    assert!(rounds > 3, "{rounds}");
}
