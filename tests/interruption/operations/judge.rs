//! What has to hold after every operation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use redpak_testing::{Outcome, Run};

use super::family::{Family, LEAVES, chain, with_descendants};
use super::single_root::SingleRoot;

/// Places in a node that no package owns.
const OWN_PLACES: [&str; 13] = [
    ".rednode.yaml",
    ".rednode.verdict",
    ".rednode.forced",
    ".rednode.metadata",
    "etc/redpack.yaml",
    "etc/redpack-admin.yaml",
    "etc/yum.repos.d",
    "etc/dnf",
    "var/lib/rpm",
    "var/lib/dnf",
    "var/cache",
    "var/log",
    "usr/lib/sysimage/libdnf5",
];
/// What rpm makes of a configuration file that the user has changed.
const KEPT_BESIDE: [&str; 3] = [".rpmsave", ".rpmnew", ".rpmorig"];

/// A command that failed has to have a reason that is the user's.
pub fn explained(family: &Family, node: &'static str, words: &[String], outcome: &Outcome) -> Result<(), String> {
    let told = outcome.err();
    let crashed = ["panicked", "RUST_BACKTRACE", "terminate called", ".rs:", "died of"];
    if outcome.code() != 1 || crashed.iter().any(|word| told.contains(word)) {
        return Err(format!("it crashed: {}", short(outcome)));
    }
    let of_the_family = [
        "The transaction is refused, nothing has been changed:",
        "which cannot be changed from here.",
    ];
    if of_the_family.iter().any(|words| told.contains(words)) {
        return names_another_node(family, node, &told);
    }
    // The single root knows no such option: there what the ancestors have of the names is left out.
    let (forced, words) = match words.iter().any(|word| word == "--forcenode") {
        true => (
            names(family, words),
            words.iter().filter(|word| *word != "--forcenode").cloned().collect(),
        ),
        false => (BTreeSet::new(), words.to_vec()),
    };
    let single = SingleRoot::of(family, node, &forced).run(&words);
    if single.code() == 0 {
        return Err(format!(
            "plain dnf5 does it in a single root: {}\n{}",
            short(outcome),
            short(&single)
        ));
    }
    Ok(())
}

/// A refusal is for the sake of an ancestor or a descendant that it names.
fn names_another_node(family: &Family, node: &str, told: &str) -> Result<(), String> {
    let mut others = chain(node);
    others.extend(with_descendants(node));
    others.retain(|other| *other != node);
    let is_named = |other: &&str| {
        let path = family.pool.node(other).display().to_string();
        let mut ends = told.match_indices(&path).map(|(place, _)| &told[place + path.len()..]);
        ends.any(|rest| !rest.starts_with('/') && !rest.starts_with(|next: char| next.is_alphanumeric()))
    };
    match others.iter().any(is_named) {
        true => Ok(()),
        false => Err(format!(
            "the refusal names neither an ancestor nor a descendant: {told}"
        )),
    }
}

/// Names of the packages that words name by name or by version.
fn names(family: &Family, words: &[String]) -> BTreeSet<String> {
    let names = family.packages.iter().filter(|package| words.contains(&package.nvra()));
    names.map(|package| package.name().to_owned()).collect()
}

fn short(outcome: &Outcome) -> String {
    format!("status {}\n{}\n{}", outcome.code(), outcome.out(), outcome.err())
}

/// What has to hold of a node and of those below, which depend on it.
pub fn family_is_well(family: &Family, node: &str) -> Result<(), String> {
    for place in with_descendants(node) {
        succeeds(family.ask(place, &["check"]), &format!("check of {place}"))?;
        one_level(family, place)?;
    }
    succeeds(family.ask(node, &["verify", "--deep", "--all-below"]), "verify")?;
    for leaf in LEAVES.into_iter().filter(|leaf| chain(leaf).contains(&node)) {
        let launch = family.pool.redwrap(leaf).args(["--", "true"]).run();
        succeeds(launch, &format!("launch of {leaf}"))?;
    }
    Ok(())
}

/// What has to hold of a node by itself.
pub fn node_is_well(family: &Family, node: &str) -> Result<(), String> {
    as_the_rpmdb_says(family, node)?;
    reasons(family, node)?;
    configuration(family)?;
    leftovers(family, node)
}

fn succeeds(outcome: Outcome, what: &str) -> Result<(), String> {
    match outcome.code() {
        0 => Ok(()),
        _ => Err(format!("{what}: {}", short(&outcome))),
    }
}

/// No name is at two levels, unless it was forced there.
fn one_level(family: &Family, node: &'static str) -> Result<(), String> {
    let own = family.installed(node);
    let mut once = BTreeSet::new();
    if let Some(twice) = own.iter().find(|package| !once.insert(&package.name)) {
        return Err(format!("{} is in {node} twice", twice.name));
    }
    let above: Vec<&str> = chain(node).into_iter().filter(|level| *level != node).collect();
    for level in above {
        let both = family.installed(level).iter().find(|upper| once.contains(&upper.name));
        if let Some(both) = both.filter(|both| !family.forced.contains(&(node, both.name.clone()))) {
            return Err(format!("{} is in {level} and in {node}", both.name));
        }
    }
    Ok(())
}

/// rpm finds the files of the node as they were installed; configuration files are the user's.
fn as_the_rpmdb_says(family: &Family, node: &str) -> Result<(), String> {
    let broken = rpm(family, node, &["-Va", "--nodeps", "--nouser", "--nogroup"]).out();
    let broken: Vec<&str> = broken.lines().filter(|line| !line.contains(" c /etc/")).collect();
    match broken.is_empty() {
        true => Ok(()),
        false => Err(format!("rpm -Va of {node}: {}", broken.join("\n"))),
    }
}

fn rpm(family: &Family, node: &str, words: &[&str]) -> Outcome {
    let root = format!("--root={}", family.pool.node(node).display());
    Run::command("rpm")
        .args([&*root, "--dbpath=/var/lib/rpm"])
        .args(words)
        .run()
}

/// libdnf5 has a reason for each package of the node, and for no other. What a group brought is in the group's record.
fn reasons(family: &Family, node: &str) -> Result<(), String> {
    let state = |name: &str| {
        let file = family.pool.node(node).join("usr/lib/sysimage/libdnf5").join(name);
        fs::read_to_string(file).unwrap_or_default()
    };
    let (packages, groups) = (state("packages.toml"), state("groups.toml"));
    let lines = packages.lines().filter(|line| line.contains("reason"));
    let mut with_reason: BTreeSet<&str> = lines.filter_map(name_of_line).collect();
    let installed = family.installed(node);
    let installed: BTreeSet<&str> = installed.iter().map(|package| &*package.name).collect();
    if let Some(name) = with_reason.difference(&installed).next() {
        return Err(format!(
            "{node} has a reason for {name}, which is not there:\n{packages}"
        ));
    }
    with_reason.extend(groups.split('"'));
    match installed.difference(&with_reason).next() {
        None => Ok(()),
        Some(name) => Err(format!("{node} has no reason for {name}:\n{packages}\n{groups}")),
    }
}

/// The name in a line `"NAME.ARCH" = {…}`.
fn name_of_line(line: &str) -> Option<&str> {
    let (quoted, _) = line.split_once(" = ")?;
    quoted.trim_matches('"').rsplit_once('.').map(|(name, _)| name)
}

/// What the user wrote is at its place, or where rpm keeps it.
fn configuration(family: &Family) -> Result<(), String> {
    let holds = |path: &Path, text: &str| fs::read_to_string(path).is_ok_and(|found| found == text);
    for (path, text) in &family.edited {
        let places = [""].iter().chain(&KEPT_BESIDE).map(|suffix| beside(path, suffix));
        if !places.into_iter().any(|place| holds(&place, text)) {
            return Err(format!("what the user wrote into {} is lost", path.display()));
        }
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Files of the node that neither a package owns nor the node itself has.
fn leftovers(family: &Family, node: &str) -> Result<(), String> {
    let root = family.pool.node(node);
    let owned = rpm(family, node, &["-qa", "--qf", "[%{FILENAMES}\n]"]).out();
    let owned: BTreeSet<&str> = owned.lines().collect();
    let scripted = family.installed(node).iter().any(|package| package.name == "scripted");
    let mut found = BTreeMap::new();
    list(&root, Path::new(""), &mut found);
    for path in found.into_keys() {
        let shown = format!("/{}", path.display());
        let is_kept = KEPT_BESIDE.iter().any(|suffix| shown.ends_with(suffix)) && shown.starts_with("/etc/");
        let is_made = scripted && shown == "/var/lib/scripted/made";
        if !is_kept && !is_made && !owned.contains(&*shown) {
            return Err(format!("{node}: nobody owns {shown}"));
        }
    }
    Ok(())
}

/// Files below a directory of the node, without nodes below and without the node's own places.
fn list(root: &Path, below: &Path, found: &mut BTreeMap<PathBuf, ()>) {
    let entries =
        fs::read_dir(root.join(below)).unwrap_or_else(|error| panic!("{}: {error}", root.join(below).display()));
    for entry in entries.flatten() {
        let path = below.join(entry.file_name());
        let is_own = OWN_PLACES.iter().any(|place| path == Path::new(place));
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let is_node = is_directory && entry.path().join(".rednode.yaml").exists();
        if is_own || is_node {
            continue;
        }
        if is_directory {
            list(root, &path, found);
        } else {
            found.insert(path, ());
        }
    }
}
