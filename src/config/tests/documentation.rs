//! The documentation and the JSON Schema say what the model says.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// `section.key` of every key, through all records.
fn keys(prefix: &str, keys: &[Key], found: &mut BTreeSet<String>) {
    for key in keys {
        let name = if prefix.is_empty() {
            key.name.to_owned()
        } else {
            format!("{prefix}.{}", key.name)
        };
        let inner = match &key.shape {
            Shape::List(items) => items,
            shape => shape,
        };
        match inner {
            Shape::Record(inner) => self::keys(&name, inner, found),
            _ => drop(found.insert(name)),
        }
    }
}

/// Rows of the tables of the documentation that begin with a key in backquotes; variables have capitals.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| {
        line.strip_prefix("| `")
            .is_some_and(|key| key.starts_with(|first: char| first.is_ascii_lowercase()))
    });
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

#[test]
fn every_key_has_its_row_with_rule_effect_and_test() {
    let mut known = BTreeSet::new();
    keys("", &Config::keys(), &mut known);
    let text = std::fs::read_to_string(file("configuration.md")).expect("docs/configuration.md");
    let rows = rows(&text);
    let documented: BTreeSet<_> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(documented, known);
    assert_eq!(rows.len(), known.len());
    for row in rows {
        assert!(row.len() == 4 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        assert!(proofs(row[3]).next().is_some(), "{row:?}");
    }
}

fn proofs(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// A test that a row names is there: its name is a function in the file of the tests of this crate.
#[test]
fn every_test_that_is_named_exists() {
    let text = std::fs::read_to_string(file("configuration.md")).expect("docs/configuration.md");
    let sources = [
        include_str!("errors.rs"),
        include_str!("hostile.rs"),
        include_str!("reading.rs"),
        include_str!("../../merge/tests/accumulation.rs"),
        include_str!("../../merge/tests/constraints.rs"),
        include_str!("../../merge/tests/properties.rs"),
        include_str!("../../merge/tests/tags.rs"),
        include_str!("../../plan/tests/cgroup.rs"),
        include_str!("../../plan/tests/facts.rs"),
        include_str!("../../plan/tests/golden.rs"),
    ];
    for row in rows(&text) {
        for name in proofs(row[3]) {
            let head = format!("fn {name}(");
            assert!(
                sources.iter().any(|source| source.contains(&head)),
                "{name}, named for {}, is no test",
                row[0]
            );
        }
    }
}

/// To bring it up to date: `UPDATE_SCHEMA=1 cargo test -p redpak schema`.
#[test]
fn the_json_schema_is_not_stale() {
    let file = file("redpak-config.schema.json");
    let made = json_schema().to_json();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &made).expect("a writable tree");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        committed, made,
        "docs/redpak-config.schema.json is stale: UPDATE_SCHEMA=1 cargo test -p redpak schema"
    );
}

#[test]
fn the_json_schema_has_every_key() {
    let made: serde_json::Value = serde_json::from_str(&json_schema().to_json()).expect("JSON");
    let pids = &made["properties"]["config"]["properties"]["cgroups"]["properties"]["pids"];
    assert_eq!(pids["properties"]["max"]["description"], "pids.max");
    assert_eq!(made["required"], serde_json::json!(["headers"]));
    assert_eq!(
        made["properties"]["exports"]["items"]["required"],
        serde_json::json!(["mode", "mount"])
    );
}
