//! Commands of all kinds, interrupted at every stage and at random moments: the node is as before, or the next command repairs it.
//!
//! A few cases by default; `containers/crash [KILLS] [CUTS]` (REDPAK_TEST_KILLS, REDPAK_TEST_CUTS) tries as many as are asked for.
//! `REDPAK_TEST_CASE` runs a single one.

mod killing;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use killing::case::{self, Case, Kind};
use killing::consistency::consistency;
use killing::family::Store;
use killing::judge::{Judgement, judge};
use killing::random::Random;
use killing::snapshot::{Snapshot, leftovers};
use killing::workers;
use redpak_testing::{Entry, Package, Pool, Repository, Run, User, have, skip};

/// Cases that share their twins.
const IN_A_SCENE: usize = 8;

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |count| count.parse().expect("a number"))
}

/// Draws cases, or takes the one that is asked for, and judges them.
fn try_cases(what: &str, wanted: usize, cuts_power: bool) {
    if !User::is_root() {
        return skip("needs root");
    }
    let scenes = match std::env::var("REDPAK_TEST_CASE") {
        Ok(text) => {
            let case: Case = text.parse().expect("a case");
            if case.disk.is_some() != cuts_power {
                return;
            }
            assert_eq!(case::senseless(&case), None, "{case}");
            vec![(case.scene, vec![case])]
        }
        Err(_) => {
            // A few cases are to be of many scenes.
            let in_a_scene = (wanted / 10).clamp(1, IN_A_SCENE);
            case::draw(&mut Random::new(), wanted, in_a_scene, cuts_power)
        }
    };
    let sums = workers::run(&scenes);
    sums.show(what);
    assert_eq!((sums.all.lost, sums.all.stuck), (0, 0), "the cases are shown above");
    assert!(
        sums.all.tried < 10 || sums.all.repaired > 0,
        "nothing fell into a transaction"
    );
}

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    try_cases("points", number("REDPAK_TEST_KILLS", 40), false);
}

#[test]
fn when_the_power_goes_nothing_is_lost() {
    for program in ["mkfs.ext4", "mkfs.xfs", "mkfs.btrfs"] {
        if !have(program) {
            return skip(&format!("{program} is missing"));
        }
    }
    try_cases("power cuts", number("REDPAK_TEST_CUTS", 12), true);
}

/// A repair is killed too, at each point that it passes: the one after it repairs.
#[test]
fn a_killed_repair_is_repaired() {
    if !User::is_root() {
        return skip("needs root");
    }
    for (kind, point) in [
        (Kind::Install, "install:2"),
        (Kind::Upgrade, "install:2"),
        (Kind::Remove, "remove:2"),
    ] {
        let mut case: Case = format!("moment={point} target=itself").parse().expect("a case");
        case.scene.kind = kind;
        let mut store = Store::default();
        let mut family = store.prepare(case.scene, None).expect("a scene");
        family.restore();
        let killed = |run: Run, point: &str| run.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}")).run();
        killed(family.command(), point);
        assert!(family.is_interrupted(), "{kind:?}");
        for point in ["repair", "repair-cleaned", "journal", "composed", "ended"] {
            let repair = killed(family.dnf(&["manager", "--repair"]), point);
            assert!(repair.err().contains("was interrupted"), "{}", repair.report());
            assert!(repair.code() != 0, "{kind:?} did not pass {point}: {}", repair.report());
            assert!(family.is_interrupted(), "{kind:?} at {point}: {}", repair.report());
        }
        family
            .dnf(&["manager", "--repair"])
            .run()
            .success()
            .complains("was interrupted");
        let differences = Snapshot::of(&family.node).differences(&family.after);
        assert!(differences.is_empty(), "{kind:?}: {differences:?}");
        case.again = ["repair", "ended"].map(|point| point.parse().expect("a moment")).into();
        let judgement = judge(&mut family, &case);
        assert!(matches!(judgement, Judgement::Repaired), "{kind:?}: {judgement:?}");
    }
}

/// A case that is printed can be given back.
#[test]
fn a_case_is_read_as_it_is_printed() {
    for cuts_power in [false, true] {
        for (_, cases) in case::draw(&mut Random::new(), 200, 4, cuts_power) {
            for case in cases {
                let line = case.to_string();
                assert_eq!(line.parse::<Case>().expect("a case").to_string(), line);
            }
        }
    }
    assert!("moment=nowhere".parse::<Case>().is_err());
}

/// No value of a dimension is left out, and cases that make no sense are.
#[test]
fn every_value_comes_evenly() {
    for cuts_power in [false, true] {
        let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for (_, cases) in case::draw(&mut Random::new(), 4000, 4, cuts_power) {
            for case in cases {
                assert_eq!(case::senseless(&case), None, "{case}");
                for value in case.values() {
                    *counts.entry(value).or_default() += 1;
                }
            }
        }
        for (dimension, expected) in [
            ("kind", Kind::ALL.len()),
            ("packages", 6),
            ("configs", 3),
            ("who", 3),
            ("place", 2),
            ("around", 6),
            ("next", 2),
            ("again", 3),
        ] {
            let of_dimension = counts.iter().filter(|((name, _), _)| *name == dimension);
            let numbers: Vec<usize> = of_dimension.map(|(_, count)| *count).collect();
            assert_eq!(numbers.len(), expected, "{dimension}: {numbers:?}");
            let (least, most) = (numbers.iter().min(), numbers.iter().max());
            assert!(
                most <= least.map(|least| least * 5 / 2).as_ref(),
                "{dimension}: {numbers:?}"
            );
        }
        // Every point that a command passes, random times, and the success before a power cut.
        let moments = counts.keys().filter(|(name, _)| *name == "moment").count();
        assert_eq!(moments, if cuts_power { 22 } else { 21 });
        let last = if cuts_power { "disk" } else { "target" };
        assert_eq!(
            counts.keys().filter(|(name, _)| *name == last).count(),
            if cuts_power { 5 } else { 4 }
        );
    }
}

/// The judgement itself finds what a repair must not leave.
#[test]
fn what_is_lost_is_found() {
    let large = |version: u32| {
        let file = |number: u32| Entry::file(&format!("/usr/share/one/{number}"), format!("one {version}\n"));
        (0..9).fold(Package::new("one", &format!("{version}-1")), |package, number| {
            package.entry(file(number))
        })
    };
    let newer = large(2);
    let repository = Repository::new(&[large(1), newer.clone()]);
    let pool = Pool::with(&User::current(), &repository, &["node"]);
    pool.install("node", &["one-1"]);
    let node = pool.node("node");
    let kept = redpak_testing::directory();
    let copy = |from: &Path, to: &Path| {
        let _ = fs::remove_dir_all(to);
        redpak_testing::tool("cp", [Path::new("-a"), from, to]);
    };
    let kept = kept.path().join("kept");
    copy(&node, &kept);
    type Damage<'d> = (&'d str, &'d dyn Fn(&Path));
    let damages: [Damage<'_>; 4] = [
        ("a file is gone", &|path| fs::remove_file(path).unwrap()),
        ("a file is empty", &|path| fs::write(path, "").unwrap()),
        ("a temporary file", &|path| {
            fs::write(path.with_file_name("3;65ab01cd"), "").unwrap();
        }),
        ("a file that nobody owns", &|path| {
            fs::write(path.with_file_name("stray"), "").unwrap();
        }),
    ];
    assert_eq!(consistency(&pool, "node"), Ok(()));
    let whole = Snapshot::of(&node);
    for (what, damage) in damages {
        damage(&node.join("usr/share/one/3"));
        assert!(consistency(&pool, "node").is_err(), "{what}");
        let found = Snapshot::of(&node).differences(&whole);
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        copy(&kept, &node);
    }
    assert!(leftovers(&node).is_empty());
    for name in [
        "3;65ab01cd",
        "rpm-tmp.a1B2c3",
        ".redpak-1.tmp",
        ".rednode.journal",
        ".rednode.overlay",
    ] {
        fs::write(node.join("var").join(name), "").expect("a file");
        assert_eq!(leftovers(&node), [format!("var/{name}")]);
        fs::remove_file(node.join("var").join(name)).expect("it is there");
    }
    // Two versions of one package.
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
            repository.file(&newer).to_str().unwrap(),
        ],
    );
    assert!(consistency(&pool, "node").is_err(), "two versions");
    let found = Snapshot::of(&node).differences(&whole);
    assert!(found[0].starts_with("packages: "), "{found:?}");
}
