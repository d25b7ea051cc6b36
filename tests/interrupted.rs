//! Transactions that are killed or cut off, and what the next commands make of them: cases that lost something once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Entry, Outcome, Package, Pool, Repository, Run, Scriptlet, User, directory, package, tool};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";
const STATE: &str = "usr/lib/sysimage/libdnf5";

/// Scriptlets need a shell, which the family has.
fn shell() -> Package {
    Package::new("shell", "1-1").provides("/bin/sh").provides("/usr/bin/sh")
}

fn pool_with_shell(packages: Vec<Package>) -> (Repository, Pool) {
    pool_of(&User::current(), packages)
}

fn pool_of(user: &User, packages: Vec<Package>) -> (Repository, Pool) {
    let repository = Repository::new(&[vec![shell()], packages].concat());
    let pool = Pool::with(user, &repository, &[PLATFORM, LEAF]);
    pool.install(PLATFORM, &["shell"]);
    (repository, pool)
}

fn dnf(pool: &Pool, words: &str) -> Run {
    pool.dnf(LEAF).args(["-y", "--releasever=1"]).args(words.split(' '))
}

/// Kills a command where it passes a point.
fn kill(pool: &Pool, words: &str, point: &str) -> Outcome {
    let run = dnf(pool, words).env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}"));
    run.run().check(|outcome| outcome.code() > 128, "to be killed")
}

fn repair(pool: &Pool) -> Outcome {
    dnf(pool, "manager --repair").run()
}

/// The node is complete: for this program, for rpm and for a launch.
fn require_whole(pool: &Pool) {
    dnf(pool, "check").run().success();
    dnf(pool, "verify --deep").run().success();
    let node = pool.node(LEAF);
    assert!(!node.join(".rednode.journal").exists() && !node.join(".rednode.overlay").exists());
}

/// A node that can be put back as it was.
struct Kept {
    place: tempfile::TempDir,
    node: PathBuf,
}

impl Kept {
    fn of(pool: &Pool) -> Self {
        let kept = Self {
            place: directory(),
            node: pool.node(LEAF),
        };
        tool("cp", [Path::new("-a"), &kept.node, &kept.place.path().join("node")]);
        kept
    }

    fn restore(&self) {
        fs::remove_dir_all(&self.node).expect("the node can be removed");
        tool("cp", [Path::new("-a"), &self.place.path().join("node"), &self.node]);
    }
}

/// The files of the package cache, which a command that succeeds deletes.
fn package_files(pool: &Pool) -> Vec<PathBuf> {
    let cache = pool.node(LEAF).join("var/cache/libdnf5");
    let listed = tool("find", [cache.as_os_str(), "-name".as_ref(), "*.rpm".as_ref()]);
    listed.lines().map(PathBuf::from).collect()
}

#[test]
fn a_killed_reinstallation_loses_no_package() {
    let repository = Repository::new(&[package("a", 1), package("b", 1).requires("c"), package("c", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a b").run().success();
    let installed = pool.installed(LEAF);
    let kept = Kept::of(&pool);
    for point in [
        "install:2",
        "installed",
        "installed:3",
        "remove",
        "remove:3",
        "removed",
        "removed:2",
        "completed",
    ] {
        kept.restore();
        kill(&pool, "reinstall a b c", point);
        repair(&pool).success().complains("was interrupted");
        // Another command finds nothing to repair.
        dnf(&pool, "remove nothing-of-this-name")
            .run()
            .never_says("interrupted");
        assert_eq!(pool.installed(LEAF), installed, "{point}");
        require_whole(&pool);
        dnf(&pool, "remove a b").run().success();
        assert_eq!(pool.installed(LEAF), [""; 0], "c is a dependency after {point}");
    }
}

/// The repair is a transaction of its own, which registers packages twice in its turn.
#[test]
fn a_repair_that_is_killed_loses_no_package() {
    let repository = Repository::new(&["a", "b", "c"].map(|name| package(name, 1)));
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a b c").run().success();
    let installed = pool.installed(LEAF);
    let kept = Kept::of(&pool);
    for first in ["installed:2", "remove:2"] {
        for second in ["journal", "install", "installed", "remove", "removed", "completed"] {
            kept.restore();
            kill(&pool, "reinstall a b c", first);
            // What was registered is damaged, so the repair installs it again.
            fs::write(pool.node(LEAF).join("usr/share/a"), "cut off").expect("a packaged file");
            for _ in 0..2 {
                let run = dnf(&pool, "manager --repair");
                run.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{second}")).run();
            }
            repair(&pool).success();
            assert_eq!(pool.installed(LEAF), installed, "{first}, then {second}");
            require_whole(&pool);
        }
    }
}

#[test]
fn an_interrupted_downgrade_with_a_damaged_file_is_repaired() {
    let repository = Repository::new(&[package("a", 1), package("a", 2)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a-1").run().success();
    dnf(&pool, "upgrade a").run().success();
    let kept = Kept::of(&pool);
    for words in ["downgrade a", "history undo last"] {
        for point in ["remove", "installed"] {
            kept.restore();
            kill(&pool, words, point);
            assert_eq!(
                pool.installed(LEAF).len(),
                if point == "remove" { 2 } else { 1 },
                "{words} at {point}"
            );
            fs::write(pool.node(LEAF).join("usr/share/a"), "cut off").expect("a packaged file");
            repair(&pool).success();
            assert_eq!(pool.installed(LEAF), ["a-1-1.noarch"], "{words} at {point}");
            require_whole(&pool);
        }
    }
}

/// `(name of a file below /etc, content)`
fn configuration(pool: &Pool) -> BTreeMap<String, String> {
    let directory = pool.node(LEAF).join("etc/app");
    let entries = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry"));
    let read = |entry: fs::DirEntry| {
        let content = fs::read_to_string(entry.path()).expect("a file");
        (entry.file_name().into_string().expect("UTF-8"), content)
    };
    entries.map(read).collect()
}

/// A file whose content did not reach the disk has its name and its time.
fn cut_off(path: &Path, length: u64) {
    let file = fs::File::options().write(true).open(path).expect("a file");
    let time = file
        .metadata()
        .and_then(|metadata| metadata.modified())
        .expect("a time");
    file.set_len(length).expect("cut off");
    file.set_times(fs::FileTimes::new().set_modified(time))
        .expect("its time");
}

/// An upgrade of a package whose configuration files its user has edited, and what it leads to.
fn configured(version: u32) -> Package {
    let text = |name: &str| format!("{name}={version}\nmore lines\n");
    Package::new("app", &format!("{version}-1"))
        .entry(Entry::file("/etc/app/plain", text("plain")).config())
        .entry(Entry::file("/etc/app/noreplace", text("noreplace")).config_noreplace())
        .entry(Entry::file("/etc/app/edited", text("edited")).config())
        .entry(Entry::file("/etc/app/kept", text("kept")).config_noreplace())
        .entry(Entry::file(&format!("/etc/app/new-{version}"), text("new")).config_noreplace())
}

/// A node whose package is about to be upgraded.
fn edited_configuration() -> (Repository, Pool) {
    let repository = Repository::new(&[configured(1), configured(2)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app-1").run().success();
    for name in ["edited", "kept", "new-1"] {
        fs::write(pool.node(LEAF).join("etc/app").join(name), "mine\n").expect("a file");
    }
    (repository, pool)
}

/// Runs the upgrade; what it leads to.
fn upgrade_configuration(pool: &Pool) -> BTreeMap<String, String> {
    dnf(pool, "upgrade").run().success();
    let changed = dnf(pool, "verify --deep").run().success();
    changed.prints("/etc/app/kept is a configuration file that was changed");
    let wanted = configuration(pool);
    assert_eq!(wanted["edited.rpmsave"], "mine\n");
    assert_eq!(wanted["kept"], "mine\n");
    assert!(wanted.contains_key("kept.rpmnew") && wanted.contains_key("new-2"));
    wanted
}

#[test]
fn configuration_that_lost_its_content_is_restored() {
    let (_repository, pool) = edited_configuration();
    let at = |name: &str| pool.node(LEAF).join("etc/app").join(name);
    let kept = Kept::of(&pool);
    let wanted = upgrade_configuration(&pool);
    // Before the package is registered, and when both versions are.
    for point in ["unpacked", "remove", "completed"] {
        for length in [0, 3] {
            kept.restore();
            kill(&pool, "upgrade", point);
            for name in ["plain", "noreplace", "edited", "kept.rpmnew", "new-2"].map(at) {
                // What rpm has not touched yet is safe on the disk.
                if fs::read_to_string(&name).is_ok_and(|text| text != "mine\n") {
                    cut_off(&name, length);
                }
            }
            repair(&pool).success();
            assert_eq!(configuration(&pool), wanted, "{point}, {length} bytes are left");
            require_whole(&pool);
        }
    }
}

/// The header of the new version is on the disk, and what was done with files is not.
#[test]
fn configuration_that_a_power_cut_brought_back_is_replaced_as_rpm_does() {
    let (_repository, pool) = edited_configuration();
    let at = |name: &str| pool.node(LEAF).join("etc/app").join(name);
    let before = Kept::of(&pool);
    let wanted = upgrade_configuration(&pool);
    before.restore();
    kill(&pool, "upgrade", "completed");
    assert_eq!(configuration(&pool), wanted);
    let bring_back = |name: &str| {
        let from = before.place.path().join("node/etc/app").join(name);
        tool("cp", [Path::new("-a"), &from, &at(name)]);
    };
    ["plain", "noreplace", "edited", "kept", "new-1"]
        .into_iter()
        .for_each(bring_back);
    for name in ["edited.rpmsave", "new-1.rpmsave", "kept.rpmnew"] {
        fs::remove_file(at(name)).expect("what rpm made");
    }
    repair(&pool).success();
    assert_eq!(configuration(&pool), wanted);
    require_whole(&pool);
}

#[test]
fn files_of_a_removed_package_that_a_power_cut_brought_back_are_removed() {
    let app = package("app", 1)
        .entry(Entry::symlink("/usr/share/link", "app"))
        .entry(Entry::directory("/usr/share/of-app"))
        .file("/usr/share/of-app/file", "x")
        .entry(Entry::file("/etc/app/app.conf", "shipped\n").config());
    let repository = Repository::new(&[app, package("other", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app").run().success();
    fs::write(pool.node(LEAF).join("etc/app/app.conf"), "mine\n").expect("a file");
    let before = Kept::of(&pool);
    kill(&pool, "remove app", "ended");
    for directory in ["usr/share", "etc/app"] {
        let from = before.place.path().join("node").join(directory).join(".");
        let to = pool.node(LEAF).join(directory);
        fs::create_dir_all(&to).expect("a directory");
        tool("cp", [Path::new("-a"), &from, &to]);
    }
    let _ = fs::remove_file(pool.node(LEAF).join("etc/app/app.conf.rpmsave"));
    fs::write(pool.node(LEAF).join("usr/share/mine"), "mine").expect("a file");
    repair(&pool).success();
    let left = tool(
        "find",
        [
            pool.node(LEAF).join("usr/share").as_os_str(),
            "-mindepth".as_ref(),
            "1".as_ref(),
        ],
    );
    assert_eq!(
        left.trim(),
        pool.node(LEAF).join("usr/share/mine").to_str().expect("UTF-8")
    );
    assert_eq!(
        configuration(&pool),
        BTreeMap::from([("app.conf.rpmsave".into(), "mine\n".into())])
    );
}

/// A directory of the old version is a link in the new one, and leads to the new one's files.
#[test]
fn files_behind_a_link_in_the_place_of_a_directory_stay() {
    let old = package("app", 1).file("/usr/share/data/file", "same");
    let new = package("app", 2)
        .file("/usr/share/data.d/file", "same")
        .entry(Entry::symlink("/usr/share/data", "data.d"))
        .scriptlet_for(
            "<lua>",
            Scriptlet::PreTrans,
            "os.rename('/usr/share/data', '/usr/share/old-data')",
        );
    let repository = Repository::new(&[old, new]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app-1").run().success();
    for point in ["ended", "completed", "removed"] {
        let kept = Kept::of(&pool);
        kill(&pool, "upgrade", point);
        repair(&pool).success();
        assert_eq!(pool.installed(LEAF), ["app-2-1.noarch"]);
        require_whole(&pool);
        kept.restore();
    }
}

/// What a user writes between the interruption and the repair is the user's.
#[test]
fn a_repair_leaves_what_the_user_wrote() {
    let app = Package::new("app", "1-1").entry(Entry::file("/etc/app/app.conf", "shipped\n").config_noreplace());
    let repository = Repository::new(&[app]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    kill(&pool, "install app", "completed");
    for mine in ["mine\n", ""] {
        fs::write(pool.node(LEAF).join("etc/app/app.conf"), mine).expect("a file");
        repair(&pool).success();
        assert_eq!(configuration(&pool)["app.conf"], mine);
    }
}

fn says(line: &str) -> String {
    format!("echo {line} >> /var/said")
}

fn said(pool: &Pool) -> Vec<String> {
    let text = fs::read_to_string(pool.node(LEAF).join("var/said")).unwrap_or_default();
    text.lines().map(Into::into).collect()
}

/// Packages with every scriptlet; each says its name.
fn talking(version: u32) -> Package {
    let kinds = [
        (Scriptlet::Pre, "pre"),
        (Scriptlet::Post, "post"),
        (Scriptlet::PreUn, "preun"),
        (Scriptlet::PostUn, "postun"),
        (Scriptlet::PostTrans, "posttrans"),
    ];
    let package = package("talking", version);
    kinds.into_iter().fold(package, |package, (kind, name)| {
        package.scriptlet(kind, &says(&format!("{name}-{version}")))
    })
}

#[test]
fn scriptlets_that_were_missed_run_or_are_named() {
    let (_repository, pool) = pool_with_shell(vec![talking(1), talking(2), package("other", 1)]);
    let kept = Kept::of(&pool);
    // %post had not begun, or not ended: the package is installed again for it.
    for point in ["scriptlet:2", "installed"] {
        kept.restore();
        kill(&pool, "install talking-1", point);
        let outcome = repair(&pool).success();
        assert!(
            said(&pool).contains(&"post-1".to_owned()),
            "{point}: {}",
            outcome.report()
        );
        assert!(said(&pool).contains(&"posttrans-1".to_owned()), "{point}");
        if said(&pool).iter().filter(|line| *line == "pre-1").count() > 1 {
            let text = outcome.err();
            assert!(
                (text.contains("may run again") || text.contains("run as in a reinstallation"))
                    && text.contains("%pre of talking-1-1.noarch"),
                "{text}"
            );
        }
        require_whole(&pool);
    }
    // One that was interrupted twice is named, and not tried a third time.
    kept.restore();
    kill(&pool, "install talking-1", "scriptlet:2");
    let run = dnf(&pool, "manager --repair").env("REDPAK_TEST_FAILURE_POINT", "kill:scriptlet:2");
    run.run().exits(1);
    let outcome = repair(&pool).success();
    outcome
        .complains("did not run")
        .complains("%post of talking-1-1.noarch");
    require_whole(&pool);
    // The old package is gone, and its %postun with it.
    kept.restore();
    dnf(&pool, "install talking-1").run().success();
    kill(&pool, "remove talking", "removed");
    let outcome = repair(&pool).success();
    if !said(&pool).contains(&"postun-1".to_owned()) {
        outcome
            .complains("did not run")
            .complains("%postun of talking-1-1.noarch");
    }
    assert_eq!(pool.installed(LEAF), [""; 0]);
    // Nothing is said of what ran.
    kept.restore();
    kill(&pool, "install talking-1", "ended");
    repair(&pool)
        .success()
        .never_says("may run again")
        .never_says("did not run");
    assert_eq!(said(&pool), ["pre-1", "post-1", "posttrans-1"]);
}

/// A repair runs no scriptlets that the user had switched off.
#[test]
fn a_repair_has_the_flags_of_its_transaction() {
    let (_repository, pool) = pool_with_shell(vec![talking(1)]);
    for point in ["installed", "completed"] {
        let kept = Kept::of(&pool);
        kill(&pool, "install talking-1 --setopt=tsflags=noscripts", point);
        fs::write(pool.node(LEAF).join("usr/share/talking"), "cut off").expect("a packaged file");
        repair(&pool).success().never_says("These scriptlets");
        assert_eq!(said(&pool), [""; 0], "{point}");
        require_whole(&pool);
        kept.restore();
    }
}

#[test]
fn what_cannot_be_repaired_is_named_each_time() {
    let moves = "os.rename('/usr/share/app', '/usr/share/moved')";
    let repository = Repository::new(&[
        package("app", 1),
        package("app", 2).scriptlet_for("<lua>", Scriptlet::PreTrans, moves),
        package("other", 1),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app-1").run().success();
    kill(&pool, "upgrade app", "install");
    let files = package_files(&pool);
    assert!(!files.is_empty());
    files
        .iter()
        .for_each(|file| fs::remove_file(file).expect("a package file"));
    for _ in 0..2 {
        let outcome = repair(&pool).exits(1);
        outcome.complains("app-1-1.noarch").complains("reinstall");
    }
    // Others can be installed all the same, and so can this one.
    dnf(&pool, "install other").run().success();
    dnf(&pool, "reinstall app").run().success();
    repair(&pool).success();
    require_whole(&pool);
}

#[test]
fn a_scriptlet_that_fails_loses_no_reason() {
    let packages = vec![
        package("lib", 1),
        package("app", 1).requires("lib"),
        package("bad", 1).scriptlet(Scriptlet::Post, "exit 1"),
    ];
    for user in User::owners() {
        let (_repository, pool) = pool_of(&user, packages.clone());
        dnf(&pool, "install app bad")
            .run()
            .exits(1)
            .never_says("interrupted")
            .never_says("Complete!");
        assert_eq!(pool.installed(LEAF).len(), 3);
        require_whole(&pool);
        dnf(&pool, "remove app").run().success().never_says("interrupted");
        assert_eq!(
            pool.installed(LEAF),
            ["bad-1-1.noarch"],
            "lib was a dependency, bad was asked for"
        );
    }
}

/// A scriptlet that fails each time stops one repair, and not all of them.
#[test]
fn a_package_that_refuses_is_given_up() {
    let (_repository, pool) = pool_with_shell(vec![
        package("good", 1),
        package("bad", 1).scriptlet(Scriptlet::Pre, "exit 1"),
        package("stays", 1).scriptlet(Scriptlet::PreUn, "exit 1"),
    ]);
    kill(&pool, "install good bad", "journal");
    repair(&pool).exits(1).complains("Error in %pre scriptlet: bad");
    let outcome = repair(&pool).success();
    outcome
        .complains("a scriptlet of theirs failed")
        .complains("bad-1-1.noarch");
    assert_eq!(pool.installed(LEAF), ["good-1-1.noarch"]);
    require_whole(&pool);
    dnf(&pool, "install stays").run().success();
    kill(&pool, "remove good stays", "journal");
    repair(&pool).exits(1).complains("Error in %preun scriptlet: stays");
    repair(&pool).success();
    assert_eq!(pool.installed(LEAF), ["stays-1-1.noarch"]);
    require_whole(&pool);
}

#[test]
fn reasons_of_packages_that_are_gone_are_gone() {
    let repository = Repository::new(&[package("lib", 1), package("app", 1).requires("lib")]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app").run().success();
    kill(&pool, "remove app", "completed");
    repair(&pool).success();
    let reasons = fs::read_to_string(pool.node(LEAF).join(STATE).join("packages.toml")).expect("libdnf5's state");
    assert!(!reasons.contains("noarch"), "{reasons}");
    // An ancestor's package of the same name has its reason there.
    pool.install(PLATFORM, &["lib"]);
    dnf(&pool, "install --forcenode lib").run().success();
    let reasons = fs::read_to_string(pool.node(LEAF).join(STATE).join("packages.toml")).expect("libdnf5's state");
    assert!(
        !reasons.contains("noarch") || !pool.installed(LEAF).is_empty(),
        "{reasons}"
    );
}

#[test]
fn nothing_temporary_is_left_behind() {
    let repository = Repository::new(&[package("other", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let node = pool.node(LEAF);
    fs::create_dir_all(node.join("var/tmp")).expect("a directory");
    let leftovers = [".redpak-0123456789abcdef.tmp", "var/tmp/rpm-tmp.a1B2c3"];
    let others = [".redpak-mine.tmp", "var/tmp/rpm-tmp.a1B2c3d", "var/tmp/mine"];
    for name in leftovers.iter().chain(&others) {
        fs::write(node.join(name), "").expect("a file");
    }
    dnf(&pool, "install other").run().success();
    for name in leftovers {
        assert!(!node.join(name).exists(), "{name}");
    }
    for name in others {
        assert!(node.join(name).exists(), "{name}");
    }
}

/// Files of libdnf5's state that a power cut left empty do not stop those who only look.
#[test]
fn queries_answer_when_the_state_is_cut_off() {
    let repository = Repository::new(&[package("lib", 1), package("app", 1).requires("lib")]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app").run().success();
    kill(&pool, "reinstall app", "completed");
    fs::set_permissions(pool.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("readable");
    let file = pool.node(LEAF).join(STATE).join("packages.toml");
    for left in ["", "version = \"1.0\"\n[pack"] {
        fs::write(&file, left).expect("libdnf5's state");
        let asked = dnf(&pool, "repoquery --installed --qf=%{name}:%{reason}\\n")
            .run()
            .success();
        asked
            .complains("interrupted")
            .prints("lib:Dependency")
            .prints("app:User");
        dnf(&pool, "list --installed").run().success().prints("app");
        // Who may not write the node has the copy elsewhere.
        if let Some(other) = User::unprivileged().filter(|_| User::is_root()) {
            let asked = dnf(&pool, "list --installed").user(&other).run();
            asked.success().prints("app");
        }
        assert_eq!(
            fs::read_to_string(&file).expect("a file"),
            left,
            "a query repairs nothing"
        );
    }
    repair(&pool).success();
    require_whole(&pool);
}

/// The first transaction of a node is cut off while librpm makes the tables of the rpmdb.
#[test]
fn queries_answer_when_the_rpmdb_is_half_made() {
    let repository = Repository::new(&[package("lib", 1), package("app", 1).requires("lib")]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    pool.install(PLATFORM, &["lib"]);
    kill(&pool, "install app", "install");
    let database = pool.node(LEAF).join("var/lib/rpm/rpmdb.sqlite");
    for statement in ["DROP TABLE Name", "DROP TABLE Packages"] {
        tool("sqlite3", [database.as_os_str(), statement.as_ref()]);
        dnf(&pool, "list --installed")
            .run()
            .success()
            .complains("interrupted")
            .prints("lib");
        dnf(&pool, "repoquery --installed")
            .run()
            .success()
            .prints("lib-0:1-1.noarch");
    }
    let kept = Kept::of(&pool);
    package_files(&pool)
        .iter()
        .for_each(|file| fs::remove_file(file).expect("a package file"));
    repair(&pool).success();
    assert_eq!(
        pool.installed(LEAF),
        [""; 0],
        "rpm can read it when nothing can be installed"
    );
    kept.restore();
    repair(&pool).success();
    assert_eq!(pool.installed(LEAF), ["app-1-1.noarch"]);
    require_whole(&pool);
    // A table is missing from one that has packages: that is damage.
    tool("sqlite3", [database.as_os_str(), "DROP TABLE Name".as_ref()]);
    dnf(&pool, "list --installed")
        .run()
        .check(|outcome| outcome.code() != 0, "to fail");
}

/// Options that keep packages away, or check those of the command line alone, do not stop a repair.
#[test]
fn options_that_the_transaction_passed_do_not_stop_its_repair() {
    let repository = Repository::new(&[package("a", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let kept = Kept::of(&pool);
    for (line, option) in [
        ("excludepkgs=a", "--setopt=disable_excludes=*"),
        ("localpkg_gpgcheck=1", "--setopt=best=1"),
    ] {
        kept.restore();
        pool.write(LEAF, "etc/dnf/dnf.conf", format!("[main]\n{line}\n"));
        kill(&pool, &format!("install a {option}"), "install");
        repair(&pool).success();
        assert_eq!(pool.installed(LEAF), ["a-1-1.noarch"], "{line}");
        require_whole(&pool);
    }
}

/// The new version is registered, and the old one has to go.
#[test]
fn an_interrupted_upgrade_of_a_protected_package_is_repaired() {
    let repository = Repository::new(&[package("a", 1), package("a", 2)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install a-1").run().success();
    pool.write(LEAF, "etc/dnf/dnf.conf", "[main]\nprotected_packages=a\n");
    kill(&pool, "upgrade a", "remove");
    assert_eq!(pool.installed(LEAF), ["a-1-1.noarch", "a-2-1.noarch"]);
    repair(&pool).success();
    assert_eq!(pool.installed(LEAF), ["a-2-1.noarch"]);
    dnf(&pool, "remove a").run().exits(1).complains("protected");
}

/// What a repair cannot install takes nothing else with it, and does not stop the repair.
#[test]
fn a_lost_package_file_costs_no_other_package() {
    let b = |version| package("b", version).requires("lib");
    let repository = Repository::new(&[
        package("lib", 1),
        package("lib", 2),
        b(1),
        b(2).conflicts("lib < 2"),
        package("user", 1).requires("lib"),
        package("new", 1).requires("lib = 2"),
        package("other", 1),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install lib-1 b-1 user").run().success();
    let installed = pool.installed(LEAF);
    let kept = Kept::of(&pool);
    for (command, left_out, others) in [
        ("upgrade", "b-2-1.noarch", vec![]),
        ("install new other", "new-1-1.noarch", vec!["other-1-1.noarch"]),
    ] {
        kept.restore();
        kill(&pool, command, "install");
        let is_lib = |file: &&PathBuf| file.file_name().is_some_and(|name| name == "lib-2-1.noarch.rpm");
        let files = package_files(&pool);
        fs::remove_file(files.iter().find(is_lib).expect("a package file")).expect("removed");
        repair(&pool).success().complains("lib-2-1.noarch").complains(left_out);
        let mut wanted = installed.clone();
        wanted.extend(others.into_iter().map(str::to_owned));
        wanted.sort();
        assert_eq!(pool.installed(LEAF), wanted, "{command}");
        require_whole(&pool);
    }
}

/// Who may write the node's journal cannot make another's repair remove something outside.
#[test]
fn a_forged_offline_transaction_removes_nothing_outside() {
    let pool = Pool::with(
        &User::current(),
        &Repository::new(&[package("a", 1)]),
        &[PLATFORM, LEAF],
    );
    let outside = directory();
    let precious = outside.path().join("packages/precious");
    fs::create_dir(outside.path().join("packages")).expect("a directory");
    fs::write(&precious, "").expect("a file");
    let link = pool.node(LEAF).join("var/lib/dnf/offline");
    fs::create_dir_all(link.parent().expect("a parent")).expect("directories");
    std::os::unix::fs::symlink(outside.path(), &link).expect("a link");
    let plan = r#"{"version":2,"command":"a","inbound":[],"outbound":[],"state":{"offline":true}}"#;
    pool.write(LEAF, ".rednode.journal", format!("{plan}\n"));
    repair(&pool).exits(1).complains("leads out of");
    assert!(precious.exists());
    // What was prepared in the node itself is forgotten, links in it included.
    fs::remove_file(&link).expect("the link");
    fs::create_dir_all(link.join("packages/deep")).expect("directories");
    std::os::unix::fs::symlink(&precious, link.join("packages/deep/link")).expect("a link");
    repair(&pool).success();
    assert!(precious.exists() && !link.join("packages").exists());
}
