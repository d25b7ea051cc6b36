//! A leaf whose config and files an attacker writes cannot reach what lies outside.

use std::fs;
use std::os::unix::fs::{lchown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use redpak_testing::{Config, Launch, Run, Tree, User, exchange, skip};

/// Modes that mount something from outside.
const BINDS: [&str; 7] = [
    "Public",
    "Private",
    "Restricted",
    "PrivateRestricted",
    "PublicFile",
    "PrivateFile",
    "RestrictedFile",
];

/// All of them for root; one for the others, who get the same answers.
fn modes(owner: &User) -> &'static [&'static str] {
    if owner.uid == 0 { &BINDS } else { &BINDS[..1] }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// A family whose base allows `outside/allowed` to its descendants; `outside/secret` lies beside it.
fn constrained(owner: &User) -> Launch {
    let launch = Launch::new(owner, &Config::core(), &Config::new());
    launch.write("outside/allowed/file", "allowed\n");
    launch.write("outside/allowed-not/file", "secret\n");
    launch.write("outside/secret/file", "secret\n");
    let roots = format!("export_roots: [{}]", text(&launch.outside().join("allowed")));
    launch.configure("base", &Config::core().tag(roots));
    launch
}

fn export(mode: &str, path: &str) -> Config {
    Config::new().export(format!("{{mode: {mode}, mount: /in, path: {path}}}"))
}

#[test]
fn a_leaf_exports_what_its_ancestors_allow_and_its_own_node() {
    for owner in User::owners() {
        let launch = constrained(&owner);
        launch.write("base/leaf/own/file", "own\n");
        for (path, wanted) in [
            (text(&launch.outside().join("allowed")), "allowed"),
            ("$NODE_PATH/own", "own"),
        ] {
            launch.configure("base/leaf", &export("Public", path));
            assert_eq!(launch.inside("cat /in/file"), wanted);
        }
    }
}

#[test]
fn a_leaf_exports_nothing_else() {
    for owner in User::owners() {
        let launch = constrained(&owner);
        let outside = launch.outside();
        symlink(outside.join("secret"), outside.join("allowed/link")).expect("made");
        symlink("../secret/file", outside.join("allowed/link-to-file")).expect("made");
        let below = |path: &str| text(&outside.join(path)).to_owned();
        for mode in modes(&owner) {
            for path in [
                below("secret"),
                below("secret/file"),
                below("allowed-not"),
                below("allowed/../secret"),
                below("allowed/link"),
                below("allowed/link/file"),
                below("allowed/link-to-file"),
                text(&launch.path("base")).to_owned(),
                "/etc".into(),
                "/".into(),
                "/proc/self/root/etc".into(),
                format!("/proc/self/cwd{}", below("secret")),
            ] {
                launch.configure("base/leaf", &export(mode, &path));
                let refused = launch
                    .shell("cat /in/file /in")
                    .refuses(125, &["redpack.yaml:4", "export_roots"]);
                refused.never_says("secret\n");
            }
        }
    }
}

#[test]
fn a_descriptor_of_the_caller_is_outside_of_what_an_ancestor_allows() {
    let launch = constrained(&User::current());
    launch.configure(
        "base/leaf",
        &Config::new().export("{mode: Internal, mount: /in, path: '0'}"),
    );
    let run = launch.redwrap().input("secret\n").args(["--", "cat", "/in"]).run();
    run.refuses(125, &["redpack.yaml:4", "export_roots"])
        .never_says("secret\n");
}

#[test]
fn the_main_configs_limit_holds_and_is_only_narrowed_below() {
    for owner in User::owners() {
        let launch = constrained(&owner);
        let run = |allowed: &str, leaf: &Config| {
            let main = Config::new().tag(format!("export_roots: [{allowed}]"));
            let main = launch.write("main.yaml", main.yaml("main"));
            launch.configure("base/leaf", leaf);
            let run = launch.redwrap().arg(format!("--rmain={}", text(&main)));
            run.args(["--", "cat", "/in/file"]).run()
        };
        let [secret, allowed] = ["secret", "allowed"].map(|name| text(&launch.outside().join(name)).to_owned());
        let wide = format!("/usr, {}", text(&launch.outside()));
        assert_eq!(run(&wide, &export("Public", &allowed)).success().out(), "allowed\n");
        // The base's own limit counts for the leaf beside the main config's, whatever the leaf says.
        run(&wide, &export("Public", &secret)).refuses(125, &["leaf/etc/redpack.yaml:4", "export_roots"]);
        let loosened = export("Public", &secret).tag("export_roots: [/]");
        run(&wide, &loosened).refuses(125, &["leaf/etc/redpack.yaml:6", "export_roots"]);
        // The main config's counts for the base.
        run(&allowed, &export("Public", &allowed)).refuses(125, &["base/etc/redpack.yaml", "/usr", "export_roots"]);
    }
}

#[test]
fn whoever_may_put_a_link_where_an_ancestor_allows_a_directory_gains_nothing() {
    let (true, Some(user)) = (User::is_root(), User::unprivileged()) else {
        return skip("links of another user take root");
    };
    let launch = constrained(&User::current());
    let allowed = launch.outside().join("allowed");
    fs::rename(&allowed, launch.outside().join("moved")).expect("moved away");
    symlink(launch.outside().join("secret"), &allowed).expect("made");
    launch.configure("base/leaf", &export("Public", text(&allowed)));
    // Made by root, the same link is root's word.
    assert_eq!(launch.inside("cat /in/file"), "secret");
    lchown(&allowed, Some(user.uid), Some(user.gid)).expect("given away");
    launch
        .shell("cat /in/file")
        .refuses(125, &["export_roots"])
        .never_says("secret\n");
}

#[test]
fn a_proc_that_is_not_the_kernels_is_not_believed() {
    // As when a container's root redirects /proc: where a descriptor leads would be what the attacker says.
    if !User::is_root() {
        return skip("only root mounts");
    }
    let launch = constrained(&User::current());
    let secret = launch.outside().join("secret");
    launch.configure("base/leaf", &export("Public", text(&secret)));
    let script = "mount -t tmpfs none /proc && mkdir -p /proc/self/fd && ln -s \"$0\" /proc/self/exe && \
         for n in $(seq 0 99); do ln -s \"$2\" /proc/self/fd/$n; done; exec \"$0\" --force --redpath=\"$1\" -- cat /in/file";
    let run = Run::command("unshare").args(["--mount", "bash", "-c", script]);
    let run = run
        .arg(redpak_testing::built_program("redwrap"))
        .arg(launch.path("base/leaf"));
    let outcome = run.arg(launch.outside().join("allowed")).run();
    outcome.refuses(125, &["not the kernel's"]).never_says("secret\n");
}

#[test]
fn links_in_the_leafs_tree_do_not_lead_out_of_it() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        launch.write("outside/secret", "secret\n");
        let before = Tree::of(&launch.outside());
        let link = launch.path("base/leaf/link");
        for target in [
            launch.outside(),
            "../../outside".into(),
            "/proc/self/root/etc".into(),
            "/".into(),
        ] {
            let _ = fs::remove_file(&link);
            symlink(&target, &link).expect("made");
            for mode in modes(&owner) {
                for path in [
                    "$NODE_PATH/link",
                    "$NODE_PATH/link/secret",
                    "$NODE_PATH/link/new/directory",
                    "$NODE_PATH/../../outside",
                ] {
                    launch.configure("base/leaf", &export(mode, path));
                    let outcome = launch.shell("cat /in /in/secret; echo x > /in/new");
                    // A file that is not there may be left out with a warning; nothing outside is read or written.
                    outcome
                        .check(
                            |outcome| outcome.code() == 125 || outcome.err().contains("is left out"),
                            "no export",
                        )
                        .never_says("secret\n");
                }
            }
        }
        before.unchanged();
    }
}

/// Ends a thread that looks at it.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_source_swapped_for_a_link_while_it_is_mounted_shows_nothing_else() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &export("Public", "$NODE_PATH/data/below"));
        launch.write("base/leaf/data/below/file", "own\n");
        launch.write("outside/below/file", "secret\n");
        let (data, link) = (launch.path("base/leaf/data"), launch.path("base/leaf/link"));
        symlink(launch.outside(), &link).expect("made");
        let before = Tree::of(&launch.outside());
        let is_done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::Relaxed) {
                    exchange(&data, &link);
                }
            });
            // Also when the test fails: the other thread would go on for ever.
            let _done = Done(&is_done);
            for _ in 0..60 {
                let outcome = launch.shell("cat /in/file; echo > /in/new").never_says("secret\n");
                let _ = outcome.check(
                    |outcome| [0, 1, 2, 125].contains(&outcome.code()),
                    "a refusal or the own file",
                );
            }
        });
        before.unchanged();
    }
}

#[test]
fn nothing_is_made_outside_through_a_link_in_a_mount_path() {
    // Links of parent directories followed while mount points are made: files of the host written as the caller.
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        launch.write("base/leaf/tree/x", "");
        let before = Tree::of(&launch.outside());
        for target in [launch.outside(), "../../../outside".into()] {
            let _ = fs::remove_file(launch.path("base/leaf/tree/etc"));
            symlink(&target, launch.path("base/leaf/tree/etc")).expect("made");
            for entry in [
                "mode: Anonymous, mount: /tree/etc/new",
                "mode: Tmpfs, mount: /tree/etc/new",
                "mode: Devfs, mount: /tree/etc/new",
                "mode: Procfs, mount: /tree/etc/new",
                "mode: Mqueue, mount: /tree/etc/new",
                "mode: Symlink, mount: /tree/etc/new, path: /x",
                "mode: Execfd, mount: /tree/etc/new, path: 'echo x'",
                "mode: Restricted, mount: /tree/etc/new, path: /usr/bin",
                "mode: PublicFile, mount: /tree/etc/new, path: /etc/passwd",
                "mode: Public, mount: /tree/etc, path: $NODE_PATH/etc",
                "mode: Execfd, mount: /tree/etc, path: 'echo x'",
            ] {
                let tree = "{mode: Public, mount: /tree, path: $NODE_PATH/tree}";
                launch.configure("base/leaf", &Config::new().export(tree).export(format!("{{{entry}}}")));
                let _ = launch.shell("true");
                before.unchanged();
            }
        }
    }
}

#[test]
fn a_bubblewrap_that_follows_links_out_of_the_sandbox_is_not_used() {
    let launch = Launch::leaf(&User::current(), &Config::new());
    let old = launch.write("outside/bwrap", b"#!/bin/sh\necho ran\nexit 0\n\0bubblewrap 0.11.2\0");
    redpak_testing::tool("chmod", ["755", text(&old)]);
    if User::is_root() {
        let script = "mount --bind \"$2\" /usr/bin/bwrap && exec \"$0\" --backend=bubblewrap --redpath=\"$1\" -- true";
        let run = Run::command("unshare").args(["--mount", "bash", "-c", script]);
        let run = run
            .arg(redpak_testing::built_program("redwrap"))
            .arg(launch.path("base/leaf"))
            .arg(&old);
        run.run()
            .refuses(125, &["0.11.2", "CVE-2026-87766", "--bwrap=FILE"])
            .never_says("ran");
    }
    let vouched = launch
        .redwrap()
        .arg(format!("--bwrap={}", text(&old)))
        .args(["--", "true"])
        .run();
    vouched.complains("0.11.2").complains("safe only when patched");
    fs::write(&old, b"#!/bin/sh\n").expect("written");
    let other = launch
        .redwrap()
        .arg(format!("--bwrap={}", text(&old)))
        .args(["--", "true"])
        .run();
    other.refuses(125, &["is not bubblewrap"]);
}
