//! Databases of others, and of noise.

use std::fs;
use std::time::Duration;

use redpak_testing::{Run, Tree, User, built_program, skip};

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

/// Bytes of the database turned over: an answer, in time, and never a crash.
#[test]
fn a_database_of_noise_crashes_nobody() {
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one", "two"]);
    let node = pool.node("node");
    let file = node.join("var/lib/rpm/rpmdb.sqlite");
    let sound = fs::read(&file).expect("the database");
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
        let mut bytes = sound.clone();
        for _ in 0..1 + random() % 64 {
            let place = random() % bytes.len();
            bytes[place] = random() as u8;
        }
        if random() % 4 == 0 {
            bytes.truncate(random() % bytes.len());
        }
        fs::write(&file, &bytes).expect("written");
        let check = Run::command(built_program("redwrap-check")).arg(&node).run();
        assert!(
            check.code() < 128 && !check.err().contains("panicked"),
            "{}",
            check.report()
        );
        if rounds % 4 == 0 {
            let list = pool.dnf("node").args(["repoquery", "--installed"]).run();
            assert!(
                list.code() < 128 && !list.err().contains("panicked"),
                "{}",
                list.report()
            );
        }
        rounds += 1;
    }
    assert!(rounds > 3, "{rounds}");
}
