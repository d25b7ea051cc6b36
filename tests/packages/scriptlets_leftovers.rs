//! What a run with scriptlets leaves when the power goes, its record lost: the next command clears it and goes on.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};

use redpak_testing::{Package, Pool, Repository, Scriptlet, User};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/leaf";

fn repository() -> Repository {
    Repository::new(&[
        Package::new("shell", "1-1")
            .provides("/bin/sh")
            .scriptlet(Scriptlet::Post, "true"),
        Package::new("posts", "1-1")
            .file("/usr/share/posts", "posts\n")
            .scriptlet(Scriptlet::Post, "rm /usr/bin/env; echo posted"),
    ])
}

#[test]
fn leftovers_without_a_record_stop_nobody() {
    let repository = repository();
    for owner in User::owners() {
        let pool = Pool::with(&owner, &repository, &[PLATFORM, LEAF]);
        pool.install(PLATFORM, &["shell"]);
        let leaf = pool.node(LEAF);
        let work = leaf.join(".rednode.overlay");
        pool.write(LEAF, ".rednode.overlay/made", "");
        for name in ["usr", "etc", "lib"] {
            let workplace = work.join(name);
            fs::create_dir(&workplace).expect("a directory");
            owner.own(&workplace);
            let inner = workplace.join("work");
            fs::DirBuilder::new().mode(0o000).create(&inner).expect("a directory");
            owner.own(&inner);
        }
        for name in [".rednode.forced", ".rednode.metadata", ".rednode.verdict"] {
            pool.write(LEAF, name, "");
            fs::set_permissions(leaf.join(name), fs::Permissions::from_mode(0o600)).expect("a mode");
        }
        for name in ["bin", "lib", "dev"] {
            fs::create_dir(leaf.join(name)).expect("a directory");
            owner.own(&leaf.join(name));
        }
        pool.dnf(LEAF)
            .args(["install", "-y", "posts"])
            .run()
            .success()
            .complains("posted");
        let left = |name: &&str| leaf.join(name).symlink_metadata().is_ok();
        let names = [
            ".rednode.overlay",
            ".rednode.forced",
            ".rednode.metadata",
            "bin",
            "lib",
            "dev",
        ];
        assert_eq!(names.into_iter().find(left), None, "{}", owner.name);
    }
}

/// There is another /lib/sysimage then than /usr/lib/sysimage.
#[test]
fn a_node_may_have_its_own_lib() {
    let repository = repository();
    for owner in User::owners() {
        let pool = Pool::with(&owner, &repository, &[PLATFORM, LEAF]);
        pool.install(PLATFORM, &["shell"]);
        symlink("usr/lib", pool.node(PLATFORM).join("lib")).expect("a link");
        pool.write(LEAF, "lib/own", "own\n");
        pool.dnf(LEAF)
            .args(["install", "-y", "posts"])
            .run()
            .success()
            .complains("posted");
    }
}
