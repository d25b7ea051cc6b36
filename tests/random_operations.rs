//! Random operations on a family of six nodes: whatever is done in whatever order, the family stays coherent, nothing changes in other
//! nodes than the one that is meant, and what is refused is refused for a reason.
//!
//! `REDPAK_TEST_OPERATIONS` says how many; `REDPAK_TEST_SEED` repeats a run.

mod operations;

use redpak_testing::{Random, User, skip};

use operations::Family;

/// In the ordinary run.
const OPERATIONS: usize = 40;

#[test]
fn whatever_is_done_the_family_stays_coherent() {
    if !User::is_root() {
        return skip("plain rpm and dnf5 change their root, which takes root");
    }
    let wanted = std::env::var("REDPAK_TEST_OPERATIONS").map_or(OPERATIONS, |count| count.parse().expect("a number"));
    let mut random = Random::new();
    let mut family = Family::new();
    let sums = operations::run(&mut family, &mut random, wanted).unwrap_or_else(|reason| panic!("{reason}"));
    println!(
        "operations {wanted}, done {}, refused {}: {:?}",
        sums.done, sums.refused, sums.commands
    );
    assert!(sums.done > 0, "nothing was done: {sums:?}");
}
