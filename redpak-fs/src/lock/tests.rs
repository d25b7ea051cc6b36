//! Locks of families that share ancestors.

use std::sync::mpsc;
use std::time::Duration;

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
    let told = waiting.to_string();
    assert!(told.starts_with(&format!("process {} (", std::process::id())), "{told}");
    assert!(
        told.ends_with(&format!("which holds {}", pool.lineage("a")[0].display())),
        "{told}"
    );
}

#[test]
fn who_waits_is_told_and_goes_on_afterwards() {
    let pool = Pool::new();
    let held = pool.change("a/b").unwrap();
    let (told, waits) = mpsc::channel();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            FamilyLock::acquire(&pool.lineage("a/b"), Purpose::Change, |waiting| {
                told.send(waiting.clone()).unwrap()
            })
        });
        let waiting = waits.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(waiting.node, pool.lineage("a/b")[1]);
        assert!(!waiter.is_finished());
        drop(held);
        waiter.join().unwrap().unwrap();
    });
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
