//! Other programs, full disks, read-only file systems, power cuts and noise in the way: commands are served in turn or refused, and nothing
//! is left half done without a word.

mod caches;
mod disks;
mod full_log;
mod interrupted;
mod noise;
mod order;
mod others;

use redpak_testing::{Package, Pool, Repository, User};

/// A node with a repository of `names`, each with a file.
pub fn pool(names: &[&str]) -> (Pool, Repository) {
    let package = |name: &&str| Package::new(name, "1-1").file(&format!("/usr/share/{name}"), *name);
    let repository = Repository::new(&names.iter().map(package).collect::<Vec<_>>());
    let pool = Pool::new(&User::current());
    pool.create("node");
    pool.repository("node", "made", &repository.repo_file("made"));
    (pool, repository)
}
