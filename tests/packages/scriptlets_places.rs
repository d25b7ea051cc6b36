//! What rpm finds at a place is the leaf's own, whether or not a transaction has scriptlets: the same packages make the same
//! tree.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use redpak_testing::{Entry, Package, Pool, Repository, Scriptlet, Trigger, User};

const PLATFORM: &str = "platform";
/// Transactions of the first have no scriptlet, those of the second have some.
const LEAVES: [(&str, &str); 2] = [("platform/quiet", "silence"), ("platform/loud", "noise")];

/// What the ancestor has at places of the packages, or on the way there; no package of its own owns it.
const FILES: [&str; 17] = [
    "etc/app.conf",
    "etc/plain.conf",
    "etc/dropped.conf",
    "etc/second.conf",
    "etc/closed/app.conf",
    "etc/ghost.conf",
    "etc/linked.conf",
    "usr/share/app/data",
    "usr/share/app/app.conf",
    "usr/share/closed/file",
    "usr/share/link/file",
    "usr/share/shared/of-the-platform",
    "usr/share/elsewhere/file",
    "opt/app/app.conf",
    "lib/app/app.conf",
    "var/lib/app/state",
    "usr/share/hard/second-name",
];
const CLOSED: [&str; 2] = ["etc/closed", "usr/share/closed"];
/// Links of the ancestor to a directory.
const LINKS: [&str; 2] = ["usr/share/dir", "usr/share/through"];

fn things(version: u32) -> Package {
    let text = |what: &str| format!("{what} {version}\n");
    let package = Package::new("things", &format!("{version}-1"))
        .entry(Entry::file("/etc/app.conf", text("app")).config_noreplace())
        .entry(Entry::file("/etc/plain.conf", text("plain")).config())
        .entry(Entry::file("/etc/closed/app.conf", text("closed")).config())
        .entry(Entry::symlink("/etc/linked.conf", &format!("target-{version}")).config_noreplace())
        .entry(Entry::file("/etc/ghost.conf", "").config().ghost())
        .entry(Entry::file("/var/lib/app/state", "").ghost())
        .file("/usr/share/app/data", text("data"))
        .entry(Entry::file("/usr/share/app/app.conf", text("app")).config())
        .file("/usr/share/closed/new", text("closed"))
        .file("/usr/share/hard/first-name", text("hard"))
        .entry(Entry::hard_link(
            "/usr/share/hard/second-name",
            "/usr/share/hard/first-name",
        ))
        .entry(Entry::hard_link(
            "/usr/share/hard/third-name",
            "/usr/share/hard/first-name",
        ))
        .file("/usr/share/closed/deep/new", text("closed"))
        .entry(Entry::symlink("/usr/share/link", "/usr/share/elsewhere"))
        .entry(Entry::directory("/usr/share/dir").mode(0o750))
        .file("/usr/share/through/new", text("through"))
        .entry(Entry::directory("/usr/share/shared"))
        .entry(Entry::directory("/opt").mode(0o755))
        .entry(Entry::directory("/opt/app"))
        .entry(Entry::file("/opt/app/app.conf", text("opt")).config_noreplace())
        .entry(Entry::file("/lib/app/app.conf", text("lib")).config())
        .file(&format!("/usr/share/only-{version}/file"), text("only"));
    match version {
        1 => package.entry(Entry::file("/etc/dropped.conf", "dropped\n").config()),
        _ => package,
    }
}

fn packages() -> Vec<Package> {
    let shows = "echo seen: $(cat /usr/share/elsewhere/file /usr/share/shared/of-the-platform)";
    let noise = |version: &str| {
        Package::new("noise", version)
            .scriptlet(Scriptlet::Post, shows)
            .scriptlet(Scriptlet::PreUn, shows)
            .trigger(Trigger::In, "things", shows)
            .trigger(Trigger::FilePostUn, "/usr/share", "cat > /dev/null")
            .trigger(Trigger::TransFileIn, "/etc", "cat > /dev/null")
    };
    vec![
        things(1),
        things(2),
        Package::new("second", "1-1").entry(Entry::file("/etc/second.conf", "second\n").config_noreplace()),
        noise("1-1"),
        noise("2-1"),
        Package::new("silence", "1-1"),
        Package::new("silence", "2-1"),
        Package::new("shell", "1-1").provides("/bin/sh"),
    ]
}

fn platform(owner: &User, repository: &Repository) -> Pool {
    let pool = Pool::with(owner, repository, &[PLATFORM, LEAVES[0].0, LEAVES[1].0]);
    pool.install(PLATFORM, &["shell"]);
    for file in FILES {
        pool.write(PLATFORM, file, format!("{file} of the platform\n"));
    }
    for directory in CLOSED {
        let path = pool.node(PLATFORM).join(directory);
        fs::set_permissions(path, fs::Permissions::from_mode(0o711)).expect("a mode");
    }
    for link in LINKS {
        symlink("elsewhere", pool.node(PLATFORM).join(link)).expect("a link");
    }
    pool
}

/// Type, mode and content of everything in a leaf but what governs it and what differs by nature.
fn tree(leaf: &Path) -> BTreeMap<PathBuf, String> {
    const LEFT_OUT: [&str; 9] = [
        "var/lib/rpm",
        "usr/lib/sysimage/libdnf5",
        "var/cache",
        "var/log",
        "etc/redpack.yaml",
        "etc/redpack-admin.yaml",
        "etc/yum.repos.d",
        ".rednode.yaml",
        // rpm keeps the text of a scriptlet there while it runs.
        "var/tmp",
    ];
    fn add(leaf: &Path, relative: &Path, found: &mut BTreeMap<PathBuf, String>) {
        let path = leaf.join(relative);
        for entry in fs::read_dir(&path)
            .expect("a directory")
            .map(|entry| entry.expect("an entry"))
        {
            let relative = relative.join(entry.file_name());
            if LEFT_OUT.iter().any(|left_out| relative == Path::new(left_out)) {
                continue;
            }
            let status = entry.metadata().expect("a status");
            let mode = status.permissions().mode();
            let content = if status.is_symlink() {
                fs::read_link(entry.path()).expect("a link").display().to_string()
            } else if status.is_file() {
                fs::read_to_string(entry.path()).expect("a file")
            } else {
                String::new()
            };
            found.insert(relative.clone(), format!("{mode:o} {content}"));
            if status.is_dir() {
                add(leaf, &relative, found);
            }
        }
    }
    let mut found = BTreeMap::new();
    add(leaf, Path::new(""), &mut found);
    found
}

#[track_caller]
fn same(pool: &Pool, when: &str) -> BTreeMap<PathBuf, String> {
    let [quiet, loud] = LEAVES.map(|(leaf, _)| tree(&pool.node(leaf)));
    let differ = quiet.iter().filter(|(path, state)| loud.get(*path) != Some(*state));
    let added = loud.iter().filter(|(path, _)| !quiet.contains_key(*path));
    let lines: Vec<String> = differ
        .map(|(path, state)| format!("{}: {state:?}, with scriptlets {:?}", path.display(), loud.get(path)))
        .chain(added.map(|(path, state)| format!("{}: with scriptlets {state:?}", path.display())))
        .collect();
    assert!(lines.is_empty(), "{when}, {}:\n{}", pool.owner().name, lines.join("\n"));
    loud
}

fn each(pool: &Pool, command: &str, packages: &[&str]) {
    for (leaf, other) in LEAVES {
        let outcome = pool
            .dnf(leaf)
            .args([command, "-y"])
            .args(packages)
            .arg(other)
            .run()
            .success();
        if other == "noise" {
            outcome.complains(
                "seen: usr/share/elsewhere/file of the platform usr/share/shared/of-the-platform of the platform",
            );
        }
    }
}

#[test]
fn packages_make_the_same_tree_with_scriptlets_as_without() {
    let repository = Repository::new(&packages());
    for owner in User::owners() {
        let pool = platform(&owner, &repository);
        let remove = |file: &str| {
            for (leaf, _) in LEAVES {
                fs::remove_file(pool.node(leaf).join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            }
        };
        let change = |file: &str| LEAVES.iter().for_each(|(leaf, _)| pool.write(leaf, file, "mine\n"));
        for (leaf, other) in LEAVES {
            let names = ["install", "-y", "things-1", "second", &format!("{other}-1")].map(str::to_owned);
            pool.dnf(leaf).args(names).run().success();
        }
        let installed = same(&pool, "installed");
        for file in [
            "etc/app.conf",
            "etc/plain.conf",
            "opt/app/app.conf",
            "lib/app/app.conf",
            "etc/second.conf",
            "usr/share/hard/second-name",
        ] {
            assert!(installed.contains_key(Path::new(file)), "{file} is not installed");
        }
        let stray = installed.keys().find(|path| {
            path.extension()
                .is_some_and(|end| end.to_string_lossy().starts_with("rpm"))
        });
        assert_eq!(stray, None);
        change("etc/app.conf");
        change("etc/dropped.conf");
        remove("etc/plain.conf");
        remove("usr/share/app/app.conf");
        each(&pool, "upgrade", &["things", "second"]);
        let upgraded = same(&pool, "upgraded");
        assert!(upgraded.contains_key(Path::new("etc/app.conf.rpmnew")));
        assert!(upgraded.contains_key(Path::new("etc/dropped.conf.rpmsave")));
        change("opt/app/app.conf");
        remove("etc/second.conf");
        remove("etc/closed/app.conf");
        each(&pool, "remove", &["things", "second"]);
        let removed = same(&pool, "removed");
        assert!(!removed.contains_key(Path::new("usr/share/shared")));
    }
}
