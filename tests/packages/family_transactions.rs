//! The rules of transactions in a family, on real packages, as each kind of owner of a pool.
//!
//! Every refusal is followed by a look at the whole pool: nothing may have changed, in the leaf or above it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use redpak_testing::{
    Entry, Outcome, Package, Pool, Repository, Run, Scriptlet, Tree, User, build_packages, directory,
};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

/// What the platform offers; version 2 of `base` is in the repository too, and not installed.
fn base(version: u32) -> Package {
    let package = Package::new("base", &format!("{version}.0-1")).provides(&format!("base-api = {version}"));
    // What scriptlets need of the core OS.
    package
        .provides("/bin/sh")
        .file("/usr/lib/base/data", format!("base {version}\n"))
}

/// A package of the leaf that needs `requirement`.
fn needs(name: &str, requirement: &str) -> Package {
    Package::new(name, "1.0-1")
        .requires(requirement)
        .file(&format!("/usr/share/{name}"), name)
}

/// A platform that has `base` 1.0, a leaf below it, and one repository for both.
struct Family {
    pool: Pool,
    repository: Repository,
}

impl Family {
    fn new(owner: &User, packages: &[Package]) -> Self {
        let repository = Repository::new(&[&[base(1), Package::new("neutral", "1.0-1")], packages].concat());
        let pool = Pool::new(owner);
        for node in [PLATFORM, LEAF] {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        pool.install(PLATFORM, &["base"]);
        Self { pool, repository }
    }

    /// One family for each kind of owner.
    fn each(packages: &[Package]) -> impl Iterator<Item = Self> {
        User::owners().into_iter().map(|owner| Self::new(&owner, packages))
    }

    /// All that lies above the leaf; caches of repositories are not state.
    fn ancestors(&self) -> Tree {
        Tree::except(self.pool.path(), &[LEAF])
    }

    /// Offers packages that were not there when the platform was installed.
    fn offer(&self, packages: &[Package]) {
        self.repository.add(packages);
    }

    fn leaf(&self, arguments: &[&str]) -> Outcome {
        self.pool.dnf(LEAF).args(arguments).run()
    }

    /// The transaction is refused with these words, and neither the leaf nor its ancestors change.
    #[track_caller]
    fn refused(&self, arguments: &[&str], words: &[&str]) {
        let (ancestors, state, installed) = (self.ancestors(), self.leaf_state(), self.pool.installed(LEAF));
        self.leaf(arguments).refuses(1, words);
        ancestors.unchanged();
        assert_eq!(self.pool.installed(LEAF), installed, "{arguments:?} was refused");
        let differences = state.differences(&self.leaf_state());
        assert!(
            differences.is_empty(),
            "{arguments:?} was refused and changed the leaf:\n{differences}"
        );
    }

    /// The leaf without what asking a repository writes. sqlite may rewrite the rpmdb's file without a change in it.
    fn leaf_state(&self) -> Tree {
        Tree::except(
            &self.pool.node(LEAF),
            &[
                "var/cache",
                "var/lib/dnf",
                "usr/lib/sysimage/libdnf5",
                "var/lib/rpm",
                "run",
            ],
        )
    }

    /// Path of the platform, as refusals name it.
    fn platform(&self) -> String {
        self.pool.node(PLATFORM).display().to_string()
    }

    /// Something is installed in the leaf, and nothing changes above.
    #[track_caller]
    fn installs(&self, arguments: &[&str], expected: &[&Package]) {
        let before = self.ancestors();
        self.leaf(arguments).success();
        let mut names: Vec<String> = expected.iter().map(|package| package.nvra()).collect();
        names.sort();
        assert_eq!(self.pool.installed(LEAF), names, "after {arguments:?}");
        before.unchanged();
    }
}

// Rule 1: dependencies resolve against the whole family.

#[test]
fn what_an_ancestor_provides_is_not_installed_again() {
    let requirements = [
        "base",
        "base-api >= 1",
        "/usr/lib/base/data",
        "(base if neutral)",
        "(base >= 1 or neutral)",
    ];
    let packages: Vec<Package> = requirements
        .iter()
        .enumerate()
        .map(|(n, r)| needs(&format!("app{n}"), r))
        .collect();
    for family in Family::each(&packages) {
        let mut installed = Vec::new();
        for package in &packages {
            installed.push(package);
            family.installs(&["install", "-y", package.nvra().as_str()], &installed);
        }
    }
}

#[test]
fn what_nobody_provides_is_an_error_that_names_it() {
    for family in Family::each(&[needs("app", "missing-api >= 3")]) {
        family.refused(&["install", "-y", "app"], &["missing-api >= 3", "app"]);
    }
}

#[test]
fn what_only_a_sibling_has_does_not_count() {
    let library = Package::new("library", "1.0-1");
    let app = needs("app", "library");
    for family in Family::each(&[library.clone(), app.clone()]) {
        family.pool.create("platform/sibling");
        family
            .pool
            .repository("platform/sibling", "made", &family.repository.repo_file("made"));
        family.pool.install("platform/sibling", &["library"]);
        family.installs(&["install", "-y", "app"], &[&app, &library]);
    }
}

#[test]
fn a_family_five_deep_is_one_family() {
    let packages = [
        needs("two", "base"),
        needs("three", "two"),
        needs("four", "(two and three)"),
        needs("five", "/usr/share/four"),
    ];
    for family in Family::each(&packages) {
        let mut node = PLATFORM.to_owned();
        for package in ["two", "three", "four", "five"] {
            node = format!("{node}/n-{package}");
            family.pool.create(&node);
            family
                .pool
                .repository(&node, "made", &family.repository.repo_file("made"));
            family.pool.install(&node, &[package]);
            assert_eq!(family.pool.installed(&node), [format!("{package}-1.0-1.noarch")]);
        }
    }
}

// Rule 2: only the leaf changes.

#[test]
fn a_package_that_an_ancestor_has_is_refused_by_name() {
    for family in Family::each(&[]) {
        family.refused(&["install", "-y", "base"], &["base-1.0-1.noarch", &family.platform()]);
        family.offer(&[base(2)]);
        family.refused(
            &["install", "-y", "--refresh", "base-2.0"],
            &["base-2.0-1.noarch", &family.platform()],
        );
    }
}

#[test]
fn forcenode_installs_a_second_one_in_the_leaf() {
    for family in Family::each(&[]) {
        family.offer(&[base(2)]);
        family.installs(&["install", "-y", "--refresh", "--forcenode", "base-2.0"], &[&base(2)]);
        // It goes by its name as it came, and the ancestor's stays.
        family.installs(&["remove", "-y", "base"], &[]);
        family.refused(&["remove", "-y", "base"], &["base-1.0-1.noarch", &family.platform()]);
    }
}

#[test]
fn upgrading_an_ancestor_from_below_is_refused() {
    for family in Family::each(&[]) {
        family.offer(&[base(2), needs("app", "base-api >= 2")]);
        let platform = family.platform();
        family.refused(&["install", "-y", "--refresh", "app"], &["base", &platform]);
        family.refused(&["upgrade", "-y", "base"], &["base", &platform]);
        family.refused(&["install", "-y", "--allowerasing", "app"], &["base", &platform]);
    }
}

#[test]
fn upgrading_everything_upgrades_the_leaf_alone() {
    let old = needs("app", "base");
    let new = Package::new("app", "2.0-1").requires("base");
    for family in Family::each(std::slice::from_ref(&old)) {
        family.installs(&["install", "-y", "app"], &[&old]);
        family.offer(&[base(2), new.clone()]);
        family.installs(&["upgrade", "-y", "--refresh"], &[&new]);
    }
}

#[test]
fn removing_downgrading_and_reinstalling_an_ancestors_package_is_refused() {
    for family in Family::each(&[Package::new("base", "0.5-1")]) {
        let platform = family.platform();
        family.refused(&["remove", "-y", "base"], &["base", &platform]);
        family.refused(&["downgrade", "-y", "base"], &["base", &platform]);
        family.refused(&["reinstall", "-y", "base"], &["base", &platform]);
    }
}

#[test]
fn obsoleting_an_ancestors_package_is_refused() {
    let successor = Package::new("successor", "1.0-1")
        .obsoletes("base < 3")
        .provides("base = 3");
    for family in Family::each(&[]) {
        family.offer(std::slice::from_ref(&successor));
        family.refused(
            &["install", "-y", "--refresh", "successor"],
            &["successor", "base", &family.platform()],
        );
    }
}

#[test]
fn a_family_that_is_refused_once_works_on() {
    for family in Family::each(&[]) {
        family.refused(&["install", "-y", "base"], &["base"]);
        family.installs(&["install", "-y", "neutral"], &[&Package::new("neutral", "1.0-1")]);
        family.installs(&["remove", "-y", "neutral"], &[]);
    }
}

// Rule 3: conflicts and files.

#[test]
fn a_conflict_with_an_ancestor_is_refused_in_both_directions() {
    let hostile = Package::new("hostile", "1.0-1").conflicts("base");
    let touchy = Package::new("touchy", "1.0-1").conflicts("newcomer");
    for family in Family::each(&[hostile.clone(), touchy.clone(), Package::new("newcomer", "1.0-1")]) {
        family.refused(&["install", "-y", "hostile"], &["hostile", "base"]);
        family.pool.install(PLATFORM, &["touchy"]);
        family.refused(&["install", "-y", "newcomer"], &["newcomer", "touchy"]);
        family.refused(&["install", "-y", "--allowerasing", "hostile"], &["base"]);
    }
}

#[test]
fn a_file_that_an_ancestor_owns_is_refused() {
    let thief = Package::new("thief", "1.0-1").file("/usr/lib/base/data", "stolen\n");
    for family in Family::each(&[thief]) {
        family.refused(
            &["install", "-y", "thief"],
            &["thief", "/usr/lib/base/data", "base", &family.platform()],
        );
    }
}

#[test]
fn directories_may_be_shared() {
    let neighbour = Package::new("neighbour", "1.0-1")
        .entry(Entry::directory("/usr/lib/base"))
        .file("/usr/lib/base/other", "other\n");
    for family in Family::each(std::slice::from_ref(&neighbour)) {
        family.installs(&["install", "-y", "neighbour"], &[&neighbour]);
    }
}

// Rule 5: each rpmdb holds its own, and stays an rpmdb and a libdnf5 state like any other.

#[test]
fn each_rpmdb_holds_its_own_and_plain_tools_agree() {
    let app = needs("app", "base");
    for family in Family::each(std::slice::from_ref(&app)) {
        family.installs(&["install", "-y", "app"], &[&app]);
        assert_eq!(family.pool.installed(PLATFORM), [base(1).nvra()]);
        if *family.pool.owner() != User::current() || !User::is_root() {
            continue;
        }
        for (node, package) in [(PLATFORM, base(1)), (LEAF, app.clone())] {
            let node = family.pool.node(node);
            let all = Run::command("rpm").arg("--root").arg(&node).arg("-qa").run().success();
            assert_eq!(all.out().trim(), package.nvra());
            Run::command("rpm")
                .arg("--root")
                .arg(&node)
                .args(["-Va", "--nodeps"])
                .run()
                .success();
            let history = Run::command("dnf5")
                .arg(format!("--installroot={}", node.display()))
                .args(["history", "list"]);
            history.run().success().prints("redwrap-dnf");
        }
    }
}

#[test]
fn asking_does_not_change_the_family() {
    let app = needs("app", "base");
    for family in Family::each(std::slice::from_ref(&app)) {
        family.leaf(&["makecache"]).success();
        let (ancestors, leaf) = (family.ancestors(), family.leaf_state());
        family.leaf(&["repoquery", "--installed"]).success();
        family.leaf(&["list", "--installed"]).success();
        family
            .leaf(&["repoquery", "--requires", "app"])
            .success()
            .prints("base");
        family.leaf(&["install", "--assumeno", "app"]).exits(1).prints("app");
        family.leaf(&["install", "app"]).exits(1);
        ancestors.unchanged();
        assert_eq!(leaf.differences(&family.leaf_state()), "");
    }
}

// Rule 6: scriptlets.

#[test]
fn scriptlets_write_in_the_leaf_alone_and_have_no_network() {
    let outside = directory();
    let target = outside.path().join("escaped").display().to_string();
    let script = format!(
        "id -u; echo here > /var/lib/here; echo x > {target}; echo x > /nodes/platform/x; ls /sys/class/net; \
         (exec 3<>/dev/tcp/127.0.0.1/1) 2>&1; ls /proc | grep -c '^[0-9]'; (sleep 1000 &) ; echo said"
    );
    let app = Package::new("app", "1.0-1")
        .entry(Entry::directory("/var/lib"))
        .scriptlet(Scriptlet::Post, &script);
    for family in Family::each(std::slice::from_ref(&app)) {
        let before = Tree::of(outside.path());
        let ancestors = family.ancestors();
        let outcome = family.leaf(&["install", "-y", "app"]);
        before.unchanged();
        ancestors.unchanged();
        assert_eq!(outcome.code(), 0, "{}", outcome.report());
        let here = fs::read_to_string(family.pool.node(LEAF).join("var/lib/here"));
        assert_eq!(here.expect("the scriptlet's file in the leaf"), "here\n");
        outcome.complains("said");
    }
}

// Rule 7: what governs the node.

#[test]
fn a_package_cannot_own_what_governs_the_node() {
    let governing = [
        "/.rednode.yaml",
        "/etc/redpack.yaml",
        "/etc/redpack-admin.yaml",
        "/etc/redpak.yaml",
        "/etc/redpak-admin.yaml",
        "/var/lib/rpm/rpmdb.sqlite",
    ];
    let packages: Vec<Package> = governing
        .iter()
        .enumerate()
        .map(|(n, path)| Package::new(&format!("ruler{n}"), "1.0-1").file(path, "taken\n"))
        .collect();
    for family in Family::each(&packages) {
        for (package, path) in packages.iter().zip(governing) {
            family.refused(&["install", "-y", &package.nvra()], &[&package.nvra(), path]);
        }
    }
}

#[test]
fn a_package_cannot_own_them_through_symlinks_either() {
    let link = Package::new("link", "1.0-1").entry(Entry::symlink("/usr/settings", "../etc"));
    let below = Package::new("below", "1.0-1")
        .requires("link")
        .file("/usr/settings/redpack.yaml", "taken\n");
    for family in Family::each(&[link, below]) {
        family.refused(&["install", "-y", "below"], &["below-1.0-1.noarch", "redpack.yaml"]);
        family.leaf(&["install", "-y", "link"]).success();
        family.refused(&["install", "-y", "below"], &["below-1.0-1.noarch", "redpack.yaml"]);
    }
}

#[test]
fn a_package_cannot_leave_the_node_through_symlinks() {
    let outside = directory();
    fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o777)).expect("open the directory to everyone");
    let absolute = outside.path().display().to_string();
    let climbing = format!("../../../../../../../../../..{absolute}");
    let door = Package::new("door", "1.0-1").entry(Entry::symlink("/opt/door", &absolute));
    let ladder = Package::new("ladder", "1.0-1").entry(Entry::symlink("/opt/ladder", &climbing));
    let thrown = Package::new("thrown", "1.0-1")
        .requires("door")
        .file("/opt/door/thrown", "out\n");
    let climbed = Package::new("climbed", "1.0-1")
        .requires("ladder")
        .file("/opt/ladder/climbed", "out\n");
    for family in Family::each(&[door, ladder, thrown, climbed]) {
        let before = Tree::of(outside.path());
        family.refused(&["install", "-y", "climbed"], &["ladder"]);
        family.refused(&["install", "-y", "thrown"], &["thrown-1.0-1.noarch", "/opt/door"]);
        family.leaf(&["install", "-y", "door"]);
        family.refused(&["install", "-y", "thrown"], &["thrown-1.0-1.noarch", "/opt/door"]);
        before.unchanged();
    }
}

#[test]
fn a_symlink_that_was_laid_in_the_leaf_beforehand_leads_nowhere() {
    let outside = directory();
    fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o777)).expect("open the directory to everyone");
    let app = Package::new("app", "1.0-1").file("/opt/app/file", "out\n");
    for family in Family::each(std::slice::from_ref(&app)) {
        let opt = family.pool.node(LEAF).join("opt");
        let before = Tree::of(outside.path());
        std::os::unix::fs::symlink(outside.path(), &opt).expect("lay the symlink");
        family.leaf(&["install", "-y", "app"]);
        before.unchanged();
    }
}

// Rule 8: owners of files.

#[test]
fn owners_of_files_are_kept_or_recorded() {
    let app = Package::new("app", "1.0-1")
        .entry(
            Entry::file("/usr/share/mail", "mail\n")
                .owner("mail", "mail")
                .mode(0o640),
        )
        .entry(Entry::program("/usr/bin/elevated", "#!/bin/sh\n").mode(0o4755));
    for family in Family::each(std::slice::from_ref(&app)) {
        family.installs(&["install", "-y", "app"], &[&app]);
        let owner = family.pool.owner();
        let file = family
            .pool
            .node(LEAF)
            .join("usr/share/mail")
            .metadata()
            .expect("the file is there");
        let mail = User::named("mail").expect("every system has a user mail");
        match owner.name.as_str() {
            "root" => assert_eq!((file.uid(), file.gid()), (mail.uid, mail.gid)),
            // The ranges of /etc/subuid begin at the second user of the node.
            "redpak" => assert!(file.uid() >= 100_000, "{}", file.uid()),
            _ => assert_eq!(file.uid(), owner.uid),
        }
        assert_eq!(file.mode() & 0o7777, 0o640);
        let database = family.pool.node(LEAF).join("var/lib/rpm");
        let query = ["-q", "app", "--qf", "[%{FILENAMES} %{FILEUSERNAME}\n]"];
        let recorded = Run::command("rpm")
            .arg("--dbpath")
            .arg(database)
            .args(query)
            .user(owner)
            .run()
            .success();
        recorded.prints("/usr/share/mail mail\n");
    }
}

#[test]
fn the_machines_passwd_does_not_decide_and_does_not_change() {
    let app = Package::new("app", "1.0-1")
        .entry(Entry::file("/usr/share/odd", "odd\n").owner("nobody-has-this", "nobody-has-this"));
    let passwd = fs::read("/etc/passwd").expect("/etc/passwd");
    for family in Family::each(std::slice::from_ref(&app)) {
        let before = family.ancestors();
        family.leaf(&["install", "-y", "app"]);
        before.unchanged();
        assert!(fs::read("/etc/passwd").expect("/etc/passwd") == passwd);
    }
}

// Packages that come as files, not from a repository, obey the same rules.

#[test]
fn package_files_on_the_command_line_obey_the_rules_too() {
    for family in Family::each(&[]) {
        let files = directory();
        let packages = [
            base(2),
            Package::new("thief", "1.0-1").file("/usr/lib/base/data", "x\n"),
            needs("app", "base"),
        ];
        let paths: Vec<PathBuf> = build_packages(&packages, files.path());
        let path = |n: usize| paths[n].to_str().expect("temporary paths are UTF-8");
        family.refused(&["install", "-y", path(0)], &["base-2.0-1.noarch", &family.platform()]);
        family.refused(&["install", "-y", path(1)], &["thief", "/usr/lib/base/data"]);
        family.installs(&["install", "-y", path(2)], &[&packages[2]]);
    }
}

// Rule 4: the nodes below.

#[test]
fn what_a_descendant_needs_is_not_removed_above_it() {
    let app = needs("app", "base");
    for family in Family::each(std::slice::from_ref(&app)) {
        family.installs(&["install", "-y", "app"], &[&app]);
        let before = Tree::except(
            family.pool.path(),
            &[
                "platform/usr/lib/sysimage/libdnf5",
                "platform/var/cache",
                "platform/var/lib/dnf",
                "platform/var/lib/rpm",
            ],
        );
        let refused = family.pool.dnf(PLATFORM).args(["remove", "-y", "base"]).run();
        refused.refuses(1, &["app", &family.pool.node(LEAF).display().to_string()]);
        before.unchanged();
        assert_eq!(family.pool.installed(PLATFORM), [base(1).nvra()]);
        family
            .pool
            .dnf(PLATFORM)
            .args(["remove", "-y", "--no-check-descendants", "base"])
            .run()
            .success();
        assert!(family.pool.installed(PLATFORM).is_empty());
    }
}
