//! Caches that somebody deletes, cuts off or scribbles over: made anew or a clean error, and nothing wrong is installed.

use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Outcome, Package, flip_byte, tool, truncate};

use crate::pool;

/// Regular files below a directory, by their paths from it.
fn files(directory: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory.join(below)).expect("a directory").flatten() {
        let path = below.join(entry.file_name());
        match entry.file_type().expect("a type") {
            kind if kind.is_dir() => files(directory, &path, found),
            kind if kind.is_file() => found.push(path),
            _ => {}
        }
    }
}

#[test]
fn any_cache_file_may_be_damaged_at_any_time() {
    let (pool, repository) = pool(&["base"]);
    pool.install("node", &["base"]);
    pool.create("node/leaf");
    pool.repository("node/leaf", "made", &repository.repo_file("made"));
    repository.add(&[Package::new("one", "1-1")
        .requires("base")
        .file("/usr/share/one", "one")]);
    let keep = "keepcache=1";
    let install = || -> Outcome {
        let setopt = format!("--setopt={keep}");
        pool.dnf("node/leaf")
            .args(["install", "-y", "one", setopt.as_str()])
            .run()
    };
    install().success();
    pool.dnf("node/leaf").args(["remove", "-y", "one"]).run().success();
    let cache = pool.node("node/leaf").join("var/cache");
    let kept = redpak_testing::directory();
    let copy = kept.path().join("cache");
    tool("cp", [Path::new("-a"), &cache, &copy]);
    let mut all = Vec::new();
    files(&cache, Path::new(""), &mut all);
    assert!(
        all.iter().any(|path| path.extension().is_some_and(|end| end == "rpm")),
        "{all:?}"
    );
    assert!(
        all.iter().any(|path| path.extension().is_some_and(|end| end == "solv")),
        "{all:?}"
    );
    for (number, file) in all.iter().enumerate() {
        let damaged = cache.join(file);
        let length = fs::metadata(&damaged).expect("there").len();
        match number % 3 {
            _ if length < 2 => fs::remove_file(&damaged).expect("removed"),
            0 => truncate(&damaged, length / 2),
            1 => flip_byte(&damaged, i64::try_from(length / 2).expect("small")),
            _ => fs::remove_file(&damaged).expect("removed"),
        }
        let run = install();
        assert!(
            run.code() <= 1 && !run.err().contains("panicked"),
            "{}: {}",
            file.display(),
            run.report()
        );
        if run.code() == 0 {
            let text = fs::read_to_string(pool.node("node/leaf/usr/share/one"));
            assert!(
                text.is_ok_and(|text| text == "one"),
                "{}: {}",
                file.display(),
                run.report()
            );
            assert_eq!(pool.installed("node/leaf"), ["one-1-1.noarch"]);
            pool.dnf("node/leaf").args(["verify", "--deep"]).run().success();
            pool.dnf("node/leaf").args(["remove", "-y", "one"]).run().success();
        }
        fs::remove_dir_all(&cache).expect("removed");
        tool("cp", [Path::new("-a"), &copy, &cache]);
    }
    fs::remove_dir_all(&cache).expect("removed");
    install().success();
}
