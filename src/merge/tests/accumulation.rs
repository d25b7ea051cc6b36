//! Exports and environment.

use super::{errors, merged, warnings};
use crate::merge::{Merged, Target, VariableValue};

fn exports(merged: &Merged) -> Vec<String> {
    let show = |export: &crate::merge::MergedExport| {
        let target = match &export.target {
            Target::Path(path) | Target::Link(path) => path.display().to_string(),
            Target::Command(command) => format!("`{}`", command.text.display()),
            Target::Descriptor(number) => format!("fd {number}"),
            Target::None => String::new(),
        };
        format!("{} {} {target}", export.mode, export.mount.display())
            .trim_end()
            .to_owned()
    };
    merged.exports.iter().map(|entry| show(&entry.value)).collect()
}

fn environ(merged: &Merged) -> Vec<String> {
    let show = |variable: &crate::merge::MergedVariable| {
        let value = match &variable.value {
            VariableValue::Text(text) => format!("={}", text.display()),
            VariableValue::Command(command) => format!("=`{}`", command.text.display()),
            VariableValue::Inherit => " inherited".into(),
            VariableValue::Remove => " removed".into(),
        };
        format!("{}{value}", variable.key)
    };
    merged.environ.iter().map(|entry| show(&entry.value)).collect()
}

#[test]
fn exports_accumulate_sorted_by_mount() {
    let found = merged(
        &[
            "exports: [{mode: Restricted, mount: /usr}, {mode: Devfs, mount: /dev}, {mode: Restricted, mount: '/nodes//$NODE_ALIAS/', path: $NODE_PATH/.}]",
            "exports: [{mode: Public, mount: /usr/share/x, path: '$NODE_PATH//x/'}, {mode: Restricted, mount: '/nodes/$NODE_ALIAS', path: $NODE_PATH}, {mode: Tmpfs, mount: /usr-local}]",
        ],
        false,
    );
    let expected = [
        "Devfs /dev",
        "Restricted /nodes/n0 /pool/n0",
        "Restricted /nodes/n1 /pool/n0/n1",
        "Restricted /usr /usr",
        "Tmpfs /usr-local",
        "Public /usr/share/x /pool/n0/n1/x",
    ];
    assert_eq!(exports(&found), expected);
    assert_eq!(warnings(&found), [""; 0]);
}

#[test]
fn every_mode_has_its_target() {
    let found = merged(
        &["exports:
  - {mode: symlink, mount: /a, path: usr/$USER}
  - {mode: EXECFD, mount: /b, path: echo $NODE_ALIAS}
  - {mode: Internal, mount: /c, path: 3}
  - {mode: Anonymous, mount: /d}
  - {mode: Mqueue, mount: /e}
  - {mode: Lock, mount: /f}
  - {mode: Procfs, mount: /g}
  - {mode: PrivateFile, mount: /h, path: $(/k)/i}
  - {mode: RestrictedFile, mount: /i}
"],
        false,
    );
    let expected = [
        "Symlink /a usr/ann",
        "Execfd /b `echo n0`",
        "Internal /c fd 3",
        "Anonymous /d",
        "Mqueue /e",
        "Lock /f",
        "Procfs /g",
        "PrivateFile /h /k/i",
        "RestrictedFile /i /i",
    ];
    assert_eq!(exports(&found), expected);
}

#[test]
fn precedence_of_exports() {
    let private = "exports: [{mode: Private, mount: /p, path: $NODE_PATH}]";
    let normal = "exports: [{mode: Restricted, mount: /p, path: $NODE_PATH}]";
    let admin = "\n---\nexports: [{mode: Public, mount: /p, path: $NODE_PATH/adm}]";
    let both = format!("{normal}{admin}");
    for (configs, in_admin_mode, expected, warned) in [
        (vec![private, ""], false, "", 0),
        (vec!["", private], false, "Private /p /pool/n0/n1", 0),
        (vec![normal, private], false, "Private /p /pool/n0/n1", 1),
        (vec![normal, normal], false, "Restricted /p /pool/n0/n1", 1),
        (vec![&both, normal], true, "Public /p /pool/n0/adm", 0),
        (vec![&both, normal], false, "Restricted /p /pool/n0/n1", 1),
        (vec![&both, &both], true, "Public /p /pool/n0/n1/adm", 0),
        (vec![&both], true, "Public /p /pool/n0/adm", 0),
    ] {
        let found = merged(&configs, in_admin_mode);
        assert_eq!(exports(&found).join(" "), expected, "{configs:?}");
        assert_eq!(found.warnings.len(), warned, "{configs:?} {:?}", found.warnings);
    }
}

#[test]
fn what_was_replaced_is_remembered_and_never_expanded() {
    let bad = "exports: [{mode: Restricted, mount: /p, path: '${'}]";
    let good = "exports: [{mode: Restricted, mount: /p}]";
    let found = merged(&[bad, good, "exports: [{mode: Tmpfs, mount: /p}]"], false);
    assert_eq!(exports(&found), ["Tmpfs /p"]);
    let overrides: Vec<_> = found.exports[0].overrides.iter().map(ToString::to_string).collect();
    assert_eq!(
        overrides,
        ["/pool/n0/n1/redpack.yaml:2:11", "/pool/n0/redpack.yaml:2:11"]
    );
    let expected =
        "/pool/n0/n1/n2/redpack.yaml:2:11: /p: replaces the entry of the ancestor 'n1' (/pool/n0/n1/redpack.yaml:2:11)";
    assert_eq!(warnings(&found)[1], expected);
}

#[test]
fn the_same_key_twice_in_one_file() {
    for (config, expected) in [
        (
            "exports: [{mode: Restricted, mount: /p}, {mode: restricted, mount: /p}]",
            Ok(1),
        ),
        (
            "exports: [{mode: Restricted, mount: /p}, {mode: Restricted, mount: /p/}]",
            Err(1),
        ),
        (
            "exports: [{mode: Restricted, mount: /p}, {mode: Public, mount: /p}]",
            Err(1),
        ),
        ("environ: [{key: A, value: x}, {key: A, value: x}]", Ok(1)),
        ("environ: [{key: A, value: x}, {key: A, value: y}]", Err(1)),
        ("environ: [{key: A, value: x}, {key: a, value: y}]", Ok(0)),
    ] {
        match expected {
            Ok(warned) => assert_eq!(merged(&[config], false).warnings.len(), warned, "{config}"),
            Err(number) => assert_eq!(errors(&[config], false).len(), number, "{config}"),
        }
    }
}

#[test]
fn what_an_admin_entry_hides_must_not_contradict_itself_either() {
    let admin = "\n---\nenviron: [{key: A, value: adm}]";
    let twice = "environ: [{key: A, value: x}, {key: A, value: y}]";
    assert_eq!(errors(&[admin, twice], true).len(), 1);
}

#[test]
fn a_path_has_as_many_bytes_as_the_kernel_takes() {
    // PATH_MAX counts the NUL at the end.
    let fits = format!("/{}aa", "a/".repeat(2046));
    let is_too_long = format!("{fits}a");
    assert_eq!(fits.len(), 4095);
    for (key, entry) in [
        ("mount", "{mode: Tmpfs, mount: PATH}"),
        ("path", "{mode: Public, mount: /a, path: PATH}"),
    ] {
        let config = |path: &str| format!("exports: [{}]", entry.replace("PATH", path));
        assert_eq!(exports(&merged(&[&config(&fits)], false)).len(), 1, "{key}");
        let found = errors(&[&config(&is_too_long)], false);
        assert!(
            found.len() == 1 && found[0].ends_with("the path is longer than 4095 bytes"),
            "{key}: {found:?}"
        );
    }
}

#[test]
fn exports_that_cannot_be() {
    for (config, expected) in [
        (
            "exports: [{mode: Tmpfs, mount: $NOBODY}]",
            "mount: '' is not an absolute path without '..'",
        ),
        (
            "exports: [{mode: Tmpfs, mount: /a/../b}]",
            "mount: '/a/../b' is not an absolute path without '..'",
        ),
        (
            "exports: [{mode: Public, mount: /a, path: $NOBODY}]",
            "path: '' is not an absolute path",
        ),
        (
            "exports: [{mode: Internal, mount: /a, path: x}]",
            "path: 'x' is not a descriptor number",
        ),
        (
            "exports: [{mode: Internal, mount: /a, path: -1}]",
            "path: '-1' is not a descriptor number",
        ),
    ] {
        let found = errors(&[config], false);
        assert!(found.len() == 1 && found[0].ends_with(expected), "{found:?}");
    }
}

#[test]
fn the_environment_accumulates_oldest_first() {
    let found = merged(
        &[
            "environ: [{key: A, value: $NODE_ALIAS}, {mode: Static, key: B, value: $USER}, {key: C, value: c0}]",
            "environ: [{mode: Execfd, key: D, value: id $LEAF_ALIAS}, {key: A, value: $NODE_ALIAS}, {mode: Inherit, key: E}, {mode: Remove, key: F}, {mode: Expanded, key: G}]",
        ],
        false,
    );
    assert_eq!(
        environ(&found),
        ["B=$USER", "C=c0", "D=`id n1`", "A=n1", "E inherited", "F removed", "G="]
    );
    assert_eq!(found.warnings.len(), 1);
    let admin = merged(
        &[
            "environ: [{key: A, value: a}]\n---\nenviron: [{key: A, value: adm}]",
            "environ: [{key: A, value: b}]",
        ],
        true,
    );
    assert_eq!(environ(&admin), ["A=adm"]);
}

#[test]
fn warnings_of_entries_that_count_are_told() {
    let found = merged(
        &[
            "exports: [{mode: Tmpfs, mount: /t, warn: old}, {mode: Private, mount: /u, warn: never}]",
            "environ: [{key: A, warn: new}]\nconfig: {capabilities: [{cap: KILL, add: 0, warn: careful}]}",
        ],
        false,
    );
    let expected = [
        "/pool/n0/n1/redpack.yaml:3:25: CAP_KILL: careful",
        "/pool/n0/redpack.yaml:2:11: /t: old",
        "/pool/n0/n1/redpack.yaml:2:11: A: new",
    ];
    assert_eq!(warnings(&found), expected);
}
