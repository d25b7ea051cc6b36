//! red-pak against what its users would run instead: redwrap against bubblewrap given the same plan, redwrap-dnf against
//! `dnf5 --installroot` on the same repositories. Peers take turns, so that what else the machine does hits all alike.
//!
//! `REDPAK_BENCH_RUNS=N` sets the number of runs of the quick cases, others take fewer. Arguments choose cases by part of their name.

mod core_os;
mod launch;
mod measure;
mod packages;
mod table;

use measure::Case;

fn main() {
    // Passed by `cargo bench`, of no meaning here.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let runs = std::env::var("REDPAK_BENCH_RUNS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(60);
    let core_os = core_os::mount();
    let launch = launch::Family::new();
    let packages = packages::Roots::new(core_os.as_ref().map(tempfile::TempDir::path));
    let cases: Vec<Case> = launch.cases(runs).into_iter().chain(packages.cases(runs)).collect();
    let chosen = cases
        .into_iter()
        .filter(|case| wanted.is_empty() || wanted.iter().any(|part| case.name.contains(part)));
    table::print(&chosen.map(Case::run).collect::<Vec<_>>());
    drop(core_os);
}
