//! A family that is coherent, the smallest change that breaks it, and the launch that is refused for it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::Duration;

use redpak_testing::{
    Config, Entry, Key, Launch, Outcome, Package, User, build_packages, directory, flip_byte, register_with_rpm, skip,
    tool, truncate,
};

fn lib() -> Package {
    Package::new("lib", "1.0-1")
        .summary("An unmistakable summary")
        .provides("libx = 1")
        .file("/usr/lib/x/data", "data of lib\n")
}

fn app() -> Package {
    Package::new("app", "1.0-1")
        .requires("libx >= 1")
        .requires("(libx if lib)")
        .requires("/usr/lib/x/data")
        .file("/usr/share/app/file", "content\n")
        .file("/usr/share/app/other", "other\n")
}

/// `lib` in the base and `app` in the leaf, which needs it in three ways.
struct Family {
    launch: Launch,
}

/// `None`, told aloud, where the tests cannot install with plain rpm.
fn family() -> Option<Family> {
    if !User::is_root() {
        skip("plain rpm changes its root, which takes root");
        return None;
    }
    let launch = Launch::leaf(&User::current(), &Config::new());
    let family = Family { launch };
    family.add("base", &[lib()]);
    family.add("base/leaf", &[app()]);
    family.coherent();
    Some(family)
}

impl Family {
    fn add(&self, node: &str, packages: &[Package]) {
        let built = directory();
        register_with_rpm(&self.launch.path(node), &build_packages(packages, built.path()));
    }

    fn rpm(&self, node: &str, arguments: &[&str]) {
        let root = format!("--root={}", self.launch.path(node).display());
        tool(
            "rpm",
            [&[root.as_str(), "--dbpath=/var/lib/rpm", "--nodeps"], arguments].concat(),
        );
    }

    fn run(&self) -> Outcome {
        self.launch.shell("echo started-it")
    }

    #[track_caller]
    fn coherent(&self) {
        let _ = self.run().success().prints("started-it");
    }

    /// Refused with each of these lines' words, again from what is remembered, and started with `--force`.
    #[track_caller]
    fn broken(&self, node: &str, words: &[&str]) {
        let path = self.launch.path(node);
        let words = [&[path.to_str().expect("UTF-8")], words].concat();
        for _ in 0..2 {
            self.run().refuses(125, &words).never_says("started-it");
        }
        let forced = self
            .launch
            .redwrap()
            .args(["--force", "--", "echo", "started-it"])
            .run();
        let _ = words
            .iter()
            .fold(forced.success().prints("started-it"), |outcome, word| {
                outcome.complains(word)
            });
    }

    fn file(&self, path: &str) -> PathBuf {
        self.launch.path(path)
    }
}

const FILE: &str = "base/leaf/usr/share/app/file";

#[test]
fn a_requirement_that_a_parent_no_longer_provides() {
    let Some(family) = family() else { return };
    family.rpm("base", &["-e", "lib"]);
    let needs = "app-1.0-1.noarch: needs";
    let words = [
        "requires: ",
        needs,
        "libx >= 1",
        "/usr/lib/x/data, which nothing in the family provides",
    ];
    family.broken("base/leaf", &words);
    family.add("base", &[lib()]);
    family.coherent();
}

#[test]
fn a_rich_requirement_counts() {
    let Some(family) = family() else { return };
    family.add(
        "base/leaf",
        &[Package::new("rich", "1-1").requires("(missing or other)")],
    );
    family.broken(
        "base/leaf",
        &["requires: ", "rich-1-1.noarch: needs (missing or other)"],
    );
    family.add("base/leaf", &[Package::new("other", "1-1")]);
    family.coherent();
}

#[test]
fn a_conflict() {
    let Some(family) = family() else { return };
    family.add("base/leaf", &[Package::new("foe", "1-1").conflicts("libx < 2")]);
    let words = [
        "conflicts: ",
        "foe-1-1.noarch: conflicts with libx < 2",
        "lib-1.0-1.noarch of ",
    ];
    family.broken("base/leaf", &words);
}

#[test]
fn an_upgrade_in_a_parent_that_conflicts() {
    let Some(family) = family() else { return };
    let built = directory();
    let newer = Package::new("lib", "2.0-1")
        .provides("libx = 1")
        .conflicts("app < 2")
        .file("/usr/lib/x/data", "data of lib\n");
    let paths = build_packages(&[newer], built.path());
    let path = paths[0].to_str().expect("UTF-8");
    family.rpm("base", &["-U", "--noscripts", path]);
    let words = [
        "conflicts: ",
        "lib-2.0-1.noarch: conflicts with app < 2",
        "app-1.0-1.noarch of ",
    ];
    family.broken("base", &words);
}

#[test]
fn an_obsoleted_package_of_an_ancestor() {
    let Some(family) = family() else { return };
    let heir = Package::new("heir", "1-1").obsoletes("lib < 2").provides("libx = 1");
    family.add("base/leaf", &[heir]);
    family.broken("base/leaf", &["obsoletes: ", "heir-1-1.noarch: obsoletes lib < 2"]);
    // What lib alone provides is still there.
    family.run().refuses(125, &["obsoletes: "]).never_says("requires: ");
}

#[test]
fn a_name_at_two_levels_unless_it_was_forced() {
    let Some(family) = family() else { return };
    family.add("base/leaf", &[Package::new("lib", "2.0-1")]);
    let words = [
        "duplicates: ",
        "lib-2.0-1.noarch: ",
        "has lib-1.0-1.noarch of the same name",
    ];
    family.broken("base/leaf", &words);
    family.launch.write("base/leaf/.rednode.forced", "lib\n");
    // From what is remembered, too.
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(50));
        family.run().success().complains("warning: duplicates: ");
    }
    assert!(family.file("base/leaf/.rednode.verdict").exists());
}

/// Another version has its files at the same places.
#[test]
fn the_files_of_a_forced_version() {
    let Some(family) = family() else { return };
    let forced = Package::new("lib", "2.0-1").file("/usr/lib/x/data", "data of another lib\n");
    family.add("base/leaf", &[forced]);
    let words = [
        "file-conflicts: ",
        "lib-2.0-1.noarch: /usr/lib/x/data is different in lib-1.0-1.noarch of ",
    ];
    family.broken("base/leaf", &words);
    family.launch.write("base/leaf/.rednode.forced", "lib\n");
    family.run().success().complains("warning: file-conflicts: ");
}

#[test]
fn two_contents_at_one_place() {
    let Some(family) = family() else { return };
    let same = Package::new("same", "1-1").file("/usr/lib/x/data", "data of lib\n");
    family.add("base/leaf", &[same]);
    family.coherent();
    family.add("base/leaf", &[Package::new("rival", "1-1").file("/usr/lib/x/more", "")]);
    family.coherent();
    let differs = Package::new("differs", "1-1").file("/usr/lib/x/data", "data of another\n");
    let built = directory();
    let paths = build_packages(&[differs], built.path());
    let path = paths[0].to_str().expect("UTF-8");
    family.rpm("base/leaf", &["-i", "--replacefiles", "--noscripts", path]);
    let words = [
        "file-conflicts: ",
        "differs-1-1.noarch: /usr/lib/x/data is different in lib-1.0-1.noarch of ",
    ];
    family.broken("base/leaf", &words);
}

/// Within a node rpm notes which of two files is there.
#[test]
fn a_file_that_another_package_of_the_node_took_the_place_of() {
    let Some(family) = family() else { return };
    let rival = |name: &str, content: &str| Package::new(name, "1-1").file("/opt/x", content);
    family.add("base/leaf", &[rival("first", "one\n")]);
    let built = directory();
    let paths = build_packages(&[rival("second", "another\n")], built.path());
    let path = paths[0].to_str().expect("UTF-8");
    family.rpm("base/leaf", &["-i", "--replacefiles", "--noscripts", path]);
    family.coherent();
    fs::write(family.file("base/leaf/opt/x"), "one\n").expect("written");
    let words = ["files-present: ", "second-1-1.noarch: /opt/x has 4 bytes, not 8"];
    family.broken("base/leaf", &words);
    family.rpm("base/leaf", &["-e", "second"]);
    family.broken("base/leaf", &["files-present: ", "first-1-1.noarch: /opt/x is missing"]);
}

#[test]
fn documentation_may_be_left_out_with_its_directories() {
    let Some(family) = family() else { return };
    let manual = Package::new("manual", "1-1")
        .entry(Entry::directory("/opt/manual"))
        .entry(Entry::directory("/opt/manual/parts"))
        .entry(Entry::file("/opt/manual/parts/one", "one\n").directive("%doc"))
        .entry(Entry::file("/opt/manual/parts/two", "two\n").directive("%doc"))
        .file("/opt/program", "program\n");
    let built = directory();
    let paths = build_packages(&[manual], built.path());
    let path = paths[0].to_str().expect("UTF-8");
    family.rpm("base/leaf", &["-i", "--excludedocs", "--noscripts", path]);
    assert!(!family.file("base/leaf/opt/manual").exists());
    family.coherent();
    fs::remove_file(family.file("base/leaf/opt/program")).expect("removed");
    let words = ["files-present: ", "manual-1-1.noarch: /opt/program is missing"];
    family.broken("base/leaf", &words);
}

#[test]
fn files_that_are_not_as_the_package_says() {
    let Some(family) = family() else { return };
    let file = family.file(FILE);
    let content = fs::read(&file).expect("readable");
    let app = "app-1.0-1.noarch: /usr/share/app/file";
    let put = |content: &[u8]| {
        let _ = fs::remove_file(&file);
        fs::write(&file, content).expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("changed");
    };
    fs::remove_file(&file).expect("removed");
    family.broken("base/leaf", &["files-present: ", &format!("{app} is missing")]);
    put(&content);
    family.coherent();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("changed");
    family.broken(
        "base/leaf",
        &["files-present: ", &format!("{app} has mode 0755, not 0644")],
    );
    put(b"longer content\n");
    family.broken("base/leaf", &["files-present: ", &format!("{app} has 15 bytes, not 8")]);
    fs::remove_file(&file).expect("removed");
    symlink("other", &file).expect("made");
    family.broken(
        "base/leaf",
        &["files-present: ", &format!("{app} is a symbolic link, not a file")],
    );
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("made");
    family.broken(
        "base/leaf",
        &["files-present: ", &format!("{app} is a directory, not a file")],
    );
    fs::remove_dir(&file).expect("removed");
    put(&content);
    family.coherent();
    // The way there leads out of the node, where the very same file is: its own state has not changed.
    std::thread::sleep(Duration::from_millis(50));
    family.coherent();
    assert!(family.file("base/leaf/.rednode.verdict").exists());
    let share = family.file("base/leaf/usr/share/app");
    fs::rename(&share, family.file("outside/app")).expect("moved");
    symlink(family.file("outside/app"), &share).expect("made");
    family.broken(
        "base/leaf",
        &["files-present: ", &format!("{app} leads out of the node")],
    );
}

#[test]
fn an_rpmdb_that_was_tampered_with() {
    let Some(family) = family() else { return };
    let database = family.file("base/var/lib/rpm/rpmdb.sqlite");
    let yesterday = fs::read(&database).expect("readable");
    let text = b"unmistakable";
    let at = yesterday
        .windows(text.len())
        .rposition(|window| window == text)
        .expect("in the header");
    // The database is as it was but for one byte of a header, its time of modification too.
    flip_byte(&database, i64::try_from(at).expect("small"));
    family.broken("base", &["rpmdb-readable: "]);
    fs::write(&database, &yesterday).expect("written");
    family.coherent();
    truncate(&database, 5000);
    family.broken("base", &["rpmdb-readable: "]);
}

#[test]
fn an_older_copy_of_an_rpmdb_with_its_old_time() {
    let Some(family) = family() else { return };
    let folder = family.file("base/var/lib/rpm");
    let (copy, keep) = (directory(), folder.with_extension("new"));
    let copied = copy.path().join("rpm");
    tool("cp", ["-a".as_ref(), folder.as_os_str(), copied.as_os_str()]);
    family.add("base", &[Package::new("added", "1-1")]);
    family.add("base/leaf", &[Package::new("user", "1-1").requires("added")]);
    std::thread::sleep(Duration::from_millis(50));
    family.coherent();
    family.coherent();
    fs::rename(&folder, keep).expect("moved");
    tool("cp", ["-a".as_ref(), copied.as_os_str(), folder.as_os_str()]);
    family.broken("base/leaf", &["requires: ", "user-1-1.noarch: needs added"]);
}

#[test]
fn nodes_that_are_disabled_or_were_moved() {
    let Some(family) = family() else { return };
    let status = family.file("base/.rednode.yaml");
    let enabled = fs::read_to_string(&status).expect("readable");
    fs::write(&status, enabled.replace("Enable", "Disable")).expect("written");
    family.broken("base", &["node-state: ", "Disable"]);
    fs::write(&status, &enabled).expect("written");
    family.coherent();
    fs::rename(family.file("base"), family.file("moved")).expect("moved");
    let moved = family.file("moved/leaf");
    let run = redpak_testing::Run::redwrap(&moved)
        .args(["--", "echo", "started-it"])
        .run();
    let words = ["node-state: ", "the node was made at", "is at"];
    run.refuses(125, &words).never_says("started-it");
}

#[test]
fn status_and_configs_that_do_not_parse() {
    let Some(family) = family() else { return };
    for file in ["base/.rednode.yaml", "base/leaf/etc/redpack.yaml"] {
        let good = fs::read(family.file(file)).expect("readable");
        fs::write(family.file(file), "nonsense: [").expect("written");
        family
            .run()
            .refuses(125, &["node-state: ", file])
            .never_says("started-it");
        fs::write(family.file(file), good).expect("written");
        family.coherent();
    }
}

#[test]
fn a_node_in_the_middle_of_a_transaction() {
    let Some(family) = family() else { return };
    let journal = family.file("base/.rednode.journal");
    fs::write(&journal, "").expect("written");
    family.broken("base", &["node-state: ", "was interrupted", "manager --repair"]);
    let base = fs::File::open(family.file("base")).expect("open");
    rustix::fs::flock(&base, rustix::fs::FlockOperation::LockExclusive).expect("locked");
    let holder = format!("process {}", std::process::id());
    family.broken("base", &["node-state: ", "is being changed by", &holder]);
    drop(base);
    fs::remove_file(&journal).expect("removed");
    family.coherent();
}

#[test]
fn configs_that_do_not_merge() {
    let Some(family) = family() else { return };
    family
        .launch
        .configure("base", &Config::core().tag("share_pid: Disabled"));
    family
        .launch
        .configure("base/leaf", &Config::new().tag("share_pid: Enabled"));
    family
        .run()
        .refuses(125, &["config-merge: ", "share_pid", "base/etc/redpack.yaml"])
        .never_says("started-it");
}

#[test]
fn a_package_without_a_good_signature_where_gpgcheck_is_on() {
    let Some(family) = family() else { return };
    family.launch.configure("base", &Config::core().tag("gpgcheck: true"));
    family.broken(
        "base",
        &["signatures: ", "lib-1.0-1.noarch: is not signed, and gpgcheck is on"],
    );
    family.broken("base/leaf", &["app-1.0-1.noarch: is not signed"]);
    // Signed by a key of the base: good in the base and below it.
    let (key, built) = (Key::new("vendor"), directory());
    let paths = build_packages(&[lib(), app()], built.path());
    key.sign_packages(&paths);
    let public = key.public().to_str().expect("UTF-8").to_owned();
    family.rpm("base", &["-e", "lib"]);
    family.rpm("base/leaf", &["-e", "app"]);
    register_with_rpm(&family.file("base"), &paths[..1]);
    register_with_rpm(&family.file("base/leaf"), &paths[1..]);
    family.broken(
        "base",
        &["signatures: ", "lib-1.0-1.noarch: is signed by a key that neither"],
    );
    let import = |node: &str| {
        let node = family.file(node);
        let (root, database) = (directory(), node.join("var/lib/rpm"));
        let _ = root;
        tool(
            "rpmkeys",
            [&format!("--dbpath={}", database.display()), "--import", &public],
        );
    };
    import("base/leaf");
    family.broken(
        "base",
        &["signatures: ", "lib-1.0-1.noarch: is signed by a key that neither"],
    );
    import("base");
    family.coherent();
    // The same package, its signature stripped.
    tool("rpmsign", ["--delsign".as_ref(), paths[1].as_os_str()]);
    family.rpm("base/leaf", &["-e", "app"]);
    register_with_rpm(&family.file("base/leaf"), &paths[1..]);
    family.broken(
        "base/leaf",
        &["signatures: ", "app-1.0-1.noarch: is not signed, and gpgcheck is on"],
    );
}

#[test]
fn an_export_that_points_outside_through_a_link_of_the_leaf() {
    let Some(family) = family() else { return };
    let leaf = Config::new().export("{mode: Public, mount: /in, path: $NODE_PATH/data}");
    family.launch.configure("base/leaf", &leaf);
    family.coherent();
    fs::remove_dir(family.file("base/leaf/data")).expect("empty");
    symlink(family.file("outside"), family.file("base/leaf/data")).expect("made");
    family
        .run()
        .refuses(125, &["exports: ", "base/leaf/etc/redpack.yaml:4"])
        .never_says("started-it");
}

#[test]
fn what_was_found_once_is_remembered_and_librpm_not_loaded_for_it() {
    let Some(family) = family() else { return };
    std::thread::sleep(Duration::from_millis(50));
    family.coherent();
    assert!(family.file("base/leaf/.rednode.verdict").exists());
    let traced = |family: &Family| {
        let log = directory();
        let file = log.path().join("trace");
        let run = redpak_testing::Run::command("strace").args(["-f", "-e", "trace=execve,openat", "-o"]);
        let run = run.arg(&file).arg(redpak_testing::built_program("redwrap"));
        let run = run.arg(format!("--redpath={}", family.file("base/leaf").display()));
        let _ = run
            .args(["--", "echo", "started-it"])
            .run()
            .success()
            .prints("started-it");
        fs::read_to_string(file).expect("a trace")
    };
    let trace = traced(&family);
    for absent in ["redwrap-check", "librpm", "rpmdb.sqlite\""] {
        let opened = trace
            .lines()
            .filter(|line| line.contains(absent) && !line.contains("ENOENT"));
        assert_eq!(opened.count(), 0, "{absent} in\n{trace}");
    }
    // What no package owns may come and go.
    fs::write(family.file("base/leaf/usr/share/app/unpackaged"), "x").expect("written");
    assert!(!traced(&family).contains("redwrap-check\""));
    // Every launch looks at the inputs again.
    family.launch.configure("base/leaf", &Config::new().tag("umask: 022"));
    assert!(traced(&family).contains("redwrap-check"));
    std::thread::sleep(Duration::from_millis(50));
    family.coherent();
    assert!(!traced(&family).contains("redwrap-check\""));
    // Another user's word is none. Whoever checks again makes it their own.
    std::os::unix::fs::chown(family.file("base/leaf/.rednode.verdict"), Some(12345), None).expect("given away");
    assert!(traced(&family).contains("redwrap-check\""));
    assert!(!traced(&family).contains("redwrap-check\""));
}

#[test]
fn an_ancestor_may_start_what_is_not_coherent_and_the_leaf_may_not() {
    let Some(family) = family() else { return };
    fs::remove_file(family.file(FILE)).expect("removed");
    let missing = "files-present: ";
    family.launch.configure("base/leaf", &Config::new().tag("unsafe: true"));
    family.broken("base/leaf", &[missing]);
    family.launch.configure("base", &Config::core().tag("unsafe: true"));
    family.launch.configure("base/leaf", &Config::new());
    let run = family.run().success().prints("started-it");
    let _ = run.complains(missing).complains("started because of the tag unsafe");
}
