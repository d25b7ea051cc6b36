//! Six workers on one family, whose commands are killed at random: nobody is told that something is missing where a node is merely
//! being changed, every command ends, and one repair of each node leaves all of them consistent.
//!
//! `REDPAK_TEST_WORKER_SECONDS` says how long they work; `REDPAK_TEST_SEED` repeats what they choose, though not when it happens.

mod working;

use std::time::Duration;

use redpak_testing::{User, skip};

use working::{Family, work};

/// In the ordinary run.
const SECONDS: u64 = 20;

#[test]
fn workers_and_kills_leave_a_consistent_family() {
    if !User::is_root() {
        return skip("plain rpm changes its root, which takes root");
    }
    let seconds = std::env::var("REDPAK_TEST_WORKER_SECONDS").map_or(SECONDS, |text| text.parse().expect("a number"));
    let family = Family::new();
    let mut report = work(&family, Duration::from_secs(seconds));
    family.repair().unwrap_or_else(|reason| report.alarms.push(reason));
    family.consistent().unwrap_or_else(|reason| report.alarms.push(reason));
    println!("{report}");
    assert!(report.alarms.is_empty(), "{}", report.alarms.join("\n\n"));
    assert!(
        report.killed > 0 && report.done() > report.killed,
        "too little happened: {report}"
    );
}

/// The look at the end finds what must not be left.
#[test]
fn what_is_left_over_is_found() {
    if !User::is_root() {
        return skip("plain rpm changes its root, which takes root");
    }
    let family = Family::new();
    assert_eq!(family.consistent(), Ok(()));
    for name in [
        ".rednode.journal",
        ".rednode.overlay",
        "usr/share/base/data;65ab01cd",
        "var/tmp/rpm-tmp.abcdef",
        "etc/.redpak-1-1.tmp",
    ] {
        family.pool.write(working::LEAF, name, "");
        assert!(family.consistent().is_err(), "{name}");
        std::fs::remove_file(family.pool.node(working::LEAF).join(name)).expect("remove what was left");
    }
    std::fs::remove_file(family.pool.node(working::PLATFORM).join("usr/share/base/data")).expect("remove a file");
    assert!(family.consistent().is_err(), "a file is gone");
}
