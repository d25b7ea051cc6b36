//! Transactions that are killed or cut off, and what the next commands make of them: cases that lost something once.

use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Outcome, Package, Pool, Repository, Run, Scriptlet, User, directory, flip_byte, package, tool};

mod configuration;
mod leftovers;
mod neighbours;
mod scriptlets;

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";
const STATE: &str = "usr/lib/sysimage/libdnf5";

/// Scriptlets need a shell, which the family has.
fn shell() -> Package {
    Package::new("shell", "1-1").provides("/bin/sh").provides("/usr/bin/sh")
}

fn pool_with_shell(packages: Vec<Package>) -> (Repository, Pool) {
    pool_of(&User::current(), packages)
}

fn pool_of(user: &User, packages: Vec<Package>) -> (Repository, Pool) {
    let repository = Repository::new(&[vec![shell()], packages].concat());
    let pool = Pool::with(user, &repository, &[PLATFORM, LEAF]);
    pool.install(PLATFORM, &["shell"]);
    (repository, pool)
}

fn dnf(pool: &Pool, words: &str) -> Run {
    pool.dnf(LEAF).args(["-y", "--releasever=1"]).args(words.split(' '))
}

/// Kills a command where it passes a point.
fn kill(pool: &Pool, words: &str, point: &str) -> Outcome {
    let run = dnf(pool, words).env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}"));
    run.run().check(|outcome| outcome.code() > 128, "to be killed")
}

fn repair(pool: &Pool) -> Outcome {
    dnf(pool, "manager --repair").run()
}

/// The node is complete: for this program, for rpm and for a launch.
fn require_whole(pool: &Pool) {
    dnf(pool, "check").run().success();
    dnf(pool, "verify --deep").run().success();
    let node = pool.node(LEAF);
    assert!(!node.join(".rednode.journal").exists() && !node.join(".rednode.overlay").exists());
}

/// A node that can be put back as it was.
struct Kept {
    place: tempfile::TempDir,
    node: PathBuf,
}

impl Kept {
    fn of(pool: &Pool) -> Self {
        let kept = Self {
            place: directory(),
            node: pool.node(LEAF),
        };
        tool("cp", [Path::new("-a"), &kept.node, &kept.place.path().join("node")]);
        kept
    }

    fn restore(&self) {
        fs::remove_dir_all(&self.node).expect("the node can be removed");
        tool("cp", [Path::new("-a"), &self.place.path().join("node"), &self.node]);
    }
}

/// The files of the package cache, which a command that succeeds deletes.
fn package_files(pool: &Pool) -> Vec<PathBuf> {
    let cache = pool.node(LEAF).join("var/cache/libdnf5");
    let listed = tool("find", [cache.as_os_str(), "-name".as_ref(), "*.rpm".as_ref()]);
    listed.lines().map(PathBuf::from).collect()
}

#[test]
fn a_killed_reinstallation_loses_no_package() {
    let repository = Repository::new(&[package("a", 1), package("b", 1).requires("c"), package("c", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a b").run().success();
    let installed = pool.installed(LEAF);
    let kept = Kept::of(&pool);
    for point in [
        "install:2",
        "installed",
        "installed:3",
        "remove",
        "remove:3",
        "removed",
        "removed:2",
        "completed",
    ] {
        kept.restore();
        kill(&pool, "reinstall a b c", point);
        repair(&pool).success().complains("was interrupted");
        // Another command finds nothing to repair.
        dnf(&pool, "remove nothing-of-this-name")
            .run()
            .never_says("interrupted");
        assert_eq!(pool.installed(LEAF), installed, "{point}");
        require_whole(&pool);
        dnf(&pool, "remove a b").run().success();
        assert_eq!(pool.installed(LEAF), [""; 0], "c is a dependency after {point}");
    }
}

/// The repair is a transaction of its own, which registers packages twice in its turn.
#[test]
fn a_repair_that_is_killed_loses_no_package() {
    let repository = Repository::new(&["a", "b", "c"].map(|name| package(name, 1)));
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a b c").run().success();
    let installed = pool.installed(LEAF);
    let kept = Kept::of(&pool);
    for first in ["installed:2", "remove:2"] {
        for second in ["journal", "install", "installed", "remove", "removed", "completed"] {
            kept.restore();
            kill(&pool, "reinstall a b c", first);
            // What was registered is damaged, so the repair installs it again.
            fs::write(pool.node(LEAF).join("usr/share/a"), "cut off").expect("a packaged file");
            for _ in 0..2 {
                let run = dnf(&pool, "manager --repair");
                run.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{second}")).run();
            }
            repair(&pool).success();
            assert_eq!(pool.installed(LEAF), installed, "{first}, then {second}");
            require_whole(&pool);
        }
    }
}

#[test]
fn an_interrupted_downgrade_with_a_damaged_file_is_repaired() {
    let repository = Repository::new(&[package("a", 1), package("a", 2)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a-1").run().success();
    dnf(&pool, "upgrade a").run().success();
    let kept = Kept::of(&pool);
    for words in ["downgrade a", "history undo last"] {
        for point in ["remove", "installed"] {
            kept.restore();
            kill(&pool, words, point);
            assert_eq!(
                pool.installed(LEAF).len(),
                if point == "remove" { 2 } else { 1 },
                "{words} at {point}"
            );
            fs::write(pool.node(LEAF).join("usr/share/a"), "cut off").expect("a packaged file");
            repair(&pool).success();
            assert_eq!(pool.installed(LEAF), ["a-1-1.noarch"], "{words} at {point}");
            require_whole(&pool);
        }
    }
}

#[test]
fn what_cannot_be_repaired_is_named_each_time() {
    let moves = "os.rename('/usr/share/app', '/usr/share/moved')";
    let repository = Repository::new(&[
        package("app", 1),
        package("app", 2).scriptlet_for("<lua>", Scriptlet::PreTrans, moves),
        package("other", 1),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app-1").run().success();
    kill(&pool, "upgrade app", "install");
    let files = package_files(&pool);
    assert!(!files.is_empty());
    files
        .iter()
        .for_each(|file| fs::remove_file(file).expect("a package file"));
    for number in 0..2 {
        let outcome = repair(&pool).exits(1);
        let outcome = outcome.complains("app-1-1.noarch").complains("reinstall");
        if number == 0 {
            outcome.complains("app-2-1.noarch (from ").complains("repository made)");
        }
    }
    // Others can be installed all the same, and so can this one.
    dnf(&pool, "install other").run().success();
    dnf(&pool, "reinstall app").run().success();
    repair(&pool).success();
    require_whole(&pool);
}

/// A package file that was damaged since, or is another package's, is as good as none.
#[test]
fn a_package_file_that_is_not_the_one_meant_is_not_used() {
    let repository = Repository::new(&[package("a", 1), package("b", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let kept = Kept::of(&pool);
    for is_damaged in [true, false] {
        kept.restore();
        kill(&pool, "install a", "install");
        let file = package_files(&pool).pop().expect("a package file");
        // The repository's own file may be the same one.
        let bytes = fs::read(&file).expect("a package file");
        fs::remove_file(&file).expect("ours");
        if is_damaged {
            fs::write(&file, bytes).expect("ours");
            flip_byte(&file, -20);
        } else {
            let other = tool(
                "find",
                [repository.path().as_os_str(), "-name".as_ref(), "b-1-1*.rpm".as_ref()],
            );
            fs::copy(other.trim(), &file).expect("another package");
        }
        let repaired = repair(&pool);
        repaired
            .complains("their files are gone")
            .complains("a-1-1.noarch")
            .never_says("These packages stay");
        assert!(pool.installed(LEAF).is_empty(), "{is_damaged}");
        dnf(&pool, "install a").run().success();
        require_whole(&pool);
    }
}

/// Options that keep packages away, or check those of the command line alone, do not stop a repair.
#[test]
fn options_that_the_transaction_passed_do_not_stop_its_repair() {
    let repository = Repository::new(&[package("a", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let kept = Kept::of(&pool);
    for (line, option) in [
        ("excludepkgs=a", "--setopt=disable_excludes=*"),
        ("localpkg_gpgcheck=1", "--setopt=best=1"),
    ] {
        kept.restore();
        pool.write(LEAF, "etc/dnf/dnf.conf", format!("[main]\n{line}\n"));
        kill(&pool, &format!("install a {option}"), "install");
        let repaired = repair(&pool).success().complains("installing a-1-1.noarch");
        repaired.never_says("These packages stay");
        assert_eq!(pool.installed(LEAF), ["a-1-1.noarch"], "{line}");
        require_whole(&pool);
    }
}

/// The new version is registered, and the old one has to go.
#[test]
fn an_interrupted_upgrade_of_a_protected_package_is_repaired() {
    let repository = Repository::new(&[package("a", 1), package("a", 2)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a-1").run().success();
    pool.write(LEAF, "etc/dnf/dnf.conf", "[main]\nprotected_packages=a\n");
    kill(&pool, "upgrade a", "remove");
    assert_eq!(pool.installed(LEAF), ["a-1-1.noarch", "a-2-1.noarch"]);
    repair(&pool).success();
    assert_eq!(pool.installed(LEAF), ["a-2-1.noarch"]);
    dnf(&pool, "remove a").run().exits(1).complains("protected");
}

/// What a repair cannot install takes nothing else with it, and does not stop the repair.
#[test]
fn a_lost_package_file_costs_no_other_package() {
    let b = |version| package("b", version).requires("lib");
    let repository = Repository::new(&[
        package("lib", 1),
        package("lib", 2),
        b(1),
        b(2).conflicts("lib < 2"),
        package("user", 1).requires("lib"),
        package("new", 1).requires("lib = 2"),
        package("other", 1),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install lib-1 b-1 user").run().success();
    let installed = pool.installed(LEAF);
    let kept = Kept::of(&pool);
    for (command, left_out, others) in [
        ("upgrade", "b-2-1.noarch", vec![]),
        ("install new other", "new-1-1.noarch", vec!["other-1-1.noarch"]),
    ] {
        kept.restore();
        kill(&pool, command, "install");
        let is_lib = |file: &&PathBuf| file.file_name().is_some_and(|name| name == "lib-2-1.noarch.rpm");
        let files = package_files(&pool);
        fs::remove_file(files.iter().find(is_lib).expect("a package file")).expect("removed");
        repair(&pool).success().complains("lib-2-1.noarch").complains(left_out);
        let mut wanted = installed.clone();
        wanted.extend(others.into_iter().map(str::to_owned));
        wanted.sort();
        assert_eq!(pool.installed(LEAF), wanted, "{command}");
        require_whole(&pool);
    }
}
