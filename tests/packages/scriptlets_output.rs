//! What users see of scriptlets is what dnf5 shows: the same packages in a plain root by dnf5, and in a node by us.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use redpak_testing::{Outcome, Package, Pool, Repository, Run, Scriptlet, Trigger, User, directory, have, skip};

const ALL: [Scriptlet; 8] = [
    Scriptlet::PreTrans,
    Scriptlet::Pre,
    Scriptlet::Post,
    Scriptlet::PreUn,
    Scriptlet::PostUn,
    Scriptlet::PostTrans,
    Scriptlet::PreUnTrans,
    Scriptlet::PostUnTrans,
];

/// A package that has every scriptlet, each of which tells its name and argument.
fn talking(version: u32) -> Package {
    let package = Package::new("talking", &format!("{version}-1")).file("/usr/share/talking", version.to_string());
    ALL.iter().fold(package, |package, when| {
        package.scriptlet(*when, &format!("echo {when} {version} $1; echo and an error >&2"))
    })
}

/// One package for each way to fail.
fn failing() -> Vec<Package> {
    let fails = |when: &Scriptlet| {
        Package::new(&format!("fails-{when}"), "1-1")
            .file(&format!("/usr/share/fails-{when}"), "")
            .scriptlet(*when, "echo about to fail; exit 3")
    };
    let lua = |when: Scriptlet| {
        Package::new(&format!("lua-{when}"), "1-1").scriptlet_for("<lua>", when, "print('in lua')\nerror('boom')")
    };
    let mut packages: Vec<Package> = ALL.iter().map(fails).collect();
    packages.extend([lua(Scriptlet::Pre), lua(Scriptlet::Post)]);
    packages.push(Package::new("silent", "1-1").scriptlet(Scriptlet::Post, "exit 4"));
    packages.push(Package::new("unterminated", "1-1").scriptlet(Scriptlet::Post, "printf '\\nno newline'"));
    packages.push(Package::new("killed", "1-1").scriptlet(Scriptlet::Post, "kill -9 $$"));
    packages.push(Package::new("lost", "1-1").scriptlet_for("/no/such/interpreter", Scriptlet::Post, "x"));
    packages
}

fn watching() -> Package {
    let say = |what: &str| format!("echo {what} $1 $2");
    let listing = |what: &str| format!("while read file; do echo {what} $file; done");
    Package::new("watching", "1-1")
        .trigger(Trigger::PreIn, "talking", &say("prein"))
        .trigger(Trigger::In, "talking", &say("in"))
        .trigger(Trigger::Un, "talking", &say("un"))
        .trigger(Trigger::PostUn, "talking", "exit 6")
        .trigger(Trigger::FileIn, "/usr/share/talking", &listing("filein"))
        .trigger(Trigger::FileUn, "/usr/share/talking", &listing("fileun"))
        .trigger(Trigger::TransFileIn, "/usr/share/talking", &listing("transfilein"))
        .trigger(Trigger::TransFilePostUn, "/usr/share/talking", "echo gone; exit 7")
}

/// The lines about scriptlets and the result; a plugin of rpm's has something to say about plain roots.
fn lines(outcome: &Outcome) -> Vec<String> {
    let text = outcome.err();
    let (_, run) = text.split_once("Running transaction\n").unwrap_or(("", &text));
    let is_meant = |line: &&str| {
        let is_result = line.starts_with("Transaction failed") || line.starts_with("Complete");
        (line.starts_with(">>>") || is_result) && !line.contains("private mounts in chroot")
    };
    run.lines().filter(is_meant).map(str::to_owned).collect()
}

/// A root with a shell, and what dnf5 needs to work on it.
fn plain_root(root: &Path) {
    fs::create_dir_all(root.join("bin")).expect("make /bin");
    fs::copy("/usr/bin/busybox", root.join("bin/sh")).expect("copy the shell");
    fs::set_permissions(root.join("bin/sh"), fs::Permissions::from_mode(0o755)).expect("make it executable");
}

fn dnf5(root: &Path, repository: &Repository, arguments: &[&str]) -> Outcome {
    Run::command("dnf5")
        .arg(format!("--installroot={}", root.display()))
        .args([
            "--use-host-config",
            "--releasever=1",
            "--setopt=reposdir=/none",
            "--setopt=made.gpgcheck=0",
            "-y",
        ])
        .arg(format!("--repofrompath=made,{}", repository.url()))
        .args(arguments)
        .run()
}

#[test]
fn every_scriptlet_is_told_of_as_dnf5_tells() {
    if !User::is_root() || !have("dnf5") || !have("busybox") {
        return skip("dnf5 in another root takes root, and a shell that needs no library");
    }
    let shell = Package::new("shell", "1-1")
        .provides("/bin/sh")
        .provides("/no/such/interpreter");
    let failing = failing();
    let repository = Repository::new(&[vec![shell, talking(1), talking(2), watching()], failing.clone()].concat());
    let root = directory();
    plain_root(root.path());
    let pool = Pool::new(&User::current());
    pool.create("platform");
    pool.create("platform/leaf");
    for node in ["platform", "platform/leaf"] {
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    pool.install("platform", &["shell"]);
    dnf5(root.path(), &repository, &["install", "shell"]).success();
    let same = |arguments: &[&str]| {
        let theirs = dnf5(root.path(), &repository, arguments);
        let ours = pool.dnf("platform/leaf").arg("-y").args(arguments).run();
        assert_eq!(
            lines(&ours),
            lines(&theirs),
            "{arguments:?}\n{}\n{}",
            ours.report(),
            theirs.report()
        );
        assert_eq!(ours.code(), theirs.code(), "{arguments:?}");
    };
    same(&["install", "talking-1"]);
    same(&["install", "watching"]);
    same(&["upgrade"]);
    same(&["reinstall", "talking"]);
    same(&["remove", "talking"]);
    for package in &failing {
        same(&["install", package.name()]);
    }
    for package in &failing {
        same(&["remove", package.name()]);
    }
}
