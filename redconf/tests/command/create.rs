//! `create`.

use std::os::unix::fs::PermissionsExt;

use crate::pool::{Pool, is_root, shown};

#[test]
fn a_node_is_made_shown_and_clean() {
    let pool = Pool::new();
    let said = pool.run(&["create", "--alias", "app", "p/x"]).good();
    assert_eq!(said, format!("the node {} (app) is made\n", shown(&pool.path("p/x"))));
    assert!(pool.run(&["config", "p/x"]).good().contains("alias: app"));
    assert_eq!(pool.run(&["check", "p/x"]).good(), "1 checked: 0 errors, 0 warnings\n");
    assert!(!pool.path("p/.rednode.yaml").exists(), "no system node above it");
}

#[test]
fn models_choose_the_templates() {
    let pool = Pool::new();
    for (model, usr, node) in [("full", true, true), ("root", true, false), ("leaf", false, true)] {
        pool.run(&["create", "--model", model, model]).good();
        let config = pool.run(&["config", "--yaml", model]).good();
        assert_eq!(
            (config.contains("mount: /usr\n"), config.contains("mount: /nodes/")),
            (usr, node),
            "{model}"
        );
        assert!(pool.path(model).join("etc/redpack-admin.yaml").exists(), "{model}");
    }
    assert_eq!(pool.run(&["create", "--model", "big", "x"]).status, 2);
    assert_eq!(
        pool.run(&["create", "--model", "full", "--config", "leaf", "x"]).status,
        2
    );
}

#[test]
fn files_and_templates_are_taken_for_both_configs() {
    let pool = Pool::new();
    pool.write("mine.yaml", "# mine\nheaders: {alias: mine}\n");
    pool.run(&["create", "--config", "mine.yaml", "--config-adm", "leaf-admin", "x"])
        .good();
    assert_eq!(pool.read("x/etc/redpack.yaml"), "# mine\nheaders: {alias: mine}\n");
    assert!(pool.read("x/etc/redpack-admin.yaml").contains("alias: \"mine\""));
    let told = pool.run(&["create", "--config", "nothing", "y"]).bad();
    assert!(
        told.contains("there is no template 'nothing'; there are full, full-admin, leaf,"),
        "{told}"
    );
    assert!(!pool.path("y").exists());
}

#[test]
fn a_node_is_refreshed_only_when_asked() {
    let pool = Pool::new();
    pool.run(&["create", "x"]).good();
    assert!(
        pool.run(&["create", "x"])
            .bad()
            .contains("is a node already; refresh it with --update")
    );
    pool.run(&["create", "--update", "--alias", "new", "x"]).good();
    let json: serde_json::Value =
        serde_json::from_str(&pool.run(&["create", "--update", "--json", "x"]).good()).expect("JSON");
    assert_eq!(json, serde_json::json!({"path": pool.text("x"), "alias": "new"}));
}

#[test]
fn aliases_are_checked() {
    let pool = Pool::new();
    let run = pool.run(&["create", "--alias", "a b", "x"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("'a b' is not an alias"), "{}", run.stderr);
    pool.run(&["create", "--alias", "one", "x"]).good();
    assert!(
        pool.run(&["create", "--alias", "one", "x/y/z"])
            .bad()
            .contains("the alias 'one' is already used by")
    );
    assert!(!pool.path("x/y").exists());
}

#[test]
fn a_pool_of_others_is_refused_with_what_to_do() {
    if !is_root() {
        return;
    }
    let pool = Pool::new();
    std::fs::set_permissions(pool.path(""), PermissionsExt::from_mode(0o755)).expect("readable for all");
    let told = pool.run_as(4242, &["create", &pool.text("x/y")]).bad();
    let expected = format!(
        "cannot make a node in {0}; make it yours with 'sudo chown $USER {0}'",
        shown(&pool.path("")).trim_end_matches('/')
    );
    assert!(
        told.contains(&expected) && told.ends_with(": permission denied\n"),
        "{told}"
    );
    assert!(!pool.path("x").exists());
}

#[test]
fn the_owner_of_a_pool_makes_nodes_without_privileges() {
    if !is_root() {
        return;
    }
    let pool = Pool::new();
    std::fs::set_permissions(pool.path(""), PermissionsExt::from_mode(0o755)).expect("readable for all");
    pool.write("p/keep", "");
    std::os::unix::fs::chown(pool.path("p"), Some(4242), Some(4242)).expect("given away");
    pool.run_as(4242, &["create", &pool.text("p/x")]).good();
    assert_eq!(
        pool.run_as(4242, &["check", &pool.text("p/x")]).good(),
        "1 checked: 0 errors, 0 warnings\n"
    );
}

/// A pool on a file system with room for so many bytes and files, in a mount namespace of its own.
fn in_a_small_pool(pool: &Pool, options: &str) -> (bool, String) {
    let script = "mount -t tmpfs -o $1 none \"$2\" || exit 99
        \"$3\" create \"$2/p/x\"; status=$?; cd \"$2\" && find . -mindepth 1; exit $status";
    let output = std::process::Command::new("unshare")
        .args([
            "--mount",
            "--propagation=private",
            "sh",
            "-c",
            script,
            "sh",
            options,
            &pool.text("core"),
        ])
        .arg(env!("CARGO_BIN_EXE_redconf"))
        .output()
        .expect("unshare starts");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_ne!(output.status.code(), Some(99), "{text}");
    (output.status.success(), text)
}

#[test]
fn a_full_disk_leaves_no_part_of_a_node_behind() {
    if !is_root() {
        return;
    }
    let pool = Pool::new();
    let bytes = (1..=8).map(|pages| format!("size={}k", 4 * pages));
    let files = (2..=16).map(|files| format!("size=1m,nr_inodes={files}"));
    let (mut failed, mut made) = (0, 0);
    for options in bytes.chain(files) {
        let (success, text) = in_a_small_pool(&pool, &options);
        if success {
            made += 1;
            continue;
        }
        failed += 1;
        // The error and nothing else: nothing of the node is left.
        assert!(
            text.starts_with("redconf: cannot ") && text.ends_with(": no space left on device\n"),
            "{options}: {text}"
        );
        assert_eq!(text.lines().count(), 1, "{options}: {text}");
    }
    assert!(failed >= 5 && made >= 5, "{failed} failed, {made} made");
}
