//! What the tests of the safe layer share. librpm's state is one per process, so the tests of a binary take turns.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod generated;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use librpm::Engine;
use redpak_packages::NodeDatabase;
use redpak_testing::{Package, User, build_packages, register_with_rpm};
use tempfile::TempDir;

static TURN: Mutex<()> = Mutex::new(());

/// Waits for this process's librpm. A test that failed meanwhile has given it back all the same.
pub fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `test` with an engine of its own.
pub fn with_engine<T>(test: impl FnOnce(&Engine) -> T) -> T {
    let _turn = turn();
    let engine = Engine::start().expect("librpm can be used");
    test(&engine)
}

/// A node: a directory with an rpmdb that rpm itself made.
#[derive(Debug)]
pub struct Node {
    directory: TempDir,
}

impl Node {
    /// A node without an rpmdb.
    pub fn empty() -> Self {
        Self {
            directory: redpak_testing::directory(),
        }
    }

    /// A node with these packages, installed one after the other: the first one has header number 1.
    pub fn with(packages: &[Package]) -> Self {
        let node = Self::empty();
        node.install(packages);
        node
    }

    pub fn install(&self, packages: &[Package]) {
        let built = redpak_testing::directory();
        for path in build_packages(packages, built.path()) {
            register_with_rpm(self.path(), &[path]);
        }
    }

    pub fn remove(&self, name: &str) {
        let root = self.path().to_str().expect("temporary paths are UTF-8");
        redpak_testing::tool(
            "rpm",
            [
                "--root",
                root,
                "--dbpath=/var/lib/rpm",
                "-e",
                "--nodeps",
                "--noscripts",
                name,
            ],
        );
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn folder(&self) -> PathBuf {
        self.path().join("var/lib/rpm")
    }

    pub fn file(&self) -> PathBuf {
        self.folder().join("rpmdb.sqlite")
    }

    pub fn database(&self, engine: &Engine) -> NodeDatabase {
        NodeDatabase::locate(engine, self.path()).expect("the node's rpmdb can be located")
    }

    /// Everything in the node: names, sizes and times, to show that nothing was touched. Not sqlite's shared memory,
    /// where readers leave marks for writers.
    pub fn listing(&self) -> String {
        let root = self.path().to_str().expect("UTF-8");
        redpak_testing::tool("find", [root, "-name", "*-shm", "-o", "-printf", "%P %y %s %m %T@\n"])
    }
}

/// Somebody else than root, for tests that run as root.
pub fn other_user() -> Option<User> {
    User::unprivileged()
        .or_else(|| User::named("nobody"))
        .filter(|_| User::is_root())
}

/// Names of the packages in a node, as this crate reads them.
pub fn names(engine: &Engine, node: &Node) -> Vec<String> {
    let packages = redpak_packages::snapshot::read(engine, &node.database(engine))
        .expect("the rpmdb can be read")
        .packages;
    packages
        .into_iter()
        .map(|package| package.name.into_string().expect("UTF-8"))
        .collect()
}
