//! Families on real temporary directories.

use std::path::{Path, PathBuf};

use redpak::node::{State, Status, files};

use super::*;
use crate::report::chain;

struct Pool(tempfile::TempDir);

impl Pool {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, relative: &str) -> PathBuf {
        std::fs::canonicalize(self.0.path()).unwrap().join(relative)
    }

    fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn node(&self, relative: &str, alias: &str, info: &str) -> PathBuf {
        let path = self.path(relative);
        let status = Status::new(State::Enable, &path, 1, info).to_yaml();
        self.write(&format!("{relative}/{}", files::STATUS), &status);
        self.write(&format!("{relative}/{}", files::CONFIG), &config(alias));
        path
    }

    /// A request whose core OS is a directory of the pool.
    fn request(&self, relative: &str) -> Request {
        std::fs::create_dir_all(self.path("core")).unwrap();
        let root = self.path("core");
        Request {
            root,
            ..Request::new(self.path(relative))
        }
    }

    fn fails(&self, relative: &str) -> Vec<String> {
        let errors = load(&self.request(relative)).expect_err("the family was read");
        errors.0.iter().map(|error| chain(error)).collect()
    }
}

fn config(alias: &str) -> String {
    format!("headers:\n  alias: {alias}\n")
}

fn aliases(family: &Family) -> Vec<&str> {
    family.nodes.iter().map(|node| node.alias().as_str()).collect()
}

#[test]
fn ancestors_are_the_enclosing_nodes_oldest_first() {
    let pool = Pool::new();
    pool.node("a", "one", "");
    pool.node("a/plain/b", "two", "");
    let leaf = pool.node("a/plain/b/c", "three", "");
    pool.node("a/other", "sibling", "");
    let family = load(&pool.request("a/plain/b/c")).unwrap();
    assert_eq!(aliases(&family), ["one", "two", "three"]);
    assert_eq!(family.leaf().unwrap().path, leaf);
    assert!(!family.system && family.main.is_none() && family.main_admin.is_none());
}

#[test]
fn a_redpath_through_a_symlink_has_the_ancestors_of_its_target() {
    let pool = Pool::new();
    pool.node("a", "one", "");
    pool.node("a/b", "two", "");
    pool.node("x", "false", "");
    std::os::unix::fs::symlink(pool.path("a/b"), pool.path("x/link")).unwrap();
    let family = load(&pool.request("x/link")).unwrap();
    assert_eq!(aliases(&family), ["one", "two"]);
}

#[test]
fn relative_missing_and_plain_directories_are_told_apart() {
    let pool = Pool::new();
    pool.node("a", "one", "");
    pool.write("a/b/file", "");
    let relative = load(&Request::new("a")).unwrap_err().to_string();
    assert!(relative.starts_with("the redpath 'a' is not absolute"), "{relative}");
    assert_eq!(
        pool.fails("a/b"),
        [format!(
            "{} is not a node, it has no .rednode.yaml; the nearest node above it is {}",
            pool.path("a/b").display(),
            pool.path("a").display()
        )]
    );
    let missing = pool.fails("a/c");
    assert!(missing[0].contains("a/c: no such file or directory"), "{missing:?}");
    assert!(pool.fails("a/b/file")[0].contains("not a directory"));
}

#[test]
fn older_names_are_read_and_both_are_refused() {
    let pool = Pool::new();
    let node = pool.node("a", "new", "");
    std::fs::rename(node.join(files::CONFIG), node.join(files::CONFIG_LEGACY)).unwrap();
    assert_eq!(aliases(&load(&pool.request("a")).unwrap()), ["new"]);
    pool.write("a/etc/redpack.yaml", &config("x"));
    let told = pool.fails("a");
    assert!(
        told[0].contains("a/etc/redpack.yaml and ") && told[0].contains("a/etc/redpak.yaml"),
        "{told:?}"
    );
}

#[test]
fn all_errors_of_a_family_are_told_in_one_run() {
    let pool = Pool::new();
    pool.node("a", "one", "");
    pool.node("a/b", "two", "");
    pool.write("a/.rednode.yaml", "state: Maybe\nrealpath: /a\n");
    pool.write("a/etc/redpack.yaml", "headers: {alias: one}\nconfig: {umsk: 022}\n");
    std::fs::remove_file(pool.path("a/b/etc/redpack.yaml")).unwrap();
    let told = pool.fails("a/b");
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains(".rednode.yaml:1:8"), "{told:?}");
    assert!(told[1].contains("redpack.yaml:2:10: unknown key 'umsk'"), "{told:?}");
    assert!(told[2].contains("every node needs its config"), "{told:?}");
}

#[test]
fn the_marked_topmost_node_is_redmain() {
    let pool = Pool::new();
    pool.node("a", "system", main_config::SYSTEM_NODE);
    pool.node("a/b", "leaf", main_config::SYSTEM_NODE);
    pool.write("core/etc/red-pak/main.yaml", "broken: [");
    let family = load(&pool.request("a/b")).unwrap();
    assert!(family.system && family.main.is_none());
}

#[test]
fn a_named_main_config_beats_the_system_node() {
    let pool = Pool::new();
    pool.node("a", "system", main_config::SYSTEM_NODE);
    let main = pool.write("other.yaml", &config("other"));
    pool.write("other-admin.yaml", &config("otheradmin"));
    let mut request = pool.request("a");
    request.main = Some(main.clone());
    let family = load(&request).unwrap();
    assert_eq!(
        (family.system, family.main.unwrap().file, family.main_admin),
        (false, main, None)
    );
    request.admin = Admin::On;
    let admin = load(&request).unwrap().main_admin.unwrap();
    assert_eq!(admin.config.headers.alias.as_str(), "otheradmin");
}

#[test]
fn the_main_config_of_a_root_file_system_stays_in_it() {
    let pool = Pool::new();
    pool.node("a", "leaf", "");
    pool.write("core/usr/share/main.yaml", &config("inner"));
    std::fs::create_dir_all(pool.path("core/etc/redpak")).unwrap();
    std::os::unix::fs::symlink("/usr/share/main.yaml", pool.path("core/etc/redpak/main.yaml")).unwrap();
    let main = load(&pool.request("a")).unwrap().main.unwrap();
    assert_eq!(main.config.headers.alias.as_str(), "inner");
    assert_eq!(main.file, pool.path("core/etc/redpak/main.yaml"));
}

#[test]
fn admin_configs_are_read_only_in_admin_mode() {
    let pool = Pool::new();
    pool.node("a", "leaf", "");
    pool.write("a/etc/redpack-admin.yaml", "broken: [");
    let mut request = pool.request("a");
    assert_eq!(load(&request).unwrap().nodes[0].admin, None);
    request.admin = Admin::On;
    assert!(load(&request).is_err());
    pool.write("a/etc/redpack-admin.yaml", &config("leaf"));
    assert!(load(&request).unwrap().nodes[0].admin.is_some());
    request.admin = Admin::File(pool.write("mine.yaml", &config("mine")));
    let admin = load(&request).unwrap().main_admin.unwrap();
    assert_eq!(admin.config.headers.alias.as_str(), "mine");
}

#[test]
fn a_config_that_leads_out_of_the_node_is_refused_and_not_quoted() {
    let pool = Pool::new();
    let node = pool.node("a", "leaf", "");
    let secret = pool.write("secret", "root:hash");
    std::fs::remove_file(node.join(files::CONFIG)).unwrap();
    std::os::unix::fs::symlink(secret, node.join(files::CONFIG)).unwrap();
    let told = pool.fails("a");
    assert!(
        told[0].contains("leads out of") && !told[0].contains("hash"),
        "{told:?}"
    );
}

#[test]
fn paths_of_a_target_lose_the_root() {
    let path = |path: &str, root: &str| on_target(Path::new(path), Path::new(root)).display().to_string();
    assert_eq!(path("/build/root/var/x", "/build/root"), "/var/x");
    assert_eq!(path("/var/x", "/"), "/var/x");
    assert_eq!(path("/var/x", "/build"), "/var/x");
}

/// A redpath, or what stands for a status, may be anything. A FIFO would keep whoever opens it waiting.
#[test]
fn a_lineage_of_no_directories() {
    let pool = Pool::new();
    pool.node("platform", "platform", "");
    let file = pool.write("platform/file", "");
    let fifo = pool.path("platform/fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for path in [&file, &fifo] {
        let told = chain(&resolve(path).unwrap_err());
        assert!(told.contains("ot a directory"), "{told}");
        let refused = lineage(path).unwrap_err();
        let above = Some(pool.path("platform"));
        assert!(matches!(refused, FamilyError::NotANode { above: found, .. } if found == above));
    }
    // As a status a FIFO counts, so that it is told and not passed over; it is not read.
    let odd = pool.path("platform/odd");
    std::fs::create_dir(&odd).unwrap();
    nix::unistd::mkfifo(&odd.join(files::STATUS), nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(lineage(&odd).unwrap(), [pool.path("platform"), odd.clone()]);
    assert!(node::load(&odd, true).is_err());
}
