//! Constraints: tightened below, never loosened.

use super::{errors, merged};
use crate::merge::{Entry, Merged, ShareState};

fn state(entry: &Option<Entry<ShareState>>) -> String {
    match entry.as_ref().map(|entry| &entry.value) {
        None => "-".into(),
        Some(ShareState::Shared) => "shared".into(),
        Some(ShareState::New) => "new".into(),
        Some(ShareState::Join(path)) => path.display().to_string(),
    }
}

fn net(merged: &Merged) -> String {
    state(&merged.tags.share.net)
}

#[test]
fn shares_are_tightened_below() {
    for (configs, admin, expected) in [
        (&["", ""][..], false, "-"),
        (&["config: {share_net: Enabled}", ""], false, "shared"),
        (
            &["config: {share_net: Enabled}", "config: {share_net: Disabled}"],
            false,
            "new",
        ),
        (
            &["config: {share_net: Unset}", "config: {share_net: Enabled}"],
            false,
            "shared",
        ),
        (
            &["config: {share_net: Disabled}", "config: {share_net: Unset}"],
            false,
            "new",
        ),
        (
            &["config: {share_net: Enabled}", "config: {share_net: /run/$USER}"],
            false,
            "/run/ann",
        ),
        (
            &["config: {share_net: /run/a}", "config: {share_net: /run//a/}"],
            false,
            "/run/a",
        ),
        (
            &["config: {share_net: /run/a}", "config: {share_net: Disabled}"],
            false,
            "new",
        ),
        (&["config: {share_all: Enabled}", ""], false, "shared"),
        (
            &["config: {share_all: Enabled}", "config: {share_all: Disabled}"],
            false,
            "new",
        ),
        (
            &[
                "config: {share_all: Disabled, share_net: Enabled}",
                "config: {share_net: Enabled}",
            ],
            false,
            "shared",
        ),
        (
            &["config: {share_net: Disabled}", "config: {share_all: Enabled}"],
            false,
            "new",
        ),
        (
            &["config: {share_net: Disabled}", "\n---\nconfig: {share_net: Enabled}"],
            true,
            "shared",
        ),
        (
            &["config: {share_all: Disabled}", "\n---\nconfig: {share_net: Enabled}"],
            true,
            "shared",
        ),
        (
            &["config: {share_net: Disabled}", "\n---\nconfig: {share_net: Enabled}"],
            false,
            "new",
        ),
        (
            &[
                "\n---\nconfig: {share_net: Enabled}",
                "\n---\nconfig: {share_net: Disabled}",
            ],
            true,
            "new",
        ),
        (
            &["config: {share_net: Enabled}\n---\nconfig: {share_net: Disabled}", ""],
            true,
            "new",
        ),
    ] {
        assert_eq!(net(&merged(configs, admin)), expected, "{configs:?}");
    }
}

#[test]
fn shares_cannot_be_loosened_below() {
    for (configs, admin) in [
        (["config: {share_net: Disabled}", "config: {share_net: Enabled}"], false),
        (["config: {share_net: Disabled}", "config: {share_net: /run/a}"], false),
        (["config: {share_net: /run/a}", "config: {share_net: Enabled}"], false),
        (["config: {share_net: /run/a}", "config: {share_net: /run/b}"], false),
        (["config: {share_all: Disabled}", "config: {share_net: Enabled}"], false),
        (
            [
                "config: {share_all: Disabled}",
                "config: {share_all: Disabled, share_net: Enabled}",
            ],
            false,
        ),
        (
            [
                "\n---\nconfig: {share_net: Disabled}",
                "\n---\nconfig: {share_net: Enabled}",
            ],
            true,
        ),
        (
            [
                "config: {share_net: Disabled}\n---\nconfig: {share_net: Disabled}",
                "\n---\nconfig: {share_net: Enabled}",
            ],
            true,
        ),
    ] {
        let found = errors(&configs, admin);
        assert_eq!(found.len(), 1, "{found:?}");
        let files = if admin { "redpack-admin" } else { "redpack" };
        assert!(found[0].starts_with(&format!("/pool/n0/n1/{files}.yaml:")), "{found:?}");
        assert!(found[0].contains(&format!("(/pool/n0/{files}.yaml:")), "{found:?}");
    }
    let found = errors(
        &["config: {share_all: Disabled}", "config: {share_all: Enabled}"],
        false,
    );
    assert!(
        found[0].contains("share_all: 'Enabled' cannot loosen what the ancestor 'n0' sets, which disables it"),
        "{found:?}"
    );
}

#[test]
fn all_kinds_but_time_follow_share_all() {
    let share = merged(&["config: {share_all: Enabled, share_pid: Disabled}"], false)
        .tags
        .share;
    let found = [
        &share.user,
        &share.cgroup,
        &share.net,
        &share.pid,
        &share.ipc,
        &share.time,
    ]
    .map(state);
    assert_eq!(found, ["shared", "shared", "shared", "new", "shared", "-"]);
    for (key, index) in [
        ("user", 0),
        ("cgroup", 1),
        ("net", 2),
        ("pid", 3),
        ("ipc", 4),
        ("time", 5),
    ] {
        let share = merged(&[&format!("config: {{share_{key}: Disabled}}"), ""], false)
            .tags
            .share;
        let found = [
            &share.user,
            &share.cgroup,
            &share.net,
            &share.pid,
            &share.ipc,
            &share.time,
        ]
        .map(state);
        assert_eq!(found[index], "new", "{key}");
        assert_eq!(found.iter().filter(|state| *state == "-").count(), 5, "{key}");
        let loosened = [
            format!("config: {{share_{key}: Disabled}}"),
            format!("config: {{share_{key}: Enabled}}"),
        ];
        assert_eq!(errors(&[&loosened[0], &loosened[1]], false).len(), 1, "{key}");
    }
}

fn capabilities(merged: &Merged) -> String {
    let shown = merged
        .tags
        .capabilities
        .iter()
        .map(|entry| format!("{}{}", if entry.value.add { '+' } else { '-' }, entry.value.name));
    shown.collect::<Vec<_>>().join(" ").replace("CAP_", "")
}

#[test]
fn capabilities_are_tightened_below() {
    for (configs, admin, expected) in [
        (&[""][..], false, ""),
        (
            &["config: {capabilities: [{cap: net_raw, add: 1}, {cap: ALL, add: 0}, {cap: CAP_BPF, add: 1}]}"],
            false,
            "-ALL +BPF +NET_RAW",
        ),
        (
            &[
                "config: {capabilities: [{cap: KILL, add: 1}]}",
                "config: {capabilities: [{cap: kill, add: 0}]}",
            ],
            false,
            "-KILL",
        ),
        (
            &[
                "config: {capabilities: [{cap: KILL, add: 0}]}",
                "config: {capabilities: [{cap: ALL, add: 1}]}",
            ],
            false,
            "+ALL -KILL",
        ),
        (
            &[
                "config: {capabilities: [{cap: KILL, add: 1}, {cap: BPF, add: 1}]}",
                "config: {capabilities: [{cap: ALL, add: 0}, {cap: BPF, add: 1}]}",
            ],
            false,
            "-ALL +BPF -KILL",
        ),
        (
            &[
                "config: {capabilities: [{cap: ALL, add: 0}, {cap: BPF, add: 1}]}",
                "config: {capabilities: [{cap: BPF, add: 1}]}",
            ],
            false,
            "-ALL +BPF",
        ),
        (
            &[
                "config: {capabilities: [{cap: KILL, add: 0}]}",
                "\n---\nconfig: {capabilities: [{cap: KILL, add: 1}]}",
            ],
            true,
            "+KILL",
        ),
        (
            &[
                "config: {capabilities: [{cap: KILL, add: 0}]}",
                "\n---\nconfig: {capabilities: [{cap: KILL, add: 1}]}",
            ],
            false,
            "-KILL",
        ),
    ] {
        assert_eq!(capabilities(&merged(configs, admin)), expected, "{configs:?}");
    }
}

#[test]
fn capabilities_cannot_be_loosened_below() {
    for (above, below) in [("KILL", "KILL"), ("KILL", "cap_kill"), ("ALL", "KILL"), ("ALL", "ALL")] {
        let (above, below) = (
            format!("config: {{capabilities: [{{cap: {above}, add: 0}}]}}"),
            format!("config: {{capabilities: [{{cap: {below}, add: 1}}]}}"),
        );
        let found = errors(&[&above, "", &below], false);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("it cannot be added below 'n0', which drops it (/pool/n0/redpack.yaml:"),
            "{found:?}"
        );
        assert_eq!(
            errors(&[&format!("\n---\n{above}"), &format!("\n---\n{below}")], true).len(),
            1
        );
    }
}

#[test]
fn a_capability_twice_in_one_file() {
    let twice = |second| format!("config: {{capabilities: [{{cap: KILL, add: 1}}, {{cap: cap_kill, add: {second}}}]}}");
    assert_eq!(merged(&[&twice(1)], false).warnings.len(), 1);
    assert_eq!(errors(&[&twice(0)], false).len(), 1);
}

#[test]
fn gpgcheck_is_true_when_it_is_true_anywhere() {
    for (configs, expected) in [
        (["", ""], None),
        (["config: {gpgcheck: false}", ""], Some(false)),
        (["config: {gpgcheck: true}", "config: {gpgcheck: false}"], Some(true)),
        (["config: {gpgcheck: false}", "config: {gpgcheck: true}"], Some(true)),
        (
            ["config: {gpgcheck: true}", "\n---\nconfig: {gpgcheck: false}"],
            Some(true),
        ),
    ] {
        let found = merged(&configs, true).tags.gpgcheck;
        assert_eq!(found.map(|entry| entry.value), expected, "{configs:?}");
    }
}

#[test]
fn export_roots_add_up() {
    let found = merged(
        &[
            "config: {export_roots: [/usr, $NODE_PATH/x/.]}",
            "",
            "config: {export_roots: [/usr/share]}",
        ],
        false,
    );
    let lists: Vec<_> = found
        .tags
        .export_roots
        .iter()
        .map(|list| {
            (
                list.node,
                list.prefixes
                    .iter()
                    .map(|path| path.to_str().unwrap())
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        lists,
        [(Some(0), vec!["/usr", "/pool/n0/x"]), (Some(2), vec!["/usr/share"])]
    );
    assert_eq!(errors(&["config: {export_roots: [usr, /a/../b]}"], false).len(), 2);
}
