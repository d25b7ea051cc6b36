//! Nodes below a changed node: none is broken by it, whatever kind of dependency leads up to it and from however deep.

use redpak_testing::{Package, Pool, Repository, User};

const PLATFORM: &str = "platform";
const APPLICATION: &str = "platform/application";
const PLUGIN: &str = "platform/application/plugin";
const OTHER: &str = "platform/other";

fn package(name: &str, evr: &str) -> Package {
    Package::new(name, evr).file(&format!("/usr/share/{name}/data"), name)
}

/// What the platform offers in version 1.
fn platform() -> [Package; 6] {
    [
        package("library", "1-1").provides("liblibrary.so.1()(64bit)"),
        package("tool", "1-1"),
        package("feature", "1-1"),
        package("one", "1-1"),
        package("two", "1-1"),
        package("neutral", "1-1"),
    ]
}

/// What the nodes below make of it.
fn below() -> [Package; 5] {
    [
        package("by-soname", "1-1").requires("liblibrary.so.1()(64bit)"),
        package("by-file", "1-1").requires("/usr/share/tool/data"),
        package("by-condition", "1-1").requires("(feature if switch)"),
        package("by-choice", "1-1").requires("(one or two)"),
        package("against", "1-1").conflicts("rival"),
    ]
}

/// What the platform could change to.
fn offered() -> [Package; 4] {
    [
        package("library", "2-1").provides("liblibrary.so.2()(64bit)"),
        package("tool", "2-1"),
        package("switch", "1-1"),
        package("rival", "1-1"),
    ]
}

struct Family {
    pool: Pool,
    _repository: Repository,
}

impl Family {
    fn new() -> Self {
        let repository = Repository::new(&[&platform()[..], &below(), &[package("apart", "1-1")]].concat());
        let pool = Pool::new(&User::current());
        for node in [PLATFORM, APPLICATION, PLUGIN, OTHER] {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        pool.install(PLATFORM, &["library", "tool", "feature", "one", "two", "neutral"]);
        pool.install(APPLICATION, &["by-soname", "by-choice"]);
        pool.install(PLUGIN, &["by-file", "by-condition", "against"]);
        pool.install(OTHER, &["apart"]);
        repository.add(&offered());
        pool.dnf(PLATFORM).args(["makecache", "--refresh"]).run().success();
        Self {
            pool,
            _repository: repository,
        }
    }

    /// The platform does not do it, for the sake of `package` in `node`, and says nothing of other packages.
    #[track_caller]
    fn refused(&self, arguments: &[&str], node: &str, package: &str) {
        let before = self.pool.installed(PLATFORM);
        let outcome = self.pool.dnf(PLATFORM).args(arguments).run();
        let place = self.pool.node(node).display().to_string();
        let outcome = outcome.refuses(1, &["--no-check-descendants", &place, package]);
        outcome.never_says(&self.pool.node(OTHER).display().to_string());
        assert_eq!(self.pool.installed(PLATFORM), before, "{arguments:?} was refused");
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) {
        self.pool.dnf(PLATFORM).args(arguments).run().success();
    }
}

#[test]
fn each_kind_of_dependency_holds_from_any_depth() {
    let family = Family::new();
    family.refused(&["remove", "-y", "library"], APPLICATION, "by-soname-1-1");
    family.refused(&["upgrade", "-y", "library"], APPLICATION, "by-soname-1-1");
    family.refused(&["remove", "-y", "tool"], PLUGIN, "by-file-1-1");
    family.refused(&["remove", "-y", "one", "two"], APPLICATION, "by-choice-1-1");
    family.refused(&["install", "-y", "rival"], PLUGIN, "against-1-1");
    // An upgrade that keeps the file, and each half of a choice alone, break nothing.
    family.done(&["upgrade", "-y", "tool"]);
    family.done(&["remove", "-y", "one"]);
    family.refused(&["remove", "-y", "two"], APPLICATION, "by-choice-1-1");
    family.done(&["remove", "-y", "neutral"]);
    // Only with the condition is there a need.
    family.done(&["install", "-y", "switch"]);
    family.refused(&["remove", "-y", "feature"], PLUGIN, "by-condition-1-1");
}

#[test]
fn a_condition_that_comes_true_above_is_found_below() {
    let family = Family::new();
    family.done(&["remove", "-y", "feature"]);
    family.refused(&["install", "-y", "switch"], PLUGIN, "by-condition-1-1");
    family.done(&["install", "-y", "--no-check-descendants", "switch"]);
    family.done(&["remove", "-y", "--no-check-descendants", "library", "tool"]);
    let left = ["neutral", "one", "switch", "two"].map(|name| package(name, "1-1").nvra());
    assert_eq!(family.pool.installed(PLATFORM), left);
}

#[test]
fn what_a_node_below_has_does_not_come_above_it() {
    let owns = |name: &str, text: &str| Package::new(name, "1-1").file("/usr/share/shared", text);
    let repository = Repository::new(&[
        package("tool", "1-1"),
        package("tool", "2-1"),
        package("wants-tool", "1-1").requires("tool"),
        owns("owner", "one"),
        owns("same", "one"),
        owns("other", "two"),
        Package::new("newer", "1-1").obsoletes("tool"),
    ]);
    let pool = Pool::new(&User::current());
    for node in [PLATFORM, APPLICATION, PLUGIN] {
        pool.create(node);
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    pool.install(PLUGIN, &["tool-1", "owner"]);
    let family = Family {
        pool,
        _repository: repository,
    };
    for words in [
        &["install", "tool-1"][..],
        &["install", "tool-2"],
        &["install", "wants-tool"],
        &["do", "--action=install", "tool-1"],
    ] {
        family.refused(&[words, &["-y"]].concat(), PLUGIN, "tool-1-1");
    }
    family.refused(&["install", "-y", "newer"], PLUGIN, "tool-1-1");
    family.refused(&["install", "-y", "other"], PLUGIN, "/usr/share/shared");
    // The same content may be at one place twice, and what was in the way before is not broken by the next version.
    family.done(&["install", "-y", "same"]);
    family.done(&["install", "-y", "--no-check-descendants", "tool-1"]);
    family.done(&["install", "-y", "tool-2"]);
}

#[test]
fn what_was_forced_below_may_come_back_above() {
    let repository = Repository::new(&[Package::new("forced", "1-1"), Package::new("forced", "2-1")]);
    let pool = Pool::new(&User::current());
    for node in [PLATFORM, APPLICATION] {
        pool.create(node);
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    pool.install(PLATFORM, &["forced-1"]);
    pool.install(APPLICATION, &["--forcenode", "forced-2"]);
    let family = Family {
        pool,
        _repository: repository,
    };
    family.done(&["remove", "-y", "forced"]);
    family.done(&["install", "-y", "forced-1"]);
}
