//! `redwrap-dnf check`, beside `dnf5 check` of the same packages in one place.

use redpak_testing::{Outcome, Package, Pool, Repository, Run, User, directory};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/leaf";

/// A lib in the platform, an app in the leaf that needs it, and packages that do not go with them.
struct Family {
    pool: Pool,
    repository: Repository,
}

impl Family {
    fn new() -> Self {
        let lib = Package::new("lib", "1:1-1").provides("libx = 1");
        let newer = Package::new("lib", "1:2-1").provides("libx = 1");
        let app = Package::new("app", "1-1").requires("libx = 1");
        let enemy = Package::new("enemy", "1-1").conflicts("libx");
        let heir = Package::new("heir", "1-1").obsoletes("lib < 2:0");
        let [twice, again] = ["1-1", "2-1"].map(|version| Package::new("twice", version));
        let [old, new] = [Package::new("old", "1-1"), Package::new("new", "1-1").obsoletes("old")];
        let repository = Repository::new(&[lib, newer, app, enemy, heir, old, new, twice, again]);
        let pool = Pool::new(&User::current());
        for node in [PLATFORM, LEAF] {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        pool.install(PLATFORM, &["lib-1:1-1"]);
        pool.install(LEAF, &["app"]);
        Self { pool, repository }
    }

    /// Installs behind the back of the family's rules.
    fn rpm(&self, node: &str, arguments: &[&str]) {
        let mut run = Run::command("rpm").arg("--root").arg(self.pool.node(node));
        run = run
            .args(["--nodeps", "--noscripts", "--nosignature", "--justdb"])
            .args(arguments);
        run.run().success();
    }

    fn package(&self, file: &str) -> String {
        self.repository.path().join(file).display().to_string()
    }

    fn check(&self, options: &[&str]) -> Outcome {
        self.pool.dnf(LEAF).arg("check").args(options).run()
    }

    /// What dnf5 says of the same packages in one root.
    fn dnf5(&self, files: &[&str], options: &[&str]) -> Outcome {
        let root = directory();
        // One after the other: of a set rpm leaves out what another one obsoletes.
        for file in files {
            let rpm = Run::command("rpm").arg("--root").arg(root.path());
            let options = ["-i", "--nodeps", "--noscripts", "--nosignature", "--justdb", "--force"];
            rpm.args(options).arg(self.package(file)).run().success();
        }
        Run::command("dnf5")
            .arg(format!("--installroot={}", root.path().display()))
            .arg("check")
            .args(options)
            .run()
    }
}

#[test]
fn a_coherent_family_has_no_problems() {
    let outcome = Family::new().check(&[]).success();
    assert_eq!((outcome.out().as_str(), outcome.err().as_str()), ("", ""));
}

#[test]
fn problems_are_told_as_dnf5_tells_them() {
    for (files, options) in [
        (
            ["app-1-1.noarch.rpm", "enemy-1-1.noarch.rpm"].as_slice(),
            "--dependencies",
        ),
        (
            &["app-1-1.noarch.rpm", "lib-1-1.noarch.rpm", "enemy-1-1.noarch.rpm"],
            "--dependencies",
        ),
        (
            &["app-1-1.noarch.rpm", "lib-1-1.noarch.rpm", "heir-1-1.noarch.rpm"],
            "--obsoleted",
        ),
        (
            &["app-1-1.noarch.rpm", "lib-1-1.noarch.rpm", "lib-2-1.noarch.rpm"],
            "--duplicates",
        ),
    ] {
        let family = Family::new();
        if !files.contains(&"lib-1-1.noarch.rpm") {
            family.rpm(PLATFORM, &["-e", "lib"]);
        }
        for file in files
            .iter()
            .filter(|file| !["app-1-1.noarch.rpm", "lib-1-1.noarch.rpm"].contains(*file))
        {
            family.rpm(LEAF, &["-i", &family.package(file)]);
        }
        let (ours, theirs) = (family.check(&[]), family.dnf5(files, &[]));
        assert_eq!(ours.out(), theirs.out(), "{files:?}: {}", theirs.report());
        // librpm's own words about the machine.
        let said = theirs
            .err()
            .lines()
            .filter(|line| !line.starts_with("warning: "))
            .collect::<Vec<_>>()
            .join("\n");
        assert_eq!(ours.err().trim_end(), said, "{files:?}");
        assert_eq!(ours.code(), theirs.code(), "{files:?}");
        assert_eq!(family.check(&[options]).out(), theirs.out(), "{files:?}");
    }
}

#[test]
fn an_option_shows_its_kind_of_problem_and_no_other() {
    let family = Family::new();
    let files = [
        "app-1-1",
        "lib-1-1",
        "enemy-1-1",
        "old-1-1",
        "new-1-1",
        "twice-1-1",
        "twice-2-1",
    ]
    .map(|name| format!("{name}.noarch.rpm"));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for file in &files[2..] {
        family.rpm(LEAF, &["-i", &family.package(file)]);
    }
    let kinds = [
        ("--dependencies", "installed conflict"),
        ("--obsoleted", "obsoleted by"),
        ("--duplicates", "duplicate with"),
    ];
    for options in [
        &["--dependencies"][..],
        &["--obsoleted"],
        &["--duplicates"],
        &["--dependencies", "--duplicates"],
        &["--duplicates", "--obsoleted"],
        &[],
    ] {
        let (ours, theirs) = (family.check(options), family.dnf5(&files, options));
        assert_eq!(ours.out(), theirs.out(), "{options:?}: {}", theirs.report());
        for (option, words) in kinds {
            let is_wanted = options.is_empty() || options.contains(&option);
            assert_eq!(ours.out().contains(words), is_wanted, "{options:?}: {}", ours.report());
        }
        assert_eq!(ours.code(), theirs.code(), "{options:?}");
    }
}

#[test]
fn an_rpmdb_that_cannot_be_read_is_told() {
    let family = Family::new();
    let database = family.pool.node(PLATFORM).join("var/lib/rpm/rpmdb.sqlite");
    std::fs::write(database, "not a database").expect("writable");
    family.check(&[]).refuses(1, &["rpmdb-readable", "platform"]);
}
