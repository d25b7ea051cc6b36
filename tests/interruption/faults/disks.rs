//! Full disks, and those that cannot be written.

use std::fs;
use std::path::Path;

use redpak_testing::{Package, Repository, Run, SmallFilesystem, Tree, User, skip, tool};

#[test]
fn a_disk_that_is_full_anywhere_leaves_the_old_state() {
    let Some(disk) = SmallFilesystem::new(16 * 1024, None) else {
        return skip("a tmpfs cannot be mounted here");
    };
    fill(&disk, &|node, step| {
        // Less and less is left.
        let free = 64 * (14 - step);
        let state = free_bytes(node) / 1024;
        let ballast = state.saturating_sub(free as u64) * 1024;
        fs::write(node.join("ballast"), vec![1; ballast as usize]).expect("ballast");
    });
}

#[test]
fn a_file_system_without_inodes_leaves_the_old_state() {
    let Some(disk) = SmallFilesystem::new(16 * 1024, Some(600)) else {
        return skip("a tmpfs cannot be mounted here");
    };
    fill(&disk, &|node, step| {
        fs::create_dir(node.join("ballast")).expect("ballast");
        let mut made = Vec::new();
        while let Ok(file) = fs::File::create(node.join("ballast").join(made.len().to_string())) {
            made.push(file);
        }
        for number in 0..made.len().min(20 * (14 - step) as usize) {
            fs::remove_file(node.join("ballast").join(number.to_string())).expect("removed");
        }
    });
}

/// Bytes that a file system has left.
fn free_bytes(path: &Path) -> u64 {
    let state = rustix::fs::statvfs(path).expect("a file system");
    state.f_bavail * state.f_frsize
}

/// Installs where less and less is left; the old state stays readable, and with room all goes on.
fn fill(disk: &SmallFilesystem, ballast: &dyn Fn(&Path, u32)) {
    let large = (0..100).fold(Package::new("large", "1-1"), |package, number| {
        let content: Vec<u8> = (0..4096_u32)
            .map(|byte| (byte.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        package.file(&format!("/usr/share/large/{number}"), content)
    });
    let repository = Repository::new(&[large, Package::new("small", "1-1").file("/usr/share/small", "small")]);
    let node = disk.path().join("node");
    let dnf = |arguments: &[&str]| Run::dnf(&node).args(arguments).run();
    dnf(&["manager", "--create", "--alias=node", "--no-system-node"]).success();
    fs::create_dir_all(node.join("etc/yum.repos.d")).expect("the folder of repositories");
    fs::write(node.join("etc/yum.repos.d/made.repo"), repository.repo_file("made")).expect("the repository");
    dnf(&["install", "-y", "small"]).success();
    let mut failed = 0;
    for step in 0..14 {
        ballast(&node, step);
        let run = dnf(&["install", "-y", "large"]);
        let interrupted = node.join(".rednode.journal").exists();
        let ballast = node.join("ballast");
        let _ = fs::remove_dir_all(&ballast).or_else(|_| fs::remove_file(&ballast));
        if run.code() == 0 {
            dnf(&["remove", "-y", "large"]).success();
            continue;
        }
        failed += 1;
        let told = run.err();
        assert!(!told.contains("panicked"), "{}", run.report());
        let words = [
            "space",
            "inodes",
            "disk full",
            "disk is full",
            "database or disk",
            "No space",
        ];
        assert!(
            words.iter().any(|word| told.contains(word)),
            "step {step}: {}",
            run.report()
        );
        let left = format!("The file system of {} has ", node.display());
        assert!(
            told.contains(&left) && told.contains(" bytes"),
            "step {step}: {}",
            run.report()
        );
        if interrupted {
            dnf(&["manager", "--repair"]).success();
        }
        let listed = dnf(&["repoquery", "--installed", "--qf", "%{name}\n"]).success().out();
        assert!(listed.contains("small"), "step {step}: {listed}");
        let left = fs::read_dir(node.join("usr/share/large")).map_or(0, Iterator::count);
        let expected = if listed.contains("large") { 100 } else { 0 };
        assert_eq!(left, expected, "step {step}: {}", run.report());
        dnf(&["verify", "--deep"]).success();
        if expected > 0 {
            dnf(&["remove", "-y", "large"]).success();
        }
    }
    assert!(failed > 0, "nothing was ever full");
    dnf(&["install", "-y", "large"]).success();
}

#[test]
fn a_read_only_node_is_queried_and_left_alone() {
    if !User::is_root() {
        return skip("mounting takes root");
    }
    let Some(disk) = SmallFilesystem::new(32 * 1024, None) else {
        return skip("a tmpfs cannot be mounted here");
    };
    let repository = Repository::new(&[
        Package::new("one", "1-1").file("/usr/share/one", "1"),
        Package::new("two", "1-1"),
    ]);
    let node = disk.path().join("node");
    let dnf = |arguments: &[&str]| Run::dnf(&node).args(arguments).run();
    dnf(&["manager", "--create", "--alias=node", "--no-system-node"]).success();
    fs::create_dir_all(node.join("etc/yum.repos.d")).expect("the folder of repositories");
    fs::write(node.join("etc/yum.repos.d/made.repo"), repository.repo_file("made")).expect("the repository");
    dnf(&["install", "-y", "one"]).success();
    let mount = disk.path().to_str().expect("UTF-8");
    for log in ["var/lib/rpm/rpmdb.sqlite-wal", "var/lib/rpm/rpmdb.sqlite-shm"] {
        // With the files that sqlite leaves, and without.
        tool("mount", ["-o", "remount,ro", mount]);
        let before = Tree::of(disk.path());
        dnf(&["list", "--installed"]).success().prints("one");
        dnf(&["repoquery", "--installed"]).success().prints("one");
        dnf(&["check"]).success();
        dnf(&["verify", "--deep"]).success();
        Run::redwrap(&node).args(["--", "true"]).run().success();
        let refused = dnf(&["install", "-y", "two"]);
        assert_eq!(refused.code(), 1, "{}", refused.report());
        assert!(refused.err().contains("Read-only file system"), "{}", refused.report());
        before.unchanged();
        tool("mount", ["-o", "remount,rw", mount]);
        let _ = fs::remove_file(node.join(log));
    }
}
