//! `tree`, `config` and `mergeconfig`.

use crate::pool::{Pool, status};

#[test]
fn a_tree_is_drawn_from_the_top_with_aliases_and_states() {
    let pool = Pool::family();
    pool.node("p/a/c", "other", "");
    pool.write("p/a/c/.rednode.yaml", &status("Disable", &pool.text("p/a/c"), ""));
    pool.node("p/z", "elsewhere", "");
    let expected = format!(
        "{} (system) Enable\n└── a (platform) Enable\n    ├── b (app) Enable\n    └── c (other) Disable\n",
        pool.text("p")
    );
    assert_eq!(pool.run(&["tree", "p/a"]).good(), expected);
    assert_eq!(pool.run(&["tree", "--rp", &pool.text("p/a")]).good(), expected);
}

#[test]
fn a_broken_node_is_drawn_with_its_problems() {
    let pool = Pool::family();
    pool.config("p/a", "headers: {alais: x}\n");
    let drawn = pool.run(&["tree", "p/a/b"]).good();
    assert!(drawn.contains("└── a broken\n"), "{drawn}");
    assert!(drawn.contains("redpack.yaml:1:11: unknown key 'alais'"), "{drawn}");
    assert!(drawn.contains("    └── b (app) Enable\n"), "{drawn}");
}

#[test]
fn a_tree_has_a_stable_shape_as_json_and_yaml() {
    let pool = Pool::family();
    let json: serde_json::Value = serde_json::from_str(&pool.run(&["tree", "--json", "p/a"]).good()).expect("JSON");
    assert_eq!(json["path"], pool.text("p"));
    let node = &json["children"][0];
    assert_eq!(
        (&node["alias"], &node["state"], &node["realpath"]),
        (&"platform".into(), &"Enable".into(), &pool.text("p/a").into())
    );
    assert_eq!(node["children"][0]["alias"], "app");
    assert_eq!(node["children"][0]["children"], serde_json::json!([]));
    assert!(
        pool.run(&["--yaml", "tree", "p"])
            .good()
            .contains("    alias: platform\n")
    );
}

#[test]
fn a_pool_that_is_no_node_is_the_root_of_its_tree() {
    let pool = Pool::new();
    pool.node("p/a", "one", "");
    assert_eq!(
        pool.run(&["tree", "p"]).good(),
        format!("{} (no node)\n└── a (one) Enable\n", pool.text("p"))
    );
    assert!(
        pool.run(&["tree", "core"])
            .bad()
            .contains("core is not a node, it has no .rednode.yaml")
    );
}

const CONFIG: &str = "headers: {alias: app, info: 'it''s: #1'}
config: {umask: '0022', path: '/a:$NODE_PATH', share_net: disabled}
exports:
- {mode: tmpfs, mount: /x}
environ:
- {key: A, value: \"line\\nfeed\"}
";

#[test]
fn a_printed_config_loads_back_to_the_same() {
    let pool = Pool::family();
    pool.config("p/a/b", CONFIG);
    for format in ["--yaml", "--json"] {
        let printed = pool.run(&["config", format, "p/a/b"]).good();
        pool.config("p/a/b", &printed);
        assert_eq!(pool.run(&["config", format, "p/a/b"]).good(), printed);
        assert!(
            printed.contains("0022") && printed.contains("it's: #1") && printed.contains("Disabled"),
            "{printed}"
        );
    }
    let human = pool.run(&["config", "p/a/b"]).good();
    assert!(human.starts_with(&format!("# {}\nheaders:\n", pool.text("p/a/b/etc/redpack.yaml"))));
}

#[test]
fn the_admin_config_is_shown_in_admin_mode() {
    let pool = Pool::family();
    assert!(
        pool.run(&["config", "--admin", "p/a"])
            .bad()
            .contains("p/a has no admin config")
    );
    pool.write(
        "p/a/etc/redpack-admin.yaml",
        "headers: {alias: platform, name: maintenance}\n",
    );
    assert!(
        pool.run(&["config", "--admin", "p/a"])
            .good()
            .contains("name: maintenance")
    );
    assert!(!pool.run(&["config", "p/a"]).good().contains("maintenance"));
}

fn merged() -> Pool {
    let pool = Pool::family();
    pool.config(
        "p",
        "headers: {alias: system}\nconfig: {umask: '0077', hostname: lowest}\n",
    );
    pool.config(
        "p/a",
        "headers: {alias: platform}\nconfig:\n  umask: '0022'\n  path: $NODE_PATH/bin\nexports:\n- {mode: Tmpfs, mount: /tmp}\n",
    );
    pool.config(
        "p/a/b",
        "headers: {alias: app}
config: {umask: '0007', path: $NODE_PATH/bin}
exports:
- {mode: Anonymous, mount: /tmp}
environ:
- {key: WHAT, value: $(echo $NODE_ALIAS)}
",
    );
    pool
}

#[test]
fn merged_entries_tell_where_they_come_from_and_what_they_override() {
    let pool = merged();
    let run = pool.run(&["mergeconfig", "p/a/b"]);
    assert_eq!(run.status, 0);
    let place = |node: &str, at: &str| format!("{}:{at}", pool.text(&format!("{node}/etc/redpack.yaml")));
    for expected in [
        format!(
            "  # platform {}; overrides app {}, system {}\n  umask: \"0022\"\n",
            place("p/a", "3:10"),
            place("p/a/b", "2:17"),
            place("p", "2:17")
        ),
        format!("  # system {}\n  hostname: lowest\n", place("p", "2:35")),
        format!(
            "  # app {}; overrides platform {}\n  - mode: Anonymous\n    mount: /tmp\n",
            place("p/a/b", "4:3"),
            place("p/a", "6:3")
        ),
        "  - key: WHAT\n    value: \"$(echo $NODE_ALIAS)\"\n".to_owned(),
    ] {
        assert!(run.stdout.contains(&expected), "{expected}");
    }
    assert!(
        run.stderr.contains("warning: ") && run.stderr.contains("/tmp"),
        "the replaced export is told: {}",
        run.stderr
    );
    assert_eq!(pool.run(&["-q", "mergeconfig", "p/a/b"]).stderr, "");
}

#[test]
fn a_merged_config_loads_back_and_merges_to_itself() {
    let pool = merged();
    let printed = pool.run(&["-q", "mergeconfig", "--yaml", "--expand", "p/a/b"]).good();
    assert!(printed.contains("value: app\n"), "{printed}");
    assert!(
        printed.contains(&format!(
            "path: \"{}/bin:{}/bin\"",
            pool.text("p/a/b"),
            pool.text("p/a")
        )),
        "{printed}"
    );
    pool.node("alone", "x", "");
    pool.config("alone", &printed);
    let again = pool
        .run(&["--root", "core", "mergeconfig", "--yaml", "--expand", "alone"])
        .good();
    assert_eq!(again, printed);
    let human = pool.run(&["-q", "mergeconfig", "--expand", "p/a/b"]).good();
    pool.config("alone", &human);
    assert_eq!(
        pool.run(&["--root", "core", "mergeconfig", "--yaml", "--expand", "alone"])
            .good(),
        printed
    );
}

#[test]
fn merged_json_has_values_as_written_or_expanded_and_their_history() {
    let pool = merged();
    let json =
        |arguments: &[&str]| -> serde_json::Value { serde_json::from_str(&pool.run(arguments).stdout).expect("JSON") };
    let written = json(&["-q", "mergeconfig", "--json", "p/a/b"]);
    let expanded = json(&["-q", "mergeconfig", "--json", "--expand", "p/a/b"]);
    assert_eq!(written["environ"][0]["value"], "$(echo $NODE_ALIAS)");
    assert_eq!(expanded["environ"][0]["value"], "app");
    assert_eq!(expanded["tags"]["umask"]["value"], "0022");
    assert_eq!(expanded["tags"]["umask"]["from"]["alias"], "platform");
    assert_eq!(expanded["exports"][0]["overrides"][0]["alias"], "platform");
    assert_eq!(expanded["nodes"].as_array().map(Vec::len), Some(3));
}

#[test]
fn another_main_config_and_admin_mode_change_the_merge() {
    let pool = Pool::new();
    pool.node("a", "one", "");
    pool.write("main.yaml", "headers: {alias: main}\nconfig: {hostname: normal}\n");
    pool.write("mine.yaml", "headers: {alias: main}\nconfig: {hostname: admin}\n");
    pool.write(
        "core/etc/redpak/main.yaml",
        "headers: {alias: main}\nconfig: {hostname: core}\n",
    );
    let hostname = |arguments: &[&str]| {
        let printed = pool.run(&[&["mergeconfig", "--yaml", "a"], arguments].concat()).good();
        printed
            .lines()
            .find(|line| line.contains("hostname"))
            .map(str::to_owned)
    };
    assert_eq!(
        hostname(&["--rmain", "main.yaml"]).as_deref(),
        Some("  hostname: normal")
    );
    assert_eq!(
        hostname(&["--rmain", "main.yaml", "--admin=mine.yaml"]).as_deref(),
        Some("  hostname: admin")
    );
    assert_eq!(hostname(&["--root", "core"]).as_deref(), Some("  hostname: core"));
}

#[test]
fn the_prefix_is_the_root_that_is_named() {
    let pool = Pool::new();
    pool.node("a", "one", "");
    pool.config(
        "a",
        "headers: {alias: one}\nenviron: [{key: P, value: '<$NODE_PREFIX>'}]\n",
    );
    pool.write("core/etc/redpak/main.yaml", "headers: {alias: main}\n");
    let value = |arguments: &[&str]| {
        let run = pool.run(&[&["-q", "mergeconfig", "--json", "--expand", "a"], arguments].concat());
        let json: serde_json::Value = serde_json::from_str(&run.good()).expect("JSON");
        json["environ"][0]["value"].as_str().expect("a text").to_owned()
    };
    assert_eq!(value(&["--root", "/"]), "<>");
    let core = pool.text("core");
    assert_eq!(value(&["--root", &core]), format!("<{core}>"));
}

#[test]
fn constraints_that_are_loosened_are_told_with_both_files() {
    let pool = Pool::family();
    pool.config("p/a", "headers: {alias: platform}\nconfig: {share_net: Disabled}\n");
    pool.config(
        "p/a/b",
        "headers: {alias: app}\nconfig: {share_net: Enabled, umask: $(exit 3)}\n",
    );
    let told = pool.run(&["mergeconfig", "p/a/b"]).bad();
    let line = told
        .lines()
        .find(|line| line.contains("share_net"))
        .expect("the constraint");
    assert!(
        line.contains("p/a/b/etc/redpack.yaml:2:") && line.contains("p/a/etc/redpack.yaml:2:"),
        "{line}"
    );
    assert!(told.contains("it exited with status 3"), "{told}");
}
