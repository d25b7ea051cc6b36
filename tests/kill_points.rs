//! Install, upgrade and remove, killed at every stage and at random moments: the node is as before, or the next command repairs it.
//!
//! A few points by default; `containers/crash [POINTS]` (REDPAK_TEST_KILL_POINTS) tries as many as are asked for.

mod killing;

use std::path::Path;
use std::time::Duration;

use killing::{Judgement, Kill, Step, Wards, consistency};
use redpak_testing::{Pool, Repository, User};

/// Stage borders, and which of several passages.
const POINTS: [&str; 17] = [
    "locked",
    "resolved",
    "downloaded",
    "judged",
    "view-dropped",
    "journal",
    "sealed",
    "install",
    "install:2",
    "unpacked",
    "unpacked:4",
    "installed:2",
    "remove",
    "remove:3",
    "removed:2",
    "completed",
    "ended",
];

/// What the points came to.
#[derive(Debug, Default)]
struct Sums {
    tried: usize,
    consistent: usize,
    repaired: usize,
    lost: Vec<String>,
}

impl Sums {
    fn add(&mut self, what: &str, judgement: Judgement) {
        self.tried += 1;
        match judgement {
            Judgement::Consistent => self.consistent += 1,
            Judgement::Repaired => self.repaired += 1,
            Judgement::Lost(reason) => self.lost.push(format!("{what}: {reason}")),
        }
    }
}

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    let wanted = std::env::var("REDPAK_TEST_KILL_POINTS").map_or(34, |count| count.parse().expect("a number"));
    let repository = Repository::new(&killing::packages());
    let pool = Pool::new(&User::current());
    pool.create("node");
    pool.repository("node", "made", &repository.repo_file("made"));
    let wards = Wards::prepare(&pool, "node");
    let mut sums = Sums::default();
    let mut random = killing::Random::new();
    let named = POINTS.iter().cycle().take(wanted / 2);
    for (round, point) in named.enumerate() {
        // Another step in each cycle through the points.
        let step = Step::ALL[(round + round / POINTS.len()) % Step::ALL.len()];
        let judgement = one(&wards, step, &Kill::AtPoint(point));
        sums.add(&format!("{step:?} at {point}"), judgement);
    }
    for round in 0..wanted - wanted / 2 {
        let step = Step::ALL[round % Step::ALL.len()];
        let (part, inner) = (random.up_to(1000), random.up_to(2) == 0);
        let after = wards.length(step) * part / 1000;
        let judgement = one(&wards, step, &Kill::After(after, inner));
        sums.add(&format!("{step:?} after {after:?}, inner: {inner}"), judgement);
    }
    println!(
        "points tried {}, consistent {}, repaired {}, lost {}",
        sums.tried,
        sums.consistent,
        sums.repaired,
        sums.lost.len()
    );
    assert!(sums.lost.is_empty(), "{}", sums.lost.join("\n"));
    assert!(sums.repaired > 0, "no kill fell into a transaction");
}

/// A repair is killed too: the one after it repairs.
#[test]
fn a_killed_repair_is_repaired() {
    let repository = Repository::new(&killing::packages());
    let pool = Pool::new(&User::current());
    pool.create("node");
    pool.repository("node", "made", &repository.repo_file("made"));
    let wards = Wards::prepare(&pool, "node");
    for step in Step::ALL {
        wards.restore(step);
        wards.kill(
            step,
            &Kill::AtPoint(if step == Step::Remove { "remove:2" } else { "install:2" }),
        );
        assert!(wards.is_interrupted(), "{step:?}");
        for point in ["repair", "repair-cleaned", "journal", "ended"] {
            let next = wards
                .next()
                .env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}"))
                .run();
            assert!(next.err().contains("was interrupted"), "{}", next.report());
            assert!(wards.is_interrupted(), "{step:?} at {point}: {}", next.report());
        }
        assert!(
            matches!(wards.judge(step), Judgement::Repaired),
            "{step:?}: {:?}",
            wards.judge(step)
        );
    }
}

/// One point: what came of it.
fn one(wards: &Wards<'_>, step: Step, kill: &Kill<'_>) -> Judgement {
    wards.restore(step);
    wards.kill(step, kill);
    wards.judge(step)
}

/// The judgement itself finds what a repair must not leave.
#[test]
fn what_is_lost_is_found() {
    let repository = Repository::new(&killing::packages());
    let pool = Pool::new(&User::current());
    pool.create("node");
    pool.repository("node", "made", &repository.repo_file("made"));
    let wards = Wards::prepare(&pool, "node");
    wards.restore(Step::Upgrade);
    let node = pool.node("node");
    let at = |path: &str| node.join(path);
    type Damage<'d> = (&'d str, &'d dyn Fn(&Path));
    let damages: [Damage<'_>; 4] = [
        ("a file is gone", &|path| std::fs::remove_file(path).unwrap()),
        ("a file is empty", &|path| std::fs::write(path, "").unwrap()),
        ("a temporary file", &|path| {
            std::fs::write(path.with_file_name("3;65ab01cd"), "").unwrap();
        }),
        ("a file that nobody owns", &|path| {
            std::fs::write(path.with_file_name("stray"), "").unwrap();
        }),
    ];
    assert_eq!(consistency(&pool, "node"), Ok(()));
    for (what, damage) in damages {
        damage(&at("usr/share/one/3"));
        assert!(consistency(&pool, "node").is_err(), "{what}");
        wards.restore(Step::Upgrade);
    }
    // Two versions of one package.
    let newer = std::fs::read_dir(repository.path()).unwrap().flatten();
    let newer = newer
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().contains("/one-2-1."));
    redpak_testing::tool(
        "rpm",
        [
            "--root",
            node.to_str().unwrap(),
            "--dbpath=/var/lib/rpm",
            "-i",
            "--force",
            "--nodeps",
            "--noscripts",
            "--nosignature",
            newer.unwrap().to_str().unwrap(),
        ],
    );
    assert!(consistency(&pool, "node").is_err(), "two versions");
    assert!(Duration::ZERO < wards.length(Step::Install));
}
