//! Files of packages after a power cut, and configuration files in particular.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use redpak_testing::{Entry, Package, Pool, Repository, Scriptlet, User, package, tool};

use crate::*;

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

/// Owner, mode and time are those of the package too: by its time the file is recognised as not the user's.
#[test]
fn restored_configuration_is_as_rpm_leaves_it() {
    let app = Package::new("app", "1-1")
        .entry(Entry::file("/etc/app/open", "open to all\n").config())
        .entry(Entry::file("/etc/app/closed", "closed\n").mode(0o600).config())
        .entry(Entry::file("/etc/app/tool", "tool\n").mode(0o755).config());
    let repository = Repository::new(&[app]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    let kept = Kept::of(&pool);
    let names = ["open", "closed", "tool"].map(|name| pool.node(LEAF).join("etc/app").join(name));
    let state = || {
        let status = names.each_ref().map(|name| fs::metadata(name).expect("a file"));
        status.map(|status| (status.mode(), status.uid(), status.mtime()))
    };
    dnf(&pool, "install app").run().success();
    let wanted = state();
    for point in ["installed", "completed"] {
        kept.restore();
        kill(&pool, "install app", point);
        names.iter().for_each(|name| cut_off(name, 0));
        // Nothing is left to do for rpm.
        repair(&pool).success().never_says("installed again");
        assert_eq!(state(), wanted, "{point}");
        require_whole(&pool);
    }
}

/// What happened since is the user's doing.
#[test]
fn configuration_that_was_changed_after_the_interruption_stays() {
    let (_repository, pool) = edited_configuration();
    let at = |name: &str| pool.node(LEAF).join("etc/app").join(name);
    let kept = Kept::of(&pool);
    for (point, changed, keeping) in [
        ("completed", ["plain", "kept.rpmnew"], ["plain", "kept.rpmnew"]),
        // rpm comes there when the repair installs the package, and saves it.
        ("unpacked", ["plain", "noreplace"], ["plain.rpmsave", "noreplace"]),
    ] {
        kept.restore();
        kill(&pool, "upgrade", point);
        for name in changed {
            fs::write(at(name), "changed since\n").expect("a file");
        }
        repair(&pool).success();
        let found = configuration(&pool);
        for name in keeping {
            assert_eq!(
                found.get(name).map(String::as_str),
                Some("changed since\n"),
                "{point}: {name} in {found:?}"
            );
        }
        dnf(&pool, "check").run().success();
    }
}

/// A file of a removed package that somebody has written since is nobody's but theirs.
#[test]
fn configuration_of_a_removed_package_that_was_written_since_stays() {
    let app = package("app", 1).entry(Entry::file("/etc/app/app.conf", "shipped\n").config());
    let repository = Repository::new(&[app]);
    let pool = Pool::with(&User::current(), &repository, &[PLATFORM, LEAF]);
    dnf(&pool, "install app").run().success();
    let conf = pool.node(LEAF).join("etc/app/app.conf");
    fs::write(&conf, "mine\n").expect("a file");
    kill(&pool, "remove app", "ended");
    fs::create_dir_all(pool.node(LEAF).join("etc/app")).expect("a directory");
    fs::write(&conf, "new\n").expect("a file");
    repair(&pool).success();
    assert_eq!(fs::read_to_string(&conf).expect("it stays"), "new\n");
    dnf(&pool, "check").run().success();
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
