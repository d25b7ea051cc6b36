//! Tags that are unique, nearest or concatenated.

use std::path::PathBuf;

use super::{errors, merged, warnings};
use crate::merge::fixture::{family, merge, source};
use crate::merge::{Entry, Merged};

fn paths(entries: &[Entry<PathBuf>]) -> Vec<String> {
    entries.iter().map(|entry| entry.value.display().to_string()).collect()
}

fn hostname(merged: &Merged) -> Option<&str> {
    merged.tags.hostname.as_ref().and_then(|entry| entry.value.to_str())
}

#[test]
fn the_oldest_ancestor_wins_and_admin_beats_normal() {
    for (configs, admin, expected) in [
        (
            &["config: {hostname: a}", "config: {hostname: b}"][..],
            false,
            Some("a"),
        ),
        (
            &["", "config: {hostname: b}", "config: {hostname: c}"],
            false,
            Some("b"),
        ),
        (
            &["config: {hostname: a}", "\n---\nconfig: {hostname: b}"],
            true,
            Some("b"),
        ),
        (
            &["config: {hostname: a}", "\n---\nconfig: {hostname: b}"],
            false,
            Some("a"),
        ),
        (
            &["\n---\nconfig: {hostname: a}", "\n---\nconfig: {hostname: b}"],
            true,
            Some("a"),
        ),
        (&["config: {hostname: ~}", "config: {hostname: b}"], false, Some("b")),
        (&["", ""], false, None),
    ] {
        assert_eq!(hostname(&merged(configs, admin)), expected, "{configs:?}");
    }
}

#[test]
fn redmain_has_the_lowest_priority() {
    let mut system = family(&[
        "config: {hostname: a}",
        "config: {hostname: b}",
        "config: {hostname: c}",
    ]);
    assert_eq!(hostname(&merge(&system, false).unwrap()), Some("a"));
    system.system = true;
    let found = merge(&system, false).unwrap();
    assert_eq!(hostname(&found), Some("b"));
    let entry = found.tags.hostname.unwrap();
    assert_eq!(
        entry
            .overrides
            .iter()
            .map(|origin| origin.alias.as_str())
            .collect::<Vec<_>>(),
        ["n2", "n0"]
    );

    let mut main = family(&["config: {hostname: b}"]);
    main.main = Some(source("main", "config: {hostname: m, chdir: /m}", "main.yaml".as_ref()));
    let found = merge(&main, false).unwrap();
    assert_eq!(hostname(&found), Some("b"));
    assert_eq!(
        found
            .tags
            .chdir
            .as_ref()
            .map(|entry| (entry.value.to_str(), entry.origin.node)),
        Some((Some("/m"), None))
    );
}

#[test]
fn an_admin_config_of_redmain_beats_normal_values_alone() {
    let mut main = family(&["config: {hostname: b}", "\n---\nconfig: {chdir: /c}"]);
    main.main_admin = Some(source(
        "main",
        "config: {hostname: m, chdir: /m}",
        "main-admin.yaml".as_ref(),
    ));
    let found = merge(&main, true).unwrap();
    assert_eq!(hostname(&found), Some("m"));
    assert_eq!(found.tags.chdir.unwrap().value.to_str(), Some("/c"));
    assert_eq!(hostname(&merge(&main, false).unwrap()), Some("b"));
}

#[test]
fn a_value_that_loses_to_another_node_is_told() {
    let found = merged(&["config: {umask: 022}", "config: {umask: 077}"], false);
    assert_eq!(found.tags.umask.as_ref().map(|entry| entry.value), Some(0o022));
    let expected = "/pool/n0/n1/redpack.yaml:2:17: umask: '077' is ignored, the ancestor's '022' holds (/pool/n0/redpack.yaml:2:17)";
    assert_eq!(warnings(&found), [expected]);
    assert_eq!(
        warnings(&merged(&["config: {umask: 022}", "config: {umask: 022}"], false)),
        [""; 0]
    );
}

#[test]
fn unset_is_no_opinion() {
    let found = merged(
        &["config: {new-session: Unset}", "config: {new-session: Enabled}"],
        false,
    );
    assert_eq!(
        found.tags.new_session.map(|entry| entry.origin.alias),
        Some("n1".into())
    );
}

#[test]
fn every_unique_tag_follows_the_rule() {
    for (key, above, below) in [
        ("umask", "022", "077"),
        ("set-user", "a", "b"),
        ("set-group", "a", "b"),
        ("smack", "a", "b"),
        ("hostname", "a", "b"),
        ("chdir", "/a", "/b"),
        ("cgrouproot", "/a", "/b"),
        ("verbose", "1", "2"),
        ("map-root-user", "1", "0"),
        ("unsafe", "true", "false"),
        ("inherit-env", "true", "false"),
        ("die-with-parent", "Enabled", "Disabled"),
        ("new-session", "Enabled", "Disabled"),
    ] {
        let (above, below) = (
            format!("config: {{{key}: {above}}}"),
            format!("config: {{{key}: {below}}}"),
        );
        let alone = merged(&[&above, ""], false).to_config(true).tags;
        let found = merged(&[&above, &below], false);
        assert_eq!(found.to_config(true).tags, alone, "{key}");
        assert_eq!(found.warnings.len(), 1, "{key}");
        let (mut defaults, mut own) = (family(&[&above, &below]), family(&["", &below]));
        (defaults.system, own.system) = (true, true);
        let tags = |family| merge(family, false).unwrap().to_config(true).tags;
        assert_eq!(tags(&defaults), tags(&own), "{key}");
    }
}

#[test]
fn the_nearest_node_places_its_data() {
    let configs = [
        "config: {rpmdir: $NODE_PATH/a, cachedir: /c0}",
        "config: {rpmdir: $NODE_PATH/b}\n---\nconfig: {rpmdir: /adm}",
    ];
    let found = merged(&configs, false).tags;
    assert_eq!(found.rpmdir.unwrap().value.to_str(), Some("/pool/n0/n1/b"));
    assert_eq!(found.cachedir.unwrap().value.to_str(), Some("/c0"));
    assert_eq!(found.persistdir, None);
    assert_eq!(merged(&configs, true).tags.rpmdir.unwrap().value.to_str(), Some("/adm"));
    let found = merged(
        &[
            "config: {persistdir: /p0}\n---\nconfig: {persistdir: /adm}",
            "config: {persistdir: /p1}",
        ],
        true,
    );
    assert_eq!(found.tags.persistdir.unwrap().value.to_str(), Some("/p1"));
}

#[test]
fn paths_are_concatenated_leaf_first_without_duplicates() {
    let configs = [
        "config: {path: '/usr/bin:/bin', ldpath: $NODE_PATH/lib}",
        "config: {path: '$NODE_PATH/bin::/usr//bin/', ldpath: $NODE_PATH/lib}\n---\nconfig: {path: /adm}",
    ];
    let found = merged(&configs, true).tags;
    assert_eq!(paths(&found.path), ["/adm", "/pool/n0/n1/bin", "/usr/bin", "/bin"]);
    assert_eq!(paths(&found.ldpath), ["/pool/n0/n1/lib", "/pool/n0/lib"]);
    assert_eq!(found.path[2].origin.alias, "n1");
    assert_eq!(found.path[2].overrides[0].alias, "n0");
    assert_eq!(paths(&merged(&configs, false).tags.path)[0], "/pool/n0/n1/bin");
}

#[test]
fn cgroups_are_one_per_node() {
    let configs = [
        "config: {cgroups: {pids: {max: 9}}}",
        "",
        "config: {cgroups: {pids: {max: 5}, cpu: {weight: 7}}}\n---\nconfig: {cgroups: {pids: {max: 99}}}",
    ];
    let max = |admin| -> Vec<(usize, String)> {
        let groups = merged(&configs, admin).tags.cgroups;
        groups
            .iter()
            .map(|group| (group.node, group.limits.pids.clone().unwrap().value.max.unwrap().value))
            .collect()
    };
    assert_eq!(max(false), [(0, "9".into()), (2, "5".into())]);
    assert_eq!(max(true), [(0, "9".into()), (2, "99".into())]);
    let mut main = family(&[""]);
    main.main = Some(source(
        "main",
        "config: {cgroups: {pids: {max: 9}}}",
        "main.yaml".as_ref(),
    ));
    let found = merge(&main, false).unwrap();
    assert_eq!((found.tags.cgroups.len(), found.warnings.len()), (0, 1));
}

#[test]
fn what_cannot_be_is_an_error_with_its_place() {
    for (config, expected) in [
        (
            "config: {chdir: $NOBODY}",
            "/pool/n0/redpack.yaml:2:17: chdir: the path is not absolute after expansion",
        ),
        (
            "config: {path: 'bin'}",
            "/pool/n0/redpack.yaml:2:16: path: 'bin' is not an absolute path",
        ),
        (
            "config: {umask: $USER}",
            "/pool/n0/redpack.yaml:2:17: umask: it is not an octal number up to 0777",
        ),
        (
            "config: {rpmdir: $NOBODY}",
            "/pool/n0/redpack.yaml:2:18: rpmdir: the path is not absolute after expansion",
        ),
        (
            "config: {smack: '${'}",
            "/pool/n0/redpack.yaml:2:17: smack: '${' has no matching '}'",
        ),
    ] {
        assert_eq!(errors(&[config], false), [expected], "{config}");
    }
}

#[test]
fn an_alias_is_unique_in_its_redpath() {
    let mut twice = family(&["", ""]);
    twice.nodes[1].config = source("n0", "", "b.yaml".as_ref());
    let found = merge(&twice, false).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(
        found[0].to_string().contains("'n0' is the alias of an ancestor too"),
        "{}",
        found[0]
    );
}

#[test]
fn accounts_merge_alone() {
    use crate::expand::Environment;
    use crate::merge::{Surroundings, accounts, fixture};
    let family = family(&[
        "config: {set-user: $USER, path: '${'}",
        "config: {set-user: bob, set-group: '7', map-root-user: 1}",
    ]);
    let (builtins, environment, mut runner) = (fixture::builtins(), Environment::new(), fixture::echo);
    let surroundings = Surroundings {
        builtins: &builtins,
        environment: &environment,
        runner: &mut runner,
    };
    let found = accounts(&family, false, surroundings).unwrap();
    assert_eq!(found.user.unwrap().value, "ann");
    assert_eq!(found.group.unwrap().value, "7");
    assert!(found.map_root_user.unwrap().value);
}
