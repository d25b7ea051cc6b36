//! docs/incidents.md names tests: each is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Names of the functions that are marked as tests, in the sources below.
fn tests_below(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if entry.file_type().expect("a type").is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(tests_in(&fs::read_to_string(&path).expect("a source")));
        }
    }
}

fn tests_in(source: &str) -> Vec<String> {
    let mut marked = false;
    let mut names = Vec::new();
    for line in source.lines().map(str::trim) {
        match line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) {
            Some((name, _)) if marked => names.push(name.to_owned()),
            _ if line == "#[test]" => marked = true,
            _ if line.starts_with("#[") => {}
            _ => marked = false,
        }
        if line.starts_with("fn ") {
            marked = false;
        }
    }
    names
}

/// Rows of the table: number, and what stands in the last column between backquotes and is the name of a function.
fn rows(text: &str) -> Vec<(u32, Vec<&str>)> {
    let is_name = |word: &&str| word.contains('_') && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let names = cells.last()?.split('`').skip(1).step_by(2);
        let names = names.filter(is_name).filter(|name| *name != name.to_uppercase());
        Some((cells.first()?.parse().ok()?, names.collect()))
    });
    rows.collect()
}

#[test]
fn each_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the workspace");
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = "));
    let members: Vec<&str> = members
        .expect("a list in one line")
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    assert!(members.contains(&"redpak-dnf"), "{members:?}");
    let mut tests = BTreeSet::new();
    for directory in members.into_iter().chain(["src"]) {
        tests_below(&root.join(directory), &mut tests);
    }
    let text = fs::read_to_string(root.join("docs/incidents.md")).expect("the table");
    let rows = rows(&text);
    let numbers: Vec<u32> = rows.iter().map(|(number, _)| *number).collect();
    assert!(numbers.is_sorted() && numbers.len() > 20, "{numbers:?}");
    for (number, names) in &rows {
        assert!(!names.is_empty(), "row {number} names no test");
        for name in names {
            assert!(tests.contains(*name), "row {number}: there is no test {name}");
        }
    }
}

#[test]
fn a_row_is_read_and_a_function_that_is_no_test_does_not_count() {
    let source = "#[test]\n#[ignore = \"x\"]\nfn one() {\n}\nfn two() {\n    #[test]\n    fn three() {";
    assert_eq!(tests_in(source), ["one", "three"]);
    let table = "| # | failure |\n|---|---|\n| 7 | `x_y` | `a_b`, `containers/crash`, `A_B` and `c_d` |\n";
    assert_eq!(rows(table), [(7, vec!["a_b", "c_d"])]);
}
