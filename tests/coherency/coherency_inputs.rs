//! What the launcher knows of a verdict's inputs itself: a change of any makes the verdict stale.

use std::fs;
use std::path::Path;
use std::time::Duration;

use redpak_testing::{
    Config, Launch, Outcome, Package, Run, User, build_packages, built_program, directory, flip_byte,
    register_with_rpm, skip,
};

/// `lib` in the base, and `app`, which needs it, in the leaf.
fn family(base: &Config) -> Option<Launch> {
    if !User::is_root() {
        skip("plain rpm changes its root, which takes root");
        return None;
    }
    let family = Launch::new(&User::current(), base, &Config::new());
    add(&family, "base", &[Package::new("lib", "1-1")]);
    add(&family, "base/leaf", &[Package::new("app", "1-1").requires("lib")]);
    Some(family)
}

fn add(family: &Launch, node: &str, packages: &[Package]) {
    let built = directory();
    register_with_rpm(&family.path(node), &build_packages(packages, built.path()));
}

/// Launches until that is remembered.
#[track_caller]
fn remembered(family: &Launch, launch: impl Fn() -> Outcome) {
    std::thread::sleep(Duration::from_millis(50));
    for _ in 0..2 {
        let _ = launch().success().prints("started-it");
    }
    assert!(family.path("base/leaf/.rednode.verdict").exists());
}

#[test]
fn the_record_of_what_was_forced() {
    let Some(family) = family(&Config::core()) else { return };
    add(&family, "base/leaf", &[Package::new("lib", "2-1")]);
    let record = family.write("base/leaf/.rednode.forced", "lib\n");
    remembered(&family, || family.shell("echo started-it"));
    fs::remove_file(record).expect("removed");
    family
        .shell("echo started-it")
        .refuses(125, &["duplicates: ", "lib-2-1.noarch"])
        .never_says("started-it");
}

#[test]
fn an_rpmdb_whose_place_the_callers_environment_names() {
    let Some(family) = family(&Config::core().tag("rpmdir: $NODE_PATH/var/lib/$PLACE")) else {
        return;
    };
    let launch = |place: &str| {
        let run = family.redwrap().env("PLACE", place);
        run.args(["--", "echo", "started-it"]).run()
    };
    remembered(&family, || launch("rpm"));
    launch("another")
        .refuses(125, &["requires: ", "app-1-1.noarch: needs lib"])
        .never_says("started-it");
}

#[test]
fn the_program_that_checks() {
    let Some(family) = family(&Config::core()) else { return };
    let programs = directory();
    let program = |name: &str| programs.path().join(name);
    for name in ["redwrap", "redwrap-check"] {
        fs::copy(built_program(name), program(name)).expect("copied");
    }
    let launch = || {
        let redpath = format!("--redpath={}", family.path("base/leaf").display());
        let run = Run::command(program("redwrap")).arg(redpath);
        run.args(["--", "echo", "started-it"]).run()
    };
    remembered(&family, launch);
    replace(&program("redwrap-check"), "#!/bin/sh\necho another one >&2\nexit 1\n");
    launch()
        .refuses(125, &["rpmdb-readable: ", "another one"])
        .never_says("started-it");
}

/// Writes over a program, which stays one.
fn replace(program: &Path, script: &str) {
    fs::write(program, script).expect("written");
}

#[test]
fn the_rpmdb_of_the_core_os() {
    let Some(family) = family(&Config::core()) else { return };
    let core_os = directory();
    let install = |package: Package| {
        let built = directory();
        register_with_rpm(core_os.path(), &build_packages(&[package], built.path()));
    };
    install(Package::new("calm", "1-1").summary("An unmistakable summary"));
    // In a mount namespace of its own it is the machine's.
    let launch = || {
        let script = "mount --bind \"$2\" /var/lib && exec \"$0\" --redpath=\"$1\" -- echo started-it";
        let run = Run::command("unshare").args(["--mount", "bash", "-c", script]);
        let run = run.arg(built_program("redwrap")).arg(family.path("base/leaf"));
        run.arg(core_os.path().join("var/lib")).run()
    };
    remembered(&family, launch);
    let database = core_os.path().join("var/lib/rpm/rpmdb.sqlite");
    let content = fs::read(&database).expect("readable");
    let mark = b"unmistakable";
    let at = content.windows(mark.len()).rposition(|window| window == mark);
    flip_byte(&database, i64::try_from(at.expect("in the header")).expect("small"));
    launch().refuses(125, &["rpmdb-readable: /: "]).never_says("started-it");
    fs::write(&database, content).expect("written");
    remembered(&family, launch);
    install(Package::new("rival", "1-1").conflicts("app"));
    let words = [
        "conflicts: /: ",
        "rival-1-1.noarch: conflicts with app",
        "app-1-1.noarch of ",
    ];
    launch().refuses(125, &words).never_says("started-it");
}
