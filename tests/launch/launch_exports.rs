//! Exports, looked at from inside.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

use redpak_testing::{Config, Launch, NodeFiles, Run, User, backend, directory, have, skip};

/// A family whose leaf has this export and a directory and a file outside.
fn with_export(owner: &User, entry: &str) -> Launch {
    let launch = Launch::new(owner, &Config::core(), &Config::new());
    launch.write("outside/directory/file", "from outside");
    let entry = entry.replace("OUTSIDE", launch.outside().to_str().expect("temporary paths are UTF-8"));
    launch.configure("base/leaf", &Config::new().export(entry));
    launch
}

#[test]
fn directories_are_writable_or_read_only_as_their_mode_says() {
    for owner in User::owners() {
        for (mode, writable) in [
            ("Public", true),
            ("Private", true),
            ("Restricted", false),
            ("PrivateRestricted", false),
        ] {
            let launch = with_export(
                &owner,
                &format!("{{mode: {mode}, mount: /in, path: OUTSIDE/directory}}"),
            );
            assert_eq!(launch.inside("cat /in/file"), "from outside", "{mode}");
            assert_eq!(launch.mounts().at("/in").writable, writable, "{mode}");
            let write = launch.shell("echo inside > /in/new");
            if writable {
                write.success();
            } else {
                write.exits(2).complains("Read-only file system");
            }
            assert_eq!(launch.outside().join("directory/new").exists(), writable, "{mode}");
        }
    }
}

#[test]
fn files_are_writable_or_read_only_as_their_mode_says() {
    for owner in User::owners() {
        for (mode, writable) in [("PublicFile", true), ("PrivateFile", true), ("RestrictedFile", false)] {
            let launch = with_export(
                &owner,
                &format!("{{mode: {mode}, mount: /in/f, path: OUTSIDE/directory/file}}"),
            );
            assert_eq!(launch.inside("cat /in/f; ls /in"), "from outsidef", "{mode}");
            assert_eq!(launch.mounts().at("/in/f").writable, writable, "{mode}");
            let write = launch.shell("printf inside > /in/f");
            let expected = if writable {
                write.success();
                "inside"
            } else {
                write.exits(2).complains("Read-only file system");
                "from outside"
            };
            let content = fs::read_to_string(launch.outside().join("directory/file")).expect("readable");
            assert_eq!(content, expected, "{mode}");
        }
    }
}

#[test]
fn what_is_mounted_over_a_directory_through_a_link_in_it_has_what_is_mounted_there_later() {
    for owner in User::owners() {
        let leaf = Config::new()
            .export("{mode: Public, mount: /in/deep, path: $NODE_PATH/first}")
            .export("{mode: Public, mount: /in/deep/before, path: $NODE_PATH/third}")
            .export("{mode: Public, mount: /in/deep/itself, path: $NODE_PATH/second}")
            .export("{mode: Public, mount: /in/deep/later, path: $NODE_PATH/third}")
            .export("{mode: PublicFile, mount: /in/deep/later-file, path: $NODE_PATH/third/file}");
        let launch = Launch::leaf(&owner, &leaf);
        for name in ["first", "second", "third"] {
            launch.write(&format!("base/leaf/{name}/file"), name);
        }
        symlink(".", launch.path("base/leaf/first/itself")).expect("made");
        if backend().is_some_and(|name| name == "bubblewrap") {
            // It mounts nothing on a link.
            launch.shell("true").refuses(125, &["/in/deep/itself"]);
            continue;
        }
        let script = "cd /in/deep; cat file later/file later-file; test ! -e before; ls";
        assert_eq!(launch.inside(script), "secondthirdthirdfile\nlater\nlater-file");
    }
}

#[test]
fn a_file_system_made_inside_is_of_its_kind() {
    for owner in User::owners() {
        let leaf = Config::new()
            .export("{mode: Tmpfs, mount: /made/tmp}")
            .export("{mode: Devfs, mount: /made/dev}")
            .export("{mode: Procfs, mount: /made/proc}")
            .export("{mode: Mqueue, mount: /made/mqueue}")
            .export("{mode: Anonymous, mount: /made/empty}");
        let launch = Launch::leaf(&owner, &leaf);
        let mounts = launch.mounts();
        for (point, kind) in [
            ("tmp", "tmpfs"),
            ("dev", "tmpfs"),
            ("proc", "proc"),
            ("mqueue", "mqueue"),
        ] {
            assert_eq!(mounts.at(Path::new("/made").join(point)).kind, kind, "{point}");
        }
        assert!(!mounts.has("/made/empty"), "{mounts:?}");
        let script = "ls -A /made/empty; echo x > /made/tmp/x && echo x > /made/dev/null && cat /made/proc/self/comm; test -c /made/dev/urandom";
        assert_eq!(launch.inside(script), "cat");
    }
}

#[test]
fn a_file_made_inside_holds_what_it_was_made_from() {
    for owner in User::owners() {
        let leaf = Config::new()
            .export("{mode: Symlink, mount: /link, path: /usr/bin/env}")
            .export("{mode: Execfd, mount: /made/command, path: \"printf '%s\\\\n\\\\n' $LEAF_ALIAS\"}")
            .export("{mode: Internal, mount: /made/internal, path: '17'}");
        let launch = Launch::leaf(&owner, &leaf);
        let content = launch.write("outside/content", "from the caller\n");
        let script = "exec 17<OUTSIDE; \"$0\" --redpath=\"$1\" -- sh -c \
             'readlink /link; cat /made/command /made/internal; stat -c %F /made/internal; ls /proc/self/fd | wc -l'";
        let script = script.replace("OUTSIDE", content.to_str().expect("temporary paths are UTF-8"));
        let outcome = launch.bash(&script).run().success();
        // ls itself holds the fourth descriptor.
        assert_eq!(
            outcome.out(),
            "/usr/bin/env\nleaf\n\nfrom the caller\nregular file\n4\n",
            "{}",
            outcome.report()
        );
    }
}

#[test]
fn a_locked_file_cannot_be_locked_for_writing_inside() {
    if !have("python3") {
        return skip("python3 asks for the lock");
    }
    // bubblewrap takes its lock while the program starts: it is there before long, and stays.
    let script = "import fcntl, time\n\
        file = open('/data/lock', 'r+')\n\
        for _ in range(1000):\n\
        \x20   try:\n\
        \x20       fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n\
        \x20       fcntl.lockf(file, fcntl.LOCK_UN)\n\
        \x20       time.sleep(0.01)\n\
        \x20   except OSError:\n\
        \x20       print('locked')\n\
        \x20       break\n";
    for owner in User::owners() {
        let leaf = Config::new()
            .export("{mode: Public, mount: /data, path: $NODE_PATH/data}")
            .export("{mode: Lock, mount: /data/lock}");
        let launch = Launch::leaf(&owner, &leaf);
        launch.write("base/leaf/data/lock", "");
        let run = launch.redwrap().args(["--", "python3", "-c", script]).run();
        assert_eq!(run.success().out(), "locked\n");
    }
}

#[test]
fn an_internal_export_of_a_descriptor_that_the_caller_did_not_open_is_refused() {
    let leaf = (3..12).fold(Config::new(), |leaf, number| {
        leaf.export(format!("{{mode: Internal, mount: /made/{number}, path: '{number}'}}"))
    });
    let launch = Launch::leaf(&User::current(), &leaf);
    // Left alone, the launcher would have opened the core OS under these numbers.
    let script = "for n in {3..11}; do eval \"exec $n>&-\"; done; \"$0\" --redpath=\"$1\" -- true";
    launch.bash(script).run().refuses(
        125,
        &[
            "redpack.yaml:",
            "descriptor 10 of an Internal export",
            "open it in the caller",
        ],
    );
}

#[test]
fn a_path_left_out_is_the_mount() {
    let launch = Launch::leaf(
        &User::current(),
        &Config::new().export("{mode: RestrictedFile, mount: /etc/os-release}"),
    );
    assert_eq!(
        launch.inside("cat /etc/os-release; echo"),
        fs::read_to_string("/etc/os-release").expect("readable")
    );
}

#[test]
fn private_exports_count_only_from_the_leaf() {
    let launch = Launch::new(
        &User::current(),
        &Config::core()
            .export("{mode: PrivateRestricted, mount: /base, path: /usr/bin}")
            .export("{mode: PrivateFile, mount: /file, path: /etc/passwd}"),
        &Config::new().export("{mode: PrivateRestricted, mount: /leaf, path: /usr/bin}"),
    );
    assert_eq!(launch.inside("ls -d /base /file /leaf 2>/dev/null; true"), "/leaf");
}

#[test]
fn a_directory_is_mounted_before_what_lies_in_it_whatever_the_order_written() {
    for owner in User::owners() {
        let leaf = Config::new()
            .export("{mode: RestrictedFile, mount: /top/middle/passwd, path: /etc/passwd}")
            .export("{mode: Tmpfs, mount: /top/middle}")
            .export("{mode: Tmpfs, mount: /top}");
        let launch = Launch::leaf(&owner, &leaf);
        assert_eq!(launch.inside("ls /top; ls /top/middle"), "middle\npasswd");
    }
}

#[test]
fn a_mount_point_below_a_read_only_export_must_be_there_already() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        launch.write("base/leaf/tree/there/x", "");
        let mount = |below: &str| {
            Config::new()
                .export("{mode: Restricted, mount: /tree, path: $NODE_PATH/tree}")
                .export(format!("{{mode: Tmpfs, mount: /tree/{below}}}"))
        };
        launch.configure("base/leaf", &mount("there"));
        assert_eq!(
            launch.inside("ls /tree/there; echo x > /tree/there/y && echo made"),
            "made"
        );
        launch.configure("base/leaf", &mount("not/there"));
        launch.shell("true").refuses(
            125,
            &[
                "redpack.yaml:5",
                "/tree/not/there",
                "read-only export of '/tree'",
                "base/leaf/tree/not/there",
            ],
        );
        assert!(!launch.path("base/leaf/tree/not").exists());
    }
}

#[test]
fn a_link_in_a_mount_path_is_followed_inside_only() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        launch.write("base/leaf/tree/real/x", "");
        symlink("real", launch.path("base/leaf/tree/inside")).expect("made");
        symlink(launch.outside(), launch.path("base/leaf/tree/away")).expect("made");
        let mount = |below: &str| {
            Config::new()
                .export("{mode: Public, mount: /tree, path: $NODE_PATH/tree}")
                .export(format!("{{mode: Anonymous, mount: /tree/{below}/made}}"))
        };
        launch.configure("base/leaf", &mount("away"));
        // Whether the launch fails is bubblewrap's business; what lies outside stays as it was.
        let _ = launch.shell("true");
        assert_eq!(fs::read_dir(launch.outside()).expect("readable").count(), 0);
        launch.configure("base/leaf", &mount("real"));
        assert_eq!(launch.inside("ls /tree/inside"), "made\nx");
    }
}

#[test]
fn bytes_of_paths_are_kept() {
    for owner in User::owners() {
        let pool = directory();
        owner.own(pool.path());
        let node = pool.path().join(OsStr::from_bytes(b"no de \xff'\"$\n"));
        let config = Config::core()
            .export("{mode: Restricted, mount: '/nodes/a b', path: $NODE_PATH}")
            .export("{mode: Restricted, mount: $NODE_PATH}")
            .export("{mode: Symlink, mount: '/a link\\$x', path: '/nodes/a b/etc'}")
            .environ("{key: NODE, value: $NODE_PATH}");
        NodeFiles::new("odd").config(&config.yaml("odd")).write(&node, &owner);
        let script = "ls '/nodes/a b/etc' '/a link$x/'; cd \"$NODE\" && ls etc && printf %s \"$NODE\"";
        let outcome = Run::redwrap(&node)
            .args(["--", "sh", "-c", script])
            .user(&owner)
            .run()
            .success();
        let wanted = [
            b"/a link$x/:\nredpack.yaml\n\n/nodes/a b/etc:\nredpack.yaml\nredpack.yaml\n",
            node.as_os_str().as_bytes(),
        ]
        .concat();
        assert_eq!(outcome.stdout, wanted, "{}", outcome.report());
    }
}

#[test]
fn missing_sources_are_made_in_a_node_left_out_elsewhere_and_errors_when_strict() {
    for owner in User::owners() {
        let leaf = Config::new()
            .export("{mode: Public, mount: /data, path: $NODE_PATH/var/data}")
            .export("{mode: Restricted, mount: /gone, path: /no/such/directory}");
        let launch = Launch::leaf(&owner, &leaf);
        let strict = launch.redwrap().args(["--strict", "--", "true"]).run();
        strict.refuses(
            125,
            &["redpack.yaml:4", "var/data", "redpack.yaml:5", "/no/such/directory"],
        );
        assert!(!launch.path("base/leaf/var").exists(), "a strict launch makes nothing");
        launch
            .shell("echo kept > /data/file; ls -d /gone")
            .exits(2)
            .complains("the source '/no/such/directory' does not exist, the export is left out");
        assert_eq!(
            fs::read_to_string(launch.path("base/leaf/var/data/file")).expect("made"),
            "kept\n"
        );
        let made = fs::metadata(launch.path("base/leaf/var/data")).expect("made");
        assert_eq!((made.uid(), made.gid()), (owner.uid, owner.gid));
    }
}

#[test]
fn a_file_mode_with_a_directory_is_told() {
    let launch = with_export(
        &User::current(),
        "{mode: RestrictedFile, mount: /in, path: OUTSIDE/directory}",
    );
    launch
        .shell("true")
        .success()
        .complains("is a directory, the mode RestrictedFile says a file");
}

/// A mount point below a file cannot be. Below a link of the bound directory it is where the link leads inside.
#[test]
fn mounts_below_files_and_links_of_a_bound_directory() {
    for owner in User::owners() {
        for mode in ["Public", "Restricted"] {
            let launch = Launch::new(&owner, &Config::core(), &Config::new());
            launch.write("outside/bound/real/point/kept", "below");
            launch.write("outside/bound/file", "a file");
            launch.write("outside/mounted/file", "mounted");
            symlink("real", launch.outside().join("bound/link")).expect("a link");
            symlink("/nowhere", launch.outside().join("bound/dangling")).expect("a link");
            let configure = |mount: &str| {
                let outside = launch.outside().display().to_string();
                let above = format!("{{mode: {mode}, mount: /in, path: {outside}/bound}}");
                let below = format!("{{mode: Restricted, mount: {mount}, path: {outside}/mounted}}");
                launch.configure("base/leaf", &Config::new().export(above).export(below));
            };
            configure("/in/real/point");
            assert_eq!(launch.inside("cat /in/real/point/file"), "mounted", "{mode}");
            configure("/in/link/point");
            assert_eq!(
                launch.inside("cat /in/real/point/file /in/link/point/file"),
                "mountedmounted",
                "{mode}"
            );
            for mount in ["/in/file", "/in/file/point", "/in/dangling"] {
                configure(mount);
                let refused = launch.shell("true");
                assert_ne!(refused.code(), 0, "{mode} {mount}");
                assert!(refused.err().contains(mount), "{mode} {mount}: {}", refused.err());
            }
            assert_eq!(
                fs::read_to_string(launch.outside().join("bound/file")).expect("a file"),
                "a file"
            );
            assert_eq!(
                fs::read_dir(launch.outside().join("bound/real/point"))
                    .expect("a directory")
                    .count(),
                1
            );
            assert!(!Path::new("/nowhere").exists());
        }
    }
}
