//! What rpm, dnf5 and redwrap-dnf say of a node.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Pool, Run};

/// Ours, rpm and dnf5 can all read the node, find no duplicates and nothing missing, and nothing lies about.
pub fn consistency(pool: &Pool, name: &str) -> Result<(), String> {
    let node = pool.node(name);
    let root = node.to_str().expect("UTF-8");
    let run = |program: Run, what: &str| {
        let outcome = program.run();
        if outcome.code() == 0 {
            Ok(outcome.out())
        } else {
            Err(format!("{what}: {}{}", outcome.out(), outcome.err()))
        }
    };
    run(pool.dnf(name).args(["check"]), "redwrap-dnf check")?;
    run(pool.dnf(name).args(["verify", "--deep"]), "redwrap-dnf verify")?;
    let dnf5 = |command: &[&str]| Run::command("dnf5").arg(format!("--installroot={root}")).args(command);
    run(dnf5(&["check"]), "dnf5 check")?;
    run(dnf5(&["history", "list"]), "dnf5 history")?;
    let rpm = |arguments: &[&str]| Run::command("rpm").args(["--root", root]).args(arguments);
    let broken = rpm(&["-Va", "--nouser", "--nogroup"]).run().out();
    // Configuration files are the user's.
    let broken: Vec<&str> = broken.lines().filter(|line| !line.contains(" c /etc/")).collect();
    if !broken.is_empty() {
        return Err(format!("rpm -Va: {}", broken.join("\n")));
    }
    let names = run(rpm(&["-qa", "--qf", "%{NAME}\n"]), "rpm -qa")?;
    let mut once = BTreeSet::new();
    if let Some(twice) = names.lines().find(|name| !once.insert(*name)) {
        return Err(format!("{twice} is there twice"));
    }
    let owned = run(rpm(&["-qa", "--qf", "[%{FILENAMES}\n]"]), "rpm -qa")?;
    strays(&node, &owned.lines().collect())
}

/// Files that no package owns, where only packages put any.
fn strays(node: &Path, owned: &BTreeSet<&str>) -> Result<(), String> {
    let mut found = BTreeMap::new();
    for top in ["usr/share", "etc/configured"] {
        list(node, Path::new(top), &mut found);
    }
    for (path, ()) in found {
        let shown = format!("/{}", path.display());
        // A %pretrans moves a directory away under this name, as packagers are advised to.
        let saved = [".rpmsave", ".rpmnew", "/mine"]
            .iter()
            .any(|suffix| shown.ends_with(suffix))
            || shown.contains(".rpmmoved");
        if !saved && !owned.contains(&*shown) {
            return Err(format!("nobody owns {shown}"));
        }
    }
    Ok(())
}

fn list(node: &Path, below: &Path, found: &mut BTreeMap<PathBuf, ()>) {
    let Ok(entries) = fs::read_dir(node.join(below)) else {
        return;
    };
    for entry in entries.flatten() {
        let path = below.join(entry.file_name());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list(node, &path, found);
        } else {
            found.insert(path, ());
        }
    }
}
