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

/// All sources below a directory, one after the other.
fn sources(directory: &Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).expect("a directory of the tree").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *text += &std::fs::read_to_string(&path).expect("a source of the tree");
        }
    }
}

/// A test that a row names is there: a function after `#[test]` or in `proptest!`, of this crate or of whole commands.
#[test]
fn every_test_that_is_named_exists() {
    let text = std::fs::read_to_string(file("configuration.md")).expect("docs/configuration.md");
    let mut code = String::new();
    for directory in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), &mut code);
    }
    let tests: BTreeSet<_> = code
        .split("#[test]")
        .skip(1)
        .filter_map(|test| test.split_once("fn ")?.1.split_once('('))
        .map(|(name, _)| name)
        .collect();
    for row in rows(&text) {
        for name in proofs(row[3]) {
            assert!(tests.contains(name), "{name}, named for {}, is no test", row[0]);
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

/// The table of checks names every id in the order of a report, and tests that are there.
#[test]
fn every_check_is_documented_with_its_test() {
    let text = std::fs::read_to_string(file("coherency.md")).expect("docs/coherency.md");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 3)
        .collect();
    let ids = rows.iter().filter_map(|row| row.split('`').nth(1));
    let mut expected: Vec<&str> = crate::coherency::TABLE.iter().map(|(_, text, _)| *text).collect();
    let mut found: Vec<&str> = ids.collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    let mut code = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut code);
    for row in rows {
        let tests = row.rsplit(" | ").next().expect("a column");
        for name in tests.split('`').skip(1).step_by(2) {
            assert!(code.contains(&format!("fn {name}()")), "{name} in {row}");
        }
    }
}
