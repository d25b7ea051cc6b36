//! A process that refreshes metadata again and again does not grow.

mod support;

use std::fs;

use libdnf5::RepoQuery;
use redpak_testing::{Package, Repository};
use support::{Root, load, nevras, query, turn};

/// Enough that a kilobyte or a descriptor lost in each is seen.
const REFRESHES: usize = 200;

#[test]
fn memory_and_descriptors_stay_as_they_are() {
    let turn = turn();
    let packages: Vec<Package> = (0..20)
        .map(|n| Package::new(&format!("p{n}"), "1-1").requires("app"))
        .chain([Package::new("app", "1-1")])
        .collect();
    let root = Root::with(Repository::new(&packages));
    let refresh = || {
        let base = root.base(&turn.engine);
        for repo in RepoQuery::new(&base).unwrap().list().unwrap() {
            repo.expire().unwrap();
        }
        load(&base);
        assert_eq!(nevras(&query(&base)).len(), packages.len());
    };
    // `containers/crash` tries more.
    let wanted = std::env::var("REDPAK_TEST_REFRESHES").map_or(REFRESHES, |count| count.parse().expect("a number"));
    // Until pools and caches of the libraries have their size.
    (0..30).for_each(|_| refresh());
    let before = (resident(), descriptors());
    (0..wanted).for_each(|_| refresh());
    let after = (resident(), descriptors());
    assert_eq!(after.1, before.1, "descriptors");
    let grown = after.0.saturating_sub(before.0);
    assert!(grown < 4096, "{grown} KiB in {wanted} refreshes");
}

/// Memory in use, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("the status of the process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("its memory");
    let number = line.split_whitespace().nth(1).expect("a number");
    number.parse().expect("a number")
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("the descriptors").count()
}
