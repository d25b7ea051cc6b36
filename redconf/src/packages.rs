//! How many packages nodes hold. `redwrap-check` reads the rpmdbs: this program does not link librpm.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Where it lies beside us, installed or built.
const PLACES: [&str; 2] = ["redwrap-check", "../libexec/redpak/redwrap-check"];

/// Number of packages by node. Nodes without a readable rpmdb are left out; so are all where the program is missing.
pub fn count(nodes: &[PathBuf]) -> BTreeMap<PathBuf, u64> {
    let counted = || {
        let output = Command::new(program()?)
            .arg("--json")
            .arg("--")
            .args(nodes)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        serde_json::from_slice::<Value>(&output.stdout).ok()
    };
    if nodes.is_empty() {
        return BTreeMap::new();
    }
    counted().map(|report| numbers(&report, nodes)).unwrap_or_default()
}

fn program() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let folder = own.parent()?;
    PLACES
        .iter()
        .map(|place| folder.join(place))
        .find(|program| program.is_file())
}

/// The reports stand in the order of the arguments.
fn numbers(report: &Value, nodes: &[PathBuf]) -> BTreeMap<PathBuf, u64> {
    let reports = report["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let readable = reports
        .iter()
        .zip(nodes)
        .filter(|(report, node)| is_about(report, node) && report["directory"].is_string());
    readable
        .filter_map(|(report, node)| Some((node.clone(), report["headers"].as_u64()?)))
        .collect()
}

/// Bytes that are not UTF-8 are replaced in the report, so only what is plain can be compared.
fn is_about(report: &Value, node: &Path) -> bool {
    node.to_str().is_none_or(|path| report["node"] == path)
}

/// `, 3 packages`
pub fn text(number: Option<u64>) -> String {
    match number {
        None => String::new(),
        Some(1) => ", 1 package".to_owned(),
        Some(number) => format!(", {number} packages"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_readable_rpmdbs_count() {
        let report = serde_json::json!({"outcome": "readable", "nodes": [
            {"node": "/a", "directory": "/a/var/lib/rpm", "headers": 3, "problems": []},
            {"node": "/b", "directory": null, "headers": 0, "problems": []},
            {"node": "/x", "directory": "/x/var/lib/rpm", "headers": 5, "problems": []},
        ]});
        let nodes = ["/a", "/b", "/c"].map(PathBuf::from);
        assert_eq!(numbers(&report, &nodes), BTreeMap::from([(PathBuf::from("/a"), 3)]));
        assert!(numbers(&serde_json::json!("nonsense"), &nodes).is_empty());
    }
}
