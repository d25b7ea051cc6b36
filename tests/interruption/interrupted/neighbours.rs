//! What other commands, other users, signals and packages do around an interrupted transaction.

use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::time::{Duration, Instant};

use redpak_testing::{Entry, skip};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::*;

const BELOW: &str = "platform/application/below";

fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_there() {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The repair needs the package files, so it comes first.
#[test]
fn cleaning_does_not_take_the_packages_of_an_interrupted_transaction() {
    let repository = Repository::new(&[package("a", 1), package("a", 2)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    for (number, part) in ["all", "packages"].into_iter().enumerate() {
        let version = number + 1;
        kill(&pool, &format!("install a-{version}"), "installed");
        dnf(&pool, "clean metadata")
            .run()
            .success()
            .never_says("was interrupted");
        fs::remove_dir_all(repository.path().join("repodata")).expect("a repository");
        dnf(&pool, &format!("clean {part}"))
            .run()
            .success()
            .complains("was interrupted");
        assert_eq!(pool.installed(LEAF), [format!("a-{version}-1.noarch")]);
        assert!(package_files(&pool).is_empty(), "{part}");
        require_whole(&pool);
        repository.index();
    }
}

/// Nothing takes the place of what was to go when the package that was to come is lost.
#[test]
fn a_removal_that_others_forbid_does_not_stop_the_repair() {
    let repository = Repository::new(&[
        package("old", 1).provides("service"),
        package("new", 1).provides("service").conflicts("old"),
        package("user", 1).requires("service"),
        package("unneeded", 1),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install old user unneeded").run().success();
    let before = pool.installed(LEAF);
    kill(&pool, "swap old new", "journal");
    package_files(&pool)
        .iter()
        .for_each(|file| fs::remove_file(file).expect("a package file"));
    let repaired = repair(&pool).success();
    repaired.complains("new-1-1.noarch").complains("These packages stay");
    assert_eq!(pool.installed(LEAF), before);
    require_whole(&pool);
}

/// What root has put into a user's node says nothing of the user's transaction.
#[test]
fn what_the_owner_may_not_read_does_not_stop_the_clearing() {
    let Some(user) = User::unprivileged() else {
        return skip("there is no other user");
    };
    let (_repository, pool) = pool_of(
        &user,
        vec![package("talking", 1).scriptlet(Scriptlet::Post, "echo said")],
    );
    let node = pool.node(LEAF);
    for (name, mode) in [("etc/secret", 0o600), ("usr/secret", 0o000)] {
        fs::create_dir_all(node.join(name).parent().expect("a parent")).expect("a directory");
        fs::write(node.join(name), "secret").expect("a file");
        fs::set_permissions(node.join(name), fs::Permissions::from_mode(mode)).expect("a mode");
    }
    let closed = node.join("var/closed");
    fs::create_dir_all(&closed).expect("a directory");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("a mode");
    ["usr", "etc", "var"].iter().for_each(|name| user.own(&node.join(name)));
    for name in ["etc/secret", "usr/secret", "var/closed"] {
        chown(node.join(name), Some(0), Some(0)).expect("a file of root's");
    }
    dnf(&pool, "install talking").run().success();
    require_whole(&pool);
    kill(&pool, "remove talking", "removed");
    repair(&pool).success();
    require_whole(&pool);
    assert_eq!(fs::read(node.join("etc/secret")).expect("a file"), b"secret");
}

/// Success is not said, and the package files stay, when the disk does not take what was written.
#[test]
fn a_disk_that_fails_is_no_success() {
    let (repository, pool) = pool_with_shell(vec![
        package("quiet", 1),
        package("talking", 1).scriptlet(Scriptlet::Post, "echo said"),
    ]);
    for name in ["quiet", "talking"] {
        let run = dnf(&pool, &format!("install {name}")).env("REDPAK_TEST_FAILURE_POINT", "fail:flush");
        run.run()
            .exits(1)
            .complains("the next command repairs the node")
            .never_says("Complete!");
        assert!(pool.node(LEAF).join(".rednode.journal").exists(), "{name}");
        let is_it = |file: &PathBuf| file.ends_with(format!("{name}-1-1.noarch.rpm"));
        assert!(package_files(&pool).iter().any(is_it), "{name}");
        fs::remove_dir_all(repository.path().join("repodata")).expect("a repository");
        // What can be read now need not be on the disk.
        let repaired = repair(&pool).success().complains("Packages were installed again");
        repaired.never_says("could not be installed");
        repository.index();
        require_whole(&pool);
    }
    assert_eq!(pool.installed(LEAF), ["quiet-1-1.noarch", "talking-1-1.noarch"]);
}

/// A link is no content that a power cut has torn.
#[test]
fn a_link_in_the_place_of_a_new_configuration_file_stays() {
    let config = Entry::file("/etc/app.conf", "packaged\n").config_noreplace();
    let repository = Repository::new(&[package("app", 1).entry(config)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    kill(&pool, "install app", "completed");
    let place = pool.node(LEAF).join("etc/app.conf");
    fs::remove_file(&place).expect("the configuration file");
    symlink("chosen.conf", &place).expect("a link");
    repair(&pool).success().never_says("was not whole");
    assert_eq!(fs::read_link(&place).expect("a link"), Path::new("chosen.conf"));
    dnf(&pool, "verify").run().success();
    let deep = dnf(&pool, "verify --deep").run().success();
    deep.prints("/etc/app.conf is a configuration file in whose place is a link to chosen.conf");
}

/// The repair is a transaction, and a signal comes too late for it.
#[test]
fn a_signal_does_not_stop_a_repair() {
    let slow = "echo begun >> /usr/share/slow.log; sleep 2; echo ended >> /usr/share/slow.log";
    let (_repository, pool) = pool_with_shell(vec![package("slow", 1).scriptlet(Scriptlet::Post, slow)]);
    let log = pool.node(LEAF).join("usr/share/slow.log");
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        kill(&pool, "install slow", "journal");
        let (mut child, _directory) = dnf(&pool, "manager --repair").spawn();
        wait_for("the scriptlet", || log.exists());
        kill_process(Pid::from_child(&child), signal).expect("a signal");
        let _ = child.wait().expect("the repair ends");
        wait_for("the end of the repair", || {
            !pool.node(LEAF).join(".rednode.journal").exists()
        });
        assert_eq!(fs::read_to_string(&log).expect("a log"), "begun\nended\n", "{signal:?}");
        require_whole(&pool);
        dnf(&pool, "remove slow").run().success();
        fs::remove_file(&log).expect("the log");
    }
}

/// Ctrl-C while rpm runs: what came keeps its reasons although something else failed, and nothing is left to repair.
#[test]
fn a_signal_in_a_transaction_that_fails_leaves_nothing_to_repair() {
    let slow = "echo begun > /usr/share/slow.log; sleep 2";
    let (_repository, pool) = pool_with_shell(vec![
        package("slow", 1).scriptlet(Scriptlet::Post, slow),
        package("wrong", 1).requires("slow").scriptlet(Scriptlet::Pre, "exit 1"),
    ]);
    let log = pool.node(LEAF).join("usr/share/slow.log");
    let (mut child, _directory) = dnf(&pool, "install slow wrong").spawn();
    wait_for("the scriptlet", || log.exists());
    // As a terminal does it: to all processes of the group.
    kill_process_group(Pid::from_child(&child), Signal::INT).expect("a signal");
    let status = child.wait().expect("the command ends");
    assert!(!status.success());
    wait_for("the end", || !pool.node(LEAF).join(".rednode.journal").exists());
    dnf(&pool, "install nothing-of-this-name")
        .run()
        .exits(1)
        .never_says("was interrupted");
    assert_eq!(pool.installed(LEAF), ["slow-1-1.noarch"]);
    let reasons = fs::read_to_string(pool.node(LEAF).join(STATE).join("packages.toml")).expect("a file");
    assert!(reasons.contains("\"slow.noarch\" = {reason = \"User\"}"), "{reasons}");
    require_whole(&pool);
}

/// A package does not take away what tells that its transaction was interrupted.
#[test]
fn no_scriptlet_removes_or_replaces_the_journal() {
    let body = "for _, name in ipairs({'/.rednode.journal', '/.rednode.overlay'}) do\n\
                  print(name, os.remove(name) and 'removed' or 'refused', os.rename(name, name .. '.old') and 'renamed' or 'refused')\n\
                  local file = io.open(name, 'w')\n\
                  print(name, file and file:write('x') and file:close() and 'written' or 'refused')\n\
                end";
    let lua = package("lua", 1).scriptlet_for("<lua>", Scriptlet::Post, body);
    let (_repository, pool) = pool_with_shell(vec![lua]);
    let outcome = dnf(&pool, "install lua").run().success();
    let said = format!("{}{}", outcome.out(), outcome.err());
    assert!(said.contains("/.rednode.journal\trefused\trefused"), "{said}");
    assert!(said.contains("/.rednode.journal\trefused\n"), "{said}");
    assert!(
        !said.contains("removed") && !said.contains("renamed") && !said.contains("written"),
        "{said}"
    );
    require_whole(&pool);
}

/// A journal installs packages without a question. Root does not do what a user has written there.
#[test]
fn nobody_repairs_what_another_user_began() {
    let Some(user) = User::unprivileged() else {
        return skip("there is no other user");
    };
    let (_repository, pool) = pool_of(&user, vec![package("a", 1), package("b", 1)]);
    kill(&pool, "install a", "installed");
    let root = |words: &str| {
        let program = Run::dnf(&pool.node(LEAF)).args(["-y", "--releasever=1"]);
        program.args(words.split(' ')).user(&User::current()).run()
    };
    for words in ["manager --repair", "install b", "clean all"] {
        root(words)
            .exits(1)
            .complains("whoever began the transaction has to repair it");
    }
    assert!(pool.node(LEAF).join(".rednode.journal").exists());
    repair(&pool).success();
    assert_eq!(pool.installed(LEAF), ["a-1-1.noarch"]);
    require_whole(&pool);
}

/// What a node below was going to install is in no rpmdb yet.
#[test]
fn an_ancestor_does_not_change_while_a_node_below_is_interrupted() {
    let file = |name: &str| package(name, 1).file("/usr/share/same", name);
    let repository = Repository::new(&[file("above"), file("below"), package("other", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF, BELOW]);
    let below = |words: &str| pool.dnf(BELOW).args(["-y", "--releasever=1"]).args(words.split(' '));
    let killed = below("install below")
        .env("REDPAK_TEST_FAILURE_POINT", "kill:journal")
        .run();
    assert!(killed.code() > 128, "{}", killed.report());
    for words in ["install above", "install other", "install below"] {
        let refused = dnf(&pool, words).run().exits(1);
        refused
            .complains("manager --repair")
            .complains("--no-check-descendants");
    }
    assert_eq!(pool.installed(LEAF), [""; 0]);
    dnf(&pool, "install other --no-check-descendants").run().success();
    below("manager --repair").run().success();
    assert_eq!(pool.installed(BELOW), ["below-1-1.noarch"]);
    dnf(&pool, "remove other").run().success();
}

/// With `justdb` no file of a package is looked at.
#[test]
fn a_repair_of_the_rpmdb_alone_touches_no_file() {
    let (_repository, pool) = pool_with_shell(vec![
        package("a", 1),
        package("b", 1).scriptlet(Scriptlet::Post, "echo said"),
    ]);
    dnf(&pool, "install a").run().success();
    let node = pool.node(LEAF);
    for point in ["removed", "ended"] {
        kill(&pool, "remove a --setopt=tsflags=justdb", point);
        repair(&pool).success();
        assert_eq!(pool.installed(LEAF), [""; 0], "{point}");
        assert!(node.join("usr/share/a").exists(), "{point}");
        dnf(&pool, "install a").run().success();
    }
    kill(&pool, "install b --setopt=tsflags=justdb", "installed");
    let repaired = repair(&pool).complains("was interrupted").never_says("was taken away");
    repaired.never_says("installed again").never_says("scriptlets");
    assert_eq!(pool.installed(LEAF), ["a-1-1.noarch", "b-1-1.noarch"]);
    assert!(!node.join("usr/share/b").exists());
}

/// A reason that a transaction restores is restored by its repair too.
#[test]
fn an_interrupted_undo_restores_a_reason_that_was_never_recorded() {
    let repository = Repository::new(&[package("a", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let root = format!("--root={}", pool.node(LEAF).display());
    let by_rpm = Run::command("rpm").args([&root, "-i", "--nosignature"]);
    by_rpm.arg(repository.file(&package("a", 1))).run().success();
    dnf(&pool, "mark dependency a").run().success();
    kill(&pool, "history undo last", "journal");
    repair(&pool).success();
    let shown = dnf(&pool, "repoquery --installed --qf=%{reason}").run().success().out();
    assert!(shown.contains("External User"), "{shown}");
}

/// An rpmdb that others may write is read from a copy, also at the end of a transaction.
#[test]
fn an_rpmdb_that_a_group_may_write_stops_no_transaction() {
    let (_repository, pool) = pool_with_shell(vec![
        package("quiet", 1),
        package("talking", 1).scriptlet(Scriptlet::PreUn, "echo said"),
    ]);
    dnf(&pool, "install quiet talking").run().success();
    let rpmdb = pool.node(LEAF).join("var/lib/rpm");
    fs::set_permissions(&rpmdb, fs::Permissions::from_mode(0o775)).expect("a mode");
    for name in ["quiet", "talking"] {
        dnf(&pool, &format!("remove {name}")).run().success();
        dnf(&pool, &format!("install {name}")).run().success();
        require_whole(&pool);
    }
}

/// A query writes while a command that changes the node begins.
#[test]
fn a_file_that_is_being_written_is_not_swept_away() {
    let repository = Repository::new(&[package("a", 1)]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let [held, left] =
        ["00000000000000aa", "00000000000000ab"].map(|name| pool.node(LEAF).join(format!(".redpak-{name}.tmp")));
    let mut file = fs::File::create(&held).expect("a file");
    file.write_all(b"half").expect("written");
    file.lock().expect("a lock");
    fs::write(&left, "left").expect("a file");
    dnf(&pool, "install a").run().success();
    assert!(held.exists() && !left.exists());
    drop(file);
    dnf(&pool, "remove a").run().success();
    assert!(!held.exists());
}

/// What the node's configuration forbids was allowed at the command line, or did not concern the command.
#[test]
fn a_downgrade_that_the_configuration_forbids_is_repaired() {
    let repository = Repository::new(&[
        package("app", 1).requires("lib = 1"),
        package("lib", 1),
        package("lib", 2),
    ]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    pool.write(LEAF, "etc/dnf/dnf.conf", "[main]\nallow_downgrade=0\n");
    dnf(&pool, "install lib").run().success();
    let kept = Kept::of(&pool);
    for point in ["journal", "remove", "installed"] {
        kept.restore();
        kill(&pool, "install --allow-downgrade app", point);
        repair(&pool).success();
        assert_eq!(pool.installed(LEAF), ["app-1-1.noarch", "lib-1-1.noarch"], "{point}");
        require_whole(&pool);
    }
}
