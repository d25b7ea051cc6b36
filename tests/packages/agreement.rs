//! After every kind of transaction in a leaf, plain dnf5 and rpm find in its directory what redwrap-dnf says of it. What the
//! family provides they cannot know; that is listed here, and nothing else may differ.

use std::path::Path;

use redpak_testing::{Group, Outcome, Pool, Repository, Run, Tree, User, directory, package};

const PLATFORM: &str = "platform";
const MIDDLE: &str = "platform/middle";
const LEAF: &str = "platform/middle/application";

/// What the leaf's packages need and ancestors provide: plain dnf5 and rpm miss it.
const OF_THE_FAMILY: [&str; 2] = ["base", "middle-api"];

fn repository() -> Repository {
    let repository = Repository::new(&[
        package("base", 1),
        package("middle", 1).provides("middle-api").requires("base"),
        package("lib", 1).requires("base"),
        package("lib", 2).requires("base"),
        package("app", 1).requires("lib").requires("middle-api"),
        package("app", 2).requires("lib").requires("middle-api"),
        package("old", 1),
        package("new", 1).conflicts("old"),
        package("extra", 1),
    ]);
    repository.groups(&[Group::new("tools", "Tools", &["extra"])]);
    repository
}

/// Three generations with one repository.
struct Family {
    pool: Pool,
    repository: Repository,
}

impl Family {
    fn new() -> Self {
        let repository = repository();
        let pool = Pool::new(&User::current());
        for node in [PLATFORM, MIDDLE, LEAF] {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        pool.install(PLATFORM, &["base"]);
        pool.install(MIDDLE, &["middle"]);
        Self { pool, repository }
    }

    fn ours(&self, words: &[&str]) -> Outcome {
        self.pool.dnf(LEAF).arg("-y").args(words).run()
    }

    fn dnf5(&self, words: &[&str]) -> Outcome {
        let installroot = format!("--installroot={}", self.pool.node(LEAF).display());
        Run::command("dnf5").arg(installroot).args(words).run()
    }

    /// A transaction in the leaf, what the leaf holds afterwards, and whether everybody agrees.
    #[track_caller]
    fn step(&self, words: &str, expected: &[&str]) {
        let ancestors = Tree::except(self.pool.path(), &[LEAF]);
        let before = self.transactions();
        let words: Vec<&str> = words.split(' ').collect();
        let outcome = self.ours(&words).success();
        let expected: Vec<String> = expected.iter().map(|name| format!("{name}-1.noarch")).collect();
        assert_eq!(self.pool.installed(LEAF), expected, "{}", outcome.report());
        ancestors.unchanged();
        let is_run = !words.contains(&"--offline") && !words.contains(&"download");
        assert_eq!(
            self.transactions(),
            before + usize::from(is_run),
            "{words:?} in the history"
        );
        self.agree();
    }

    fn transactions(&self) -> usize {
        let list = self.dnf5(&["history", "list"]).success().out();
        list.lines().count().saturating_sub(1)
    }

    /// A transaction that is killed in the middle, and what the leaf holds once the next command has repaired it.
    #[track_caller]
    fn killed(&self, words: &str, expected: &[&str]) {
        let killed = self.pool.dnf(LEAF).arg("-y").args(words.split(' '));
        let killed = killed.env("REDPAK_TEST_FAILURE_POINT", "kill:installed").run();
        killed.check(|outcome| outcome.code() != 0, "it was killed");
        self.ours(&["manager", "--repair"]).success();
        let expected: Vec<String> = expected.iter().map(|name| format!("{name}-1.noarch")).collect();
        assert_eq!(self.pool.installed(LEAF), expected, "{words}");
        self.agree();
    }

    #[track_caller]
    fn agree(&self) {
        for words in [["history", "list"], ["history", "info"]] {
            assert_eq!(self.ours(&words).steady(), self.dnf5(&words).steady(), "{words:?}");
        }
        self.ours(&["check"])
            .success()
            .check(|outcome| outcome.out().is_empty(), "no problem");
        let missing = missing(&self.dnf5(&["check"]));
        assert!(
            missing.iter().all(|name| OF_THE_FAMILY.contains(&name.as_str())),
            "{missing:?}"
        );
        self.rpm_agrees();
    }

    /// `rpm -Va`: no file differs, and no dependency is missing that the family does not provide.
    #[track_caller]
    fn rpm_agrees(&self) {
        let node = self.pool.node(LEAF);
        let verify = |options: &[&str]| {
            let rpm = Run::command("rpm").arg("--root").arg(&node).arg("-Va").args(options);
            rpm.run()
        };
        let files = verify(&["--nodeps"]).success();
        assert!(files.out().is_empty(), "{}", files.report());
        let all = verify(&[]);
        let of_dependencies = |line: &&str| line.starts_with('\t');
        for line in all.out().lines().filter(of_dependencies) {
            let name = line.trim().split(' ').next().unwrap_or_default().to_owned();
            assert!(OF_THE_FAMILY.contains(&name.as_str()), "{}", all.report());
        }
    }
}

/// What `dnf5 check` misses; any other problem is named as it is.
fn missing(check: &Outcome) -> Vec<String> {
    let problems = check.out();
    let problems = problems.lines().filter(|line| line.starts_with(' '));
    let name = |line: &str| {
        let words = line.trim().strip_prefix("missing require \"");
        words.map_or(line, |words| words.trim_end_matches('"')).to_owned()
    };
    problems.map(name).collect()
}

#[test]
fn dnf5_and_rpm_agree_after_every_kind_of_transaction() {
    let family = Family::new();
    let place = directory();
    let store = |path: &Path| path.join("stored").to_str().expect("UTF-8").to_owned();
    let stored = store(place.path());
    let (app, both) = (["app-1", "lib-1"], ["app-2", "lib-2"]);
    family.step("install app-1 lib-1", &app);
    family.step("upgrade", &both);
    family.step("downgrade app", &["app-1", "lib-2"]);
    family.step("reinstall app", &["app-1", "lib-2"]);
    family.step("distro-sync", &both);
    family.step("mark dependency lib", &both);
    family.step("history undo last", &both);
    family.step("history redo last-1", &both);
    family.step("install old", &["app-2", "lib-2", "old-1"]);
    family.step("swap old new", &["app-2", "lib-2", "new-1"]);
    family.step("remove --no-autoremove app", &["lib-2", "new-1"]);
    family.step("autoremove", &["new-1"]);
    family.step("history undo last", &["lib-2", "new-1"]);
    family.step("history rollback 1", &app);
    family.step("install @tools", &["app-1", "extra-1", "lib-1"]);
    family.step("remove @tools", &app);
    family.step("group install tools", &["app-1", "extra-1", "lib-1"]);
    family.step("group remove tools", &app);
    family.step("upgrade --offline", &app);
    family.step("offline reboot", &both);
    family.step("downgrade app", &["app-1", "lib-2"]);
    family.step("system-upgrade download --releasever=2", &["app-1", "lib-2"]);
    family.step("offline reboot", &both);
    family.step("do --action=remove app --action=install extra", &["extra-1", "lib-2"]);
    family.ours(&["install", "old", &format!("--store={stored}")]).success();
    family.step(&format!("replay {stored}"), &["extra-1", "lib-2", "old-1"]);
    family.killed("install app-1", &["app-1", "extra-1", "lib-2", "old-1"]);
    let successor = package("successor", 1).obsoletes("extra");
    family.repository.add(&[successor]);
    family.step("upgrade --refresh", &["app-2", "lib-2", "old-1", "successor-1"]);
    family.step("remove app old", &["lib-2", "successor-1"]);
    assert_eq!(missing(&family.dnf5(&["check"])), ["base"], "what the library needs");
}
