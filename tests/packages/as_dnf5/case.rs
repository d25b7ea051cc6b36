//! A case, and how it is carried out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use redpak_testing::{Outcome, Pool, Repository, Run, Tree, User, directory};

const ALONE: &str = "alone";
const PLATFORM: &str = "platform";
const LEAF: &str = "platform/leaf";
/// What is prepared is what is named, whatever obsoletes it.
const PREPARE: &[&str] = &["--setopt=obsoletes=0", "install"];

/// One command and what it has to come to.
pub struct Case<'c> {
    /// What is asked for in dnf5's root, in the single node and in the leaf.
    pub command: &'c [&'c str],
    /// Installed in the platform before.
    pub platform: &'c [&'c str],
    /// Installed in the leaf before.
    pub leaf: &'c [&'c str],
    /// What is in the leaf afterwards.
    pub after: After<'c>,
}

/// The end of a command in the leaf.
pub enum After<'c> {
    /// `NAME-VERSION-RELEASE.ARCH` of all that the leaf holds.
    Leaf(&'c [&'c str]),
    /// Refused with these words, because an ancestor's package would change; dnf5 does it in its one root.
    Refused(&'c [&'c str]),
    /// It fails as it fails in dnf5's root, with the same words.
    Fails,
}

/// What came of a command somewhere.
struct Seen {
    outcome: Outcome,
    installed: BTreeSet<String>,
}

impl Case<'_> {
    /// Carries it out in all three places.
    #[track_caller]
    pub fn check(&self, repository: &Repository) {
        let by_dnf5 = self.in_dnf5s_root(repository);
        self.alone(repository, &by_dnf5);
        self.in_a_family(repository, &by_dnf5);
    }

    fn prepared(&self) -> Vec<&str> {
        [self.platform, self.leaf].concat()
    }

    fn in_dnf5s_root(&self, repository: &Repository) -> Seen {
        let root = directory();
        let repos = root.path().join("etc/yum.repos.d");
        fs::create_dir_all(&repos).expect("make the directory of repositories");
        fs::write(repos.join("made.repo"), repository.repo_file("made")).expect("write a repository");
        let dnf5 = |arguments: &[&str]| {
            let installroot = format!("--installroot={}", root.path().display());
            Run::command("dnf5").args([installroot.as_str(), "-y"]).args(arguments)
        };
        for part in [self.platform, self.leaf] {
            if !part.is_empty() {
                dnf5(&[PREPARE, part].concat()).run().success();
            }
        }
        let outcome = dnf5(self.command).run();
        let installed = installed(root.path());
        Seen { outcome, installed }
    }

    /// A family of one prints what dnf5 prints.
    #[track_caller]
    fn alone(&self, repository: &Repository, by_dnf5: &Seen) {
        let pool = Pool::with(&User::current(), repository, &[ALONE]);
        let prepared = self.prepared();
        if !prepared.is_empty() {
            install(&pool, ALONE, &prepared);
        }
        let outcome = pool.dnf(ALONE).arg("-y").args(self.command).run();
        let (ours, theirs) = (outcome.steady(), by_dnf5.outcome.steady());
        assert!(
            ours == theirs,
            "{:?} in a single node\n{ours}\n--- dnf5 printed\n{theirs}",
            self.command
        );
        let holds: BTreeSet<String> = pool.installed(ALONE).into_iter().collect();
        assert_eq!(holds, by_dnf5.installed, "{}", outcome.report());
    }

    #[track_caller]
    fn in_a_family(&self, repository: &Repository, by_dnf5: &Seen) {
        let pool = Pool::with(&User::current(), repository, &[PLATFORM, LEAF]);
        for (node, packages) in [(PLATFORM, self.platform), (LEAF, self.leaf)] {
            if !packages.is_empty() {
                install(&pool, node, packages);
            }
        }
        let (before, platform) = (Tree::except(pool.path(), &[LEAF]), pool.installed(PLATFORM));
        let held = pool.installed(LEAF);
        let outcome = pool.dnf(LEAF).arg("-y").args(self.command).run();
        let holds = pool.installed(LEAF);
        before.unchanged();
        match self.after {
            After::Leaf(expected) => {
                let outcome = outcome.success();
                assert_eq!(holds, expected, "{}", outcome.report());
                let family: BTreeSet<String> = platform.into_iter().chain(holds).collect();
                assert_eq!(
                    family,
                    by_dnf5.installed,
                    "what dnf5 has in one root\n{}",
                    outcome.report()
                );
            }
            After::Refused(words) => {
                outcome.refuses(1, words);
                assert_eq!(holds, held, "{:?} was refused", self.command);
                assert_eq!(by_dnf5.outcome.code(), 0, "{}", by_dnf5.outcome.report());
            }
            After::Fails => {
                let outcome = outcome.exits(by_dnf5.outcome.code());
                assert_ne!(outcome.code(), 0, "{}", outcome.report());
                assert_eq!(holds, held, "{:?} failed", self.command);
                let (ours, theirs) = (outcome.steady(), by_dnf5.outcome.steady());
                let of_both = ours.lines().filter(|line| !line.contains(" belongs to ancestor "));
                assert!(of_both.eq(theirs.lines()), "{ours}\n--- dnf5 printed\n{theirs}");
            }
        }
    }
}

#[track_caller]
fn install(pool: &Pool, node: &str, packages: &[&str]) {
    pool.dnf(node).arg("-y").args(PREPARE).args(packages).run().success();
}

fn installed(root: &Path) -> BTreeSet<String> {
    let rpm = Run::command("rpm").arg("--root").arg(root);
    let lines = rpm.args(["-qa", "--qf", "%{NVRA}\n"]).run().success().sorted_lines();
    lines.into_iter().collect()
}
