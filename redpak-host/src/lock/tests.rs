//! Locks of families that share ancestors.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::*;

/// A pool with a parent, two children and a grandchild.
struct Pool(tempfile::TempDir);

impl Pool {
    fn new() -> Self {
        let pool = Self(tempfile::tempdir().unwrap());
        for node in ["a/b/c", "a/d"] {
            std::fs::create_dir_all(pool.0.path().join(node)).unwrap();
        }
        pool
    }

    fn lineage(&self, leaf: &str) -> Vec<PathBuf> {
        let mut path = self.0.path().to_path_buf();
        leaf.split('/')
            .map(|name| {
                path.push(name);
                path.clone()
            })
            .collect()
    }

    fn change(&self, leaf: &str) -> Result<FamilyLock, LockError> {
        FamilyLock::try_acquire(&self.lineage(leaf), Purpose::Change)
    }
}

#[test]
fn a_node_excludes_those_above_and_below_but_not_its_siblings() {
    let pool = Pool::new();
    let held = pool.change("a/b").unwrap();
    for taken in ["a", "a/b", "a/b/c"] {
        assert!(matches!(pool.change(taken), Err(LockError::Busy(_))), "{taken}");
    }
    let sibling = pool.change("a/d").unwrap();
    drop(held);
    pool.change("a/b/c").unwrap();
    assert!(pool.change("a").is_err());
    drop(sibling);
    pool.change("a").unwrap();
}

#[test]
fn readers_share_and_hold_up_changes_of_every_node_of_the_family() {
    let pool = Pool::new();
    let read = |leaf: &str| FamilyLock::try_acquire(&pool.lineage(leaf), Purpose::Read);
    let _one = read("a/b").unwrap();
    let _two = read("a/b").unwrap();
    assert!(pool.change("a").is_err() && pool.change("a/b").is_err());
    pool.change("a/b/c").unwrap();
}

#[test]
fn a_failed_attempt_holds_nothing() {
    let pool = Pool::new();
    let leaf = pool.change("a/b/c").unwrap();
    assert!(pool.change("a/b").is_err());
    drop(leaf);
    pool.change("a").unwrap();
}

#[test]
fn the_holder_is_named() {
    let pool = Pool::new();
    let _held = pool.change("a/b").unwrap();
    let Err(LockError::Busy(waiting)) = pool.change("a") else {
        panic!("the parent was locked")
    };
    assert_eq!(
        waiting.holders.iter().map(|holder| holder.pid).collect::<Vec<_>>(),
        [std::process::id()]
    );
    // This program, with its arguments, as ps(1) shows them.
    let arguments: Vec<_> = std::env::args().collect();
    let command: String = arguments.join(" ").chars().take(80).collect();
    let told = waiting.to_string();
    let expected = format!("process {} ({command}", std::process::id());
    assert!(told.starts_with(&expected), "{told:?} does not start with {expected:?}");
    assert!(
        told.ends_with(&format!("), which holds {}", pool.lineage("a")[0].display())),
        "{told}"
    );
}

#[test]
fn each_holder_is_named() {
    let holder = |pid, command: &str| Holder {
        pid,
        command: command.into(),
    };
    for (holders, expected) in [
        (vec![], "a process that is not visible from here, which holds /pool/a"),
        (vec![holder(1, "")], "process 1, which holds /pool/a"),
        (
            vec![holder(1, "redwrap-dnf install jq"), holder(20, "sh")],
            "process 1 (redwrap-dnf install jq) and process 20 (sh), which hold /pool/a",
        ),
    ] {
        let node = "/pool/a".into();
        assert_eq!(Waiting { node, holders }.to_string(), expected);
    }
}

/// Waits until the kernel's lock table shows that somebody waits for this directory.
fn until_somebody_waits_for(directory: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    let inode = format!(":{}", std::fs::metadata(directory).unwrap().ino());
    let is_waiting = |line: &str| line.contains("-> FLOCK") && line.split(' ').any(|field| field.ends_with(&inode));
    let deadline = Instant::now() + Duration::from_secs(10);
    while !std::fs::read_to_string("/proc/locks").unwrap().lines().any(is_waiting) {
        assert!(Instant::now() < deadline, "nobody waits for {}", directory.display());
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_second_change_waits_until_the_first_ends() {
    let pool = Pool::new();
    let node = pool.lineage("a/b").remove(1);
    for (first, second) in [
        (Purpose::Change, Purpose::Change),
        (Purpose::Change, Purpose::Read),
        (Purpose::Read, Purpose::Change),
    ] {
        let held = FamilyLock::try_acquire(&pool.lineage("a/b"), first).unwrap();
        let (told, waits) = mpsc::channel();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let told = |waiting: &Waiting| told.send(waiting.clone()).unwrap();
                let lock = FamilyLock::acquire(&pool.lineage("a/b"), second, told).unwrap();
                (lock, Instant::now())
            });
            let waiting = waits.recv_timeout(Duration::from_secs(10)).unwrap();
            assert_eq!(waiting.node, node);
            assert_eq!(waiting.holders[0].pid, std::process::id());
            until_somebody_waits_for(&node);
            assert!(!waiter.is_finished(), "{second:?} goes on beside {first:?}");
            let ended = Instant::now();
            drop(held);
            let (_lock, acquired) = waiter.join().unwrap();
            assert!(ended <= acquired);
            assert!(pool.change("a/b").is_err(), "the second one holds it");
        });
        assert!(waits.try_recv().is_err(), "it says so once");
        pool.change("a/b").unwrap();
    }
}

#[test]
fn a_node_that_was_made_anew_meanwhile_is_locked_anew() {
    let pool = Pool::new();
    let held = pool.change("a/d").unwrap();
    let (told, waits) = mpsc::channel();
    std::thread::scope(|scope| {
        let waiter =
            scope.spawn(|| FamilyLock::acquire(&pool.lineage("a/d"), Purpose::Change, |_| told.send(()).unwrap()));
        waits.recv_timeout(Duration::from_secs(10)).unwrap();
        let node = pool.lineage("a/d").remove(1);
        std::fs::remove_dir(&node).unwrap();
        std::fs::create_dir(&node).unwrap();
        drop(held);
        let _lock = waiter.join().unwrap().unwrap();
        assert!(pool.change("a/d").is_err());
    });
}

#[test]
fn nothing_is_created_in_a_node() {
    let pool = Pool::new();
    let _lock = pool.change("a/d").unwrap();
    assert_eq!(std::fs::read_dir(pool.lineage("a/d").remove(1)).unwrap().count(), 0);
}

/// A link could be exchanged between the lock and the change, and a FIFO would hold its reader up.
#[test]
fn only_a_directory_is_locked() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    std::fs::create_dir(at("node")).unwrap();
    std::fs::write(at("file"), "").unwrap();
    std::os::unix::fs::symlink("node", at("link")).unwrap();
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    for name in ["file", "link", "fifo", "missing"] {
        let locked = FamilyLock::try_acquire(&[at(name)], Purpose::Change);
        assert!(matches!(locked, Err(LockError::Path(_))), "{name}: {locked:?}");
    }
    FamilyLock::try_acquire(&[at("node")], Purpose::Change).unwrap();
}
