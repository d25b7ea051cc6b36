//! The tags `rpmdir`, `persistdir` and `cachedir`: where a node keeps its own data.

use redpak_testing::{Package, Pool, Repository, User};

const PARENT: &str = "platform";
const LEAF: &str = "platform/application";

/// A config with these tags.
fn config(alias: &str, tags: &str) -> String {
    format!("headers: {{alias: {alias}}}\nconfig: {{{tags}}}\n")
}

fn family(owner: &User) -> (Pool, Repository) {
    let repository = Repository::new(&[
        Package::new("base", "1.0-1")
            .provides("base-api = 1")
            .file("/usr/lib/base", "base"),
        Package::new("app", "1.0-1")
            .requires("base-api")
            .file("/usr/lib/app", "app"),
    ]);
    let pool = Pool::new(owner);
    for node in [PARENT, LEAF] {
        pool.create(node);
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    let places = "rpmdir: $NODE_PATH/state/rpm, persistdir: $NODE_PATH/state/dnf, cachedir: $NODE_PATH/state/cache";
    pool.write(PARENT, "etc/redpack.yaml", config("platform", places));
    (pool, repository)
}

#[test]
fn they_are_where_the_config_says() {
    for owner in User::owners() {
        let (pool, _repository) = family(&owner);
        pool.install(PARENT, &["base"]);
        let parent = pool.node(PARENT);
        assert!(parent.join("state/rpm/rpmdb.sqlite").is_file());
        assert!(parent.join("state/cache").is_dir());
        assert!(pool.installed(PARENT).is_empty(), "the usual place has no package");
        assert!(!parent.join("var/cache/libdnf5").exists());
        pool.dnf(PARENT)
            .args(["list", "--installed"])
            .run()
            .success()
            .prints("base");
        // The leaf sees the parent's packages there, and keeps its own data at the usual place.
        pool.install(LEAF, &["app"]);
        assert_eq!(pool.installed(LEAF), ["app-1.0-1.noarch"]);
        let removal = pool.dnf(PARENT).args(["remove", "-y", "base"]).run();
        removal.refuses(1, &["app", &pool.node(LEAF).display().to_string()]);
    }
}

#[test]
fn a_descendants_packages_are_found_where_its_config_says() {
    let (pool, _repository) = family(&User::current());
    pool.install(PARENT, &["base"]);
    pool.write(
        LEAF,
        "etc/redpack.yaml",
        config("application", "rpmdir: $NODE_PATH/own/rpm"),
    );
    pool.install(LEAF, &["app"]);
    assert!(pool.node(LEAF).join("own/rpm/rpmdb.sqlite").is_file());
    let removal = pool.dnf(PARENT).args(["remove", "-y", "base"]).run();
    removal.refuses(1, &["app", &pool.node(LEAF).display().to_string()]);
}

#[test]
fn a_place_outside_the_node_is_refused() {
    let (pool, _repository) = family(&User::current());
    let outside = pool.path().join("outside");
    let touched = pool.path().join("touched");
    for (tags, words) in [
        (format!("rpmdir: {}", outside.display()), "not below the node"),
        (
            format!("cachedir: {}", pool.node(PARENT).display()),
            "not below the node",
        ),
        ("persistdir: $NODE_PATH/../../x".to_owned(), "not below the node"),
        (format!("rpmdir: '$(touch {})'", touched.display()), "rpmdir"),
    ] {
        pool.write(LEAF, "etc/redpack.yaml", config("application", &tags));
        pool.dnf(LEAF)
            .args(["install", "-y", "app"])
            .run()
            .refuses(1, &["redpack.yaml:2:", words]);
        assert!(!outside.exists() && !touched.exists());
    }
}
