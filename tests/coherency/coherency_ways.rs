//! What leads to a family's databases and files: links that are healthy, and links that change what is found.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::Duration;

use redpak_testing::{
    Config, Entry, Launch, Outcome, Package, Run, User, build_packages, directory, register_with_rpm, skip,
};

/// `lib` in the base, and `app`, which needs it, in the leaf; plain rpm has installed them.
fn family() -> Option<Launch> {
    if !User::is_root() {
        skip("plain rpm changes its root, which takes root");
        return None;
    }
    let family = Launch::leaf(&User::current(), &Config::new());
    let app = Package::new("app", "1-1")
        .requires("lib")
        .file("/usr/share/app/file", "content\n");
    add(&family, "base", &[Package::new("lib", "1-1")]);
    add(&family, "base/leaf", &[app]);
    Some(family)
}

fn add(family: &Launch, node: &str, packages: &[Package]) {
    let built = directory();
    register_with_rpm(&family.path(node), &build_packages(packages, built.path()));
}

fn run(family: &Launch) -> Outcome {
    family.shell("echo started-it")
}

#[track_caller]
fn remembered(family: &Launch) {
    std::thread::sleep(Duration::from_millis(50));
    let _ = run(family).success().prints("started-it");
    assert!(family.path("base/leaf/.rednode.verdict").exists());
}

#[track_caller]
fn misses_lib(family: &Launch) {
    run(family)
        .refuses(125, &["requires: ", "app-1-1.noarch: needs lib"])
        .never_says("started-it");
}

fn link(target: impl AsRef<Path>, path: &Path) {
    let _ = fs::remove_file(path);
    symlink(target, path).expect("made");
}

#[test]
fn a_link_in_the_place_of_the_rpmdb_that_leads_to_another_one() {
    let Some(family) = family() else { return };
    let (place, one) = (family.path("base/var/lib/rpm"), family.path("base/srv/one"));
    fs::create_dir_all(family.path("base/srv/other")).expect("made");
    fs::rename(&place, &one).expect("moved");
    link("../../srv/one", &place);
    remembered(&family);
    link("../../srv/other", &place);
    misses_lib(&family);
    link("../../srv/one", &place);
    remembered(&family);
}

#[test]
fn a_link_on_the_way_to_the_rpmdb_that_leads_to_another_one() {
    let Some(family) = family() else { return };
    let (var, one) = (family.path("base/var"), family.path("base/srv/one"));
    fs::create_dir_all(family.path("base/srv/other/lib/rpm")).expect("made");
    fs::rename(&var, &one).expect("moved");
    // It leads there inside the node alone.
    link("/srv/one", &var);
    remembered(&family);
    link("/srv/other", &var);
    misses_lib(&family);
}

#[test]
fn an_rpmdb_that_was_moved_out_of_the_node_with_a_link_in_its_place() {
    let Some(family) = family() else { return };
    let (var, outside) = (family.path("base/var"), family.path("outside/var"));
    remembered(&family);
    fs::rename(&var, &outside).expect("moved");
    link(&outside, &var);
    misses_lib(&family);
}

#[test]
fn a_link_of_a_package_that_is_absolute_leads_inside_the_node() {
    let Some(family) = family() else { return };
    let versions = Package::new("versions", "1-1")
        .entry(Entry::directory("/opt/v1"))
        .entry(Entry::directory("/opt/v2"))
        .entry(Entry::symlink("/opt/current", "/opt/v1"));
    add(&family, "base/leaf", &[versions]);
    let user = Package::new("user", "1-1").file("/opt/current/file", "content\n");
    add(&family, "base/leaf", &[user]);
    assert!(family.path("base/leaf/opt/v1/file").exists());
    remembered(&family);
    let verified = Run::dnf(&family.path("base/leaf")).args(["verify", "--deep"]).run();
    let _ = verified.success().prints("files-digest    holds");
    // What is at the end of the link counts.
    fs::set_permissions(family.path("base/leaf/opt/v1/file"), fs::Permissions::from_mode(0o600)).expect("changed");
    let words = [
        "files-present: ",
        "user-1-1.noarch: /opt/current/file has mode 0600, not 0644",
    ];
    run(&family).refuses(125, &words).never_says("started-it");
    fs::remove_file(family.path("base/leaf/opt/v1/file")).expect("removed");
    let words = ["files-present: ", "user-1-1.noarch: /opt/current/file is missing"];
    run(&family).refuses(125, &words).never_says("started-it");
}

#[test]
fn what_another_user_may_not_look_at_is_not_called_wrong() {
    let (Some(family), Some(user)) = (family(), User::unprivileged()) else {
        return;
    };
    let private = Package::new("private", "1-1")
        .entry(Entry::directory("/opt/private").mode(0o700))
        .file("/opt/private/file", "content\n");
    add(&family, "base/leaf", &[private]);
    fs::set_permissions(family.path("."), fs::Permissions::from_mode(0o755)).expect("changed");
    remembered(&family);
    let leaf = family.path("base/leaf");
    let reason = "private-1-1.noarch: /opt/private/file cannot be looked at: Permission denied";
    let verified = Run::dnf(&leaf).user(&user).arg("verify").run();
    let _ = verified
        .exits(2)
        .prints("files-present   could-not-tell")
        .prints(reason);
    let launched = Run::redwrap(&leaf).user(&user).args(["--", "echo", "started-it"]).run();
    launched
        .refuses(125, &["files-present: ", reason])
        .never_says("started-it");
    let export = Config::new().export("{mode: Public, mount: /in, path: $NODE_PATH/opt/private/in}");
    family.configure("base/leaf", &export);
    let verified = Run::dnf(&leaf).user(&user).arg("verify").run();
    let _ = verified
        .exits(2)
        .prints("exports         could-not-tell")
        .prints("/opt/private/in of /in cannot be looked at: permission denied");
}

/// What `verify` says of the exports, with the core OS below `root` where that is given.
fn verified(family: &Launch, root: Option<&Path>) -> Outcome {
    let root = root.map(|root| format!("--root={}", root.display()));
    Run::dnf(&family.path("base/leaf")).args(root).args(["verify"]).run()
}

#[test]
fn what_an_ancestor_allows_is_proven_of_what_a_source_resolves_to() {
    let Some(family) = family() else { return };
    let (allowed, secret) = (family.outside().join("allowed"), family.outside().join("secret"));
    for directory in [&allowed, &secret] {
        fs::create_dir(directory).expect("made");
    }
    let roots = format!("export_roots: [{}]", allowed.display());
    family.configure("base", &Config::core().tag(roots));
    let export = |source: &Path| {
        let export = format!("{{mode: Public, mount: /in, path: {}}}", source.display());
        family.configure("base/leaf", &Config::new().export(export));
    };
    export(&allowed);
    let _ = verified(&family, None).success();
    link(&secret, &allowed.join("link"));
    export(&allowed.join("link"));
    let words = "which is outside the export_roots of an ancestor";
    let _ = verified(&family, None)
        .exits(1)
        .prints("exports         violated")
        .prints(words);
    // The launch says the same.
    run(&family)
        .refuses(125, &["exports: ", words])
        .never_says("started-it");
}

#[test]
fn links_of_a_core_os_lead_inside_its_root() {
    let Some(family) = family() else { return };
    let root = directory();
    fs::create_dir_all(root.path().join("srv/only-on-the-target")).expect("made");
    link("/srv/only-on-the-target", &root.path().join("there"));
    link(family.outside(), &root.path().join("missing"));
    let export = |source: &str| {
        let export = format!("{{mode: Public, mount: /in, path: {source}}}");
        family.configure("base", &Config::new());
        family.configure("base/leaf", &Config::new().export(export));
    };
    let missing = "does not exist, it is left out";
    export("/there");
    let _ = verified(&family, Some(root.path()))
        .success()
        .check(|outcome| !outcome.out().contains(missing), "no warning");
    export("/missing");
    let _ = verified(&family, Some(root.path())).success().prints(missing);
}
