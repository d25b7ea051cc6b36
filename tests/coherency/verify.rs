//! `redwrap-dnf verify`: the proof of a family as a command, for CI and for archives.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use redpak_testing::{Entry, Outcome, Package, Pool, Repository, Run, Terminal, Tree, User};
use serde_json::Value;

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

/// A platform with `lib`, an application that needs it, and their repository.
struct Family {
    pool: Pool,
    _repository: Repository,
}

impl Family {
    fn new(owner: &User) -> Self {
        let lib = Package::new("lib", "1-1")
            .provides("libx = 1")
            .file("/usr/lib/x", "data");
        let app = Package::new("app", "1-1")
            .requires("libx = 1")
            .file("/usr/share/app", "app");
        let newer = Package::new("lib", "2-1")
            .provides("libx = 1")
            .file("/usr/lib/x2", "data");
        let repository = Repository::new(&[lib, app, newer]);
        let pool = Pool::new(owner);
        for node in [PLATFORM, LEAF] {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        pool.install(PLATFORM, &["lib-1-1"]);
        pool.install(LEAF, &["app"]);
        Self {
            pool,
            _repository: repository,
        }
    }

    fn verify(&self, node: &str, arguments: &[&str]) -> Outcome {
        self.pool.dnf(node).arg("verify").args(arguments).run()
    }

    fn json(&self, node: &str, arguments: &[&str], status: i32) -> Value {
        let outcome = self.verify(node, &[&["--json"], arguments].concat()).exits(status);
        serde_json::from_str(&outcome.out()).unwrap_or_else(|error| panic!("{error}: {}", outcome.report()))
    }
}

/// The ids of the checks that do not hold.
fn violated(report: &Value) -> Vec<&str> {
    let checks = report["families"][0]["checks"].as_array().expect("checks");
    let violated = checks.iter().filter(|check| check["outcome"] != "holds");
    violated.map(|check| check["id"].as_str().expect("an id")).collect()
}

#[test]
fn a_coherent_family_is_proven_and_nothing_is_touched() {
    for owner in User::owners() {
        let family = Family::new(&owner);
        // sqlite's shared memory changes with every reader, and is not kept.
        let shared = [PLATFORM, LEAF].map(|node| format!("{node}/var/lib/rpm/rpmdb.sqlite-shm"));
        let before = Tree::except(family.pool.path(), &shared.each_ref().map(String::as_str));
        let outcome = family.verify(LEAF, &["--deep"]).success();
        let out = outcome.out();
        for id in [
            "node-state",
            "config-merge",
            "rpmdb-readable",
            "requires",
            "files-digest",
            "exports",
        ] {
            assert!(out.contains(&format!("  {id:<15} holds\n")), "{id} in {out}");
        }
        assert!(
            out.ends_with("  coherent; packages, core OS first: 0, 0, 1, 1\n"),
            "{out}"
        );
        assert_eq!(outcome.err(), "");
        before.unchanged();
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let family = Family::new(&User::current());
    let arguments = ["--json", "--deep"];
    let first = family.verify(LEAF, &arguments).success().out();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(family.verify(LEAF, &arguments).success().out(), first);
    let report: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!((&report["outcome"], &report["format"]), (&"coherent".into(), &1.into()));
    let levels = report["families"][0]["levels"].as_array().expect("levels");
    let leaf = levels.last().expect("the leaf");
    assert_eq!(leaf["installed"][0]["nevra"], "app-1-1.noarch");
    assert_eq!(leaf["installed"][0]["header"].as_str().map(str::len), Some(64));
    assert_eq!(leaf["rpmdb"], "var/lib/rpm");
    // Another content of a config is another proof.
    family
        .pool
        .write(LEAF, "etc/redpack.yaml", "headers: {alias: application}\n");
    assert_ne!(family.verify(LEAF, &arguments).success().out(), first);
}

#[test]
fn content_is_read_when_it_is_asked_for() {
    for owner in User::owners() {
        let family = Family::new(&owner);
        let file = family.pool.node(LEAF).join("usr/share/app");
        let times = fs::metadata(&file).expect("there").modified().expect("known");
        fs::write(&file, "ppa").expect("written");
        fs::File::options()
            .write(true)
            .open(&file)
            .expect("opened")
            .set_modified(times)
            .expect("put back");
        assert_eq!(family.json(LEAF, &[], 0)["outcome"], "coherent");
        let report = family.json(LEAF, &["--deep"], 1);
        assert_eq!(
            (&report["outcome"], violated(&report)),
            (&"incoherent".into(), vec!["files-digest"])
        );
        let text = family.verify(LEAF, &["--deep"]).exits(1);
        let _ = text
            .prints("app-1-1.noarch: /usr/share/app has another content\n")
            .prints("  not coherent");
    }
}

#[test]
fn reading_files_shows_progress_on_a_terminal_alone() {
    let family = Family::new(&User::current());
    let run = || family.pool.dnf(LEAF).env("TERM", "xterm");
    for arguments in [&["verify", "--deep"][..], &["verify", "--deep", "--json"]] {
        let mut terminal = Terminal::start(run().args(arguments));
        let _ = terminal.shows("Reading files");
        assert_eq!(terminal.ends(), 0, "{arguments:?}");
        let piped = run().args(arguments).run().success();
        assert!(!piped.report().contains("Reading files"), "{}", piped.report());
    }
}

#[test]
fn all_families_of_a_pool_are_proven_in_one_run() {
    let family = Family::new(&User::current());
    let report = |status| -> Value {
        let run = Run::dnf(family.pool.path()).args(["verify", "--all-below", "--json"]);
        serde_json::from_str(&run.run().exits(status).out()).expect("JSON")
    };
    let coherent = report(0);
    let redpaths: Vec<&str> = coherent["families"]
        .as_array()
        .expect("families")
        .iter()
        .map(|family| family["redpath"].as_str().expect("a path"))
        .collect();
    let expected = ["", PLATFORM, LEAF].map(|node| family.pool.node(node));
    assert_eq!(redpaths.len(), 3, "{redpaths:?}");
    assert!(
        expected
            .iter()
            .all(|node| redpaths.iter().any(|path| Path::new(path) == node)),
        "{redpaths:?}"
    );
    // The platform alone is what the application broke on: only the application's family says so.
    fs::remove_file(family.pool.node(LEAF).join("usr/share/app")).expect("removed");
    let broken = report(1);
    let outcomes: Vec<_> = broken["families"]
        .as_array()
        .expect("families")
        .iter()
        .map(|family| &family["outcome"])
        .collect();
    assert_eq!(
        outcomes.iter().filter(|outcome| **outcome == "incoherent").count(),
        1,
        "{outcomes:?}"
    );
}

#[test]
fn a_config_that_does_not_read_and_an_rpmdb_that_does_not_open_are_told() {
    let family = Family::new(&User::current());
    family.pool.write(
        LEAF,
        "etc/redpack.yaml",
        "headers: {alias: application}\nconfig: {umsk: 1}\n",
    );
    let report = family.json(LEAF, &[], 1);
    assert_eq!(violated(&report), ["node-state"]);
    assert!(report.to_string().contains("unknown key 'umsk'"), "{report}");
    family
        .pool
        .write(LEAF, "etc/redpack.yaml", "headers: {alias: application}\n");
    let database = family.pool.node(PLATFORM).join("var/lib/rpm/rpmdb.sqlite");
    fs::write(database, "not a database").expect("written");
    let report = family.json(LEAF, &[], 1);
    let ids = violated(&report);
    assert!(ids.contains(&"rpmdb-readable") && ids.contains(&"requires"), "{ids:?}");
    let checks = report["families"][0]["checks"].as_array().expect("checks");
    let requires = checks.iter().find(|check| check["id"] == "requires").expect("told");
    assert_eq!(requires["outcome"], "could-not-tell");
}

#[test]
fn what_cannot_be_told_is_not_called_coherent() {
    let (true, Some(user)) = (User::is_root(), User::unprivileged()) else {
        return redpak_testing::skip("takes another user's node");
    };
    let family = Family::new(&User::current());
    let folder = family.pool.node(PLATFORM).join("var/lib/rpm");
    redpak_testing::tool("chmod", ["0700".as_ref(), folder.as_os_str()]);
    redpak_testing::tool(
        "chmod",
        ["-R".as_ref(), "a+rX".as_ref(), family.pool.path().as_os_str()],
    );
    redpak_testing::tool("chmod", ["0700".as_ref(), folder.as_os_str()]);
    let run = Run::dnf(&family.pool.node(LEAF)).user(&user).args(["verify", "--json"]);
    let report: Value = serde_json::from_str(&run.run().exits(2).out()).expect("JSON");
    assert_eq!(report["outcome"], "could-not-tell");
}

#[test]
fn the_core_os_of_a_root_file_system_counts() {
    if !User::is_root() {
        return redpak_testing::skip("plain rpm changes its root, which takes root");
    }
    let family = Family::new(&User::current());
    let rootfs = redpak_testing::directory();
    let built = redpak_testing::directory();
    let conflict = Package::new("core", "1-1").conflicts("app");
    redpak_testing::register_with_rpm(
        rootfs.path(),
        &redpak_testing::build_packages(&[conflict], built.path()),
    );
    let root = format!("--root={}", rootfs.path().display());
    let report = family.json(LEAF, &[&root], 1);
    assert_eq!(violated(&report), ["conflicts"], "{report}");
}

#[test]
fn what_is_wrong_is_told_with_who_needs_it() {
    for owner in User::owners() {
        let family = Family::new(&owner);
        fs::remove_file(family.pool.node(PLATFORM).join("usr/lib/x")).expect("removed");
        let chain = format!(
            "needed by app-1-1.noarch in {}: libx = 1",
            family.pool.node(LEAF).display()
        );
        let text = family.verify(LEAF, &[]).exits(1).out();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let missing = lines.iter().position(|line| line.ends_with("/usr/lib/x is missing"));
        assert_eq!(lines[missing.expect("told") + 1], chain, "{text}");
        let report = family.json(LEAF, &[], 1);
        let checks = report["families"][0]["checks"].as_array().expect("checks");
        let present = checks
            .iter()
            .find(|check| check["id"] == "files-present")
            .expect("checked");
        assert_eq!(present["violations"][0]["needed_by"][0]["package"], "app-1-1.noarch");
        // A launch is refused with the same chain.
        let refused = family.pool.redwrap(LEAF).args(["--", "true"]).run();
        refused.refuses(125, &["/usr/lib/x is missing", &chain]);
    }
}

#[test]
fn what_a_package_exempts_is_not_judged() {
    let app = Package::new("app", "1-1")
        .entry(Entry::file("/usr/share/app", "content\n").directive("%verify(not size filedigest mtime)"));
    let repository = Repository::new(&[app]);
    let pool = Pool::new(&User::current());
    pool.create(PLATFORM);
    pool.repository(PLATFORM, "made", &repository.repo_file("made"));
    pool.install(PLATFORM, &["app"]);
    let file = pool.node(PLATFORM).join("usr/share/app");
    fs::write(&file, "something else\n").expect("written");
    pool.dnf(PLATFORM).args(["verify", "--deep"]).run().success();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("changed");
    let outcome = pool.dnf(PLATFORM).args(["verify", "--deep"]).run().exits(1);
    assert!(
        outcome.out().contains("has mode 0600, not 0644"),
        "{}",
        outcome.report()
    );
}

#[test]
fn why_tells_who_provides_and_who_needs() {
    for owner in User::owners() {
        let family = Family::new(&owner);
        let why = |what: &str| family.pool.dnf(LEAF).args(["why", what]).run();
        let (platform, leaf) = (family.pool.node(PLATFORM), family.pool.node(LEAF));
        let chain = format!(
            "lib-1-1.noarch in {}\n  needed by app-1-1.noarch in {}: libx = 1\n",
            platform.display(),
            leaf.display()
        );
        let file = platform.join("usr/lib/x");
        for what in [
            "lib",
            "lib-1-1.noarch",
            "libx",
            "/usr/lib/x",
            file.to_str().expect("UTF-8"),
        ] {
            assert_eq!(why(what).success().out(), chain, "{what}");
        }
        assert_eq!(
            why("app").success().out(),
            format!("app-1-1.noarch in {}\n", leaf.display())
        );
        let json = family
            .pool
            .dnf(LEAF)
            .args(["why", "--json", "libx"])
            .run()
            .success()
            .out();
        let links: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(links[0]["needed_by"][0]["needs"][0], "libx = 1");
        let _ = why("nothing-of-that-name")
            .exits(1)
            .complains("Nothing in the family is or provides");
    }
}

#[test]
fn why_follows_rich_requirements() {
    let package = |name: &str| Package::new(name, "1-1");
    let alone = ["tool", "sound", "driver", "plain", "fancy", "stray"].map(package);
    let both = package("both").provides("api = 2").provides("fast");
    let slow = package("slow").provides("api = 2");
    let app = package("app")
        .requires("(tool and (sound or absent))")
        .requires("(driver if sound)")
        .requires("(stray if absent)")
        .requires("(plain if absent else fancy)")
        .requires("(api >= 2 with fast)");
    let repository = Repository::new(&[&alone[..], &[both, slow, app]].concat());
    let pool = Pool::new(&User::current());
    pool.create(PLATFORM);
    pool.create(LEAF);
    for node in [PLATFORM, LEAF] {
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    pool.install(
        PLATFORM,
        &["tool", "sound", "driver", "plain", "fancy", "stray", "both", "slow"],
    );
    pool.install(LEAF, &["app"]);
    let why = |what: &str| pool.dnf(LEAF).args(["why", what]).run().success().out();
    let leaf = pool.node(LEAF);
    for (package, dependency) in [
        ("tool", Some("(tool and (sound or absent))")),
        ("sound", Some("(tool and (sound or absent))")),
        ("driver", Some("(driver if sound)")),
        ("stray", None),
        ("plain", None),
        ("fancy", Some("(plain if absent else fancy)")),
        ("both", Some("(api >= 2 with fast)")),
        ("slow", None),
    ] {
        let head = format!("{package}-1-1.noarch in {}\n", pool.node(PLATFORM).display());
        let needer = |text| format!("  needed by app-1-1.noarch in {}: {text}\n", leaf.display());
        assert_eq!(why(package), head + &dependency.map(needer).unwrap_or_default());
    }
    for (what, packages) in [
        ("api >= 2", &["both", "slow"][..]),
        ("(api without fast)", &["slow"]),
        ("(tool or absent)", &["tool"]),
    ] {
        let found = why(what);
        let named: Vec<&str> = found
            .lines()
            .filter_map(|line| line.split_once("-1-1.noarch in"))
            .map(|(name, _)| name)
            .collect();
        let mut named: Vec<&str> = named.into_iter().filter(|name| !name.starts_with(' ')).collect();
        named.sort_unstable();
        assert_eq!(named, packages, "{found}");
    }
    for absent in ["api >= 3", "(tool unless sound)", "(tool without tool)"] {
        let _ = pool
            .dnf(LEAF)
            .args(["why", absent])
            .run()
            .exits(1)
            .complains("Nothing in the family is or provides");
    }
    let _ = pool
        .dnf(LEAF)
        .args(["why", "(tool and"])
        .run()
        .exits(1)
        .complains("cannot understand a rich dependency");
}

#[test]
fn what_was_forced_is_a_warning() {
    for owner in User::owners() {
        let family = Family::new(&owner);
        family
            .pool
            .dnf(LEAF)
            .args(["install", "-y", "--forcenode", "lib-2-1"])
            .run()
            .success();
        assert_eq!(
            fs::read(family.pool.node(LEAF).join(".rednode.forced")).expect("the record"),
            b"lib\n"
        );
        let outcome = family.verify(LEAF, &[]).success();
        let _ = outcome.prints("warning: ").prints("lib-2-1.noarch: ");
        fs::remove_file(family.pool.node(LEAF).join(".rednode.forced")).expect("removed");
        let report = family.json(LEAF, &[], 1);
        assert_eq!(violated(&report), ["duplicates"]);
    }
}
