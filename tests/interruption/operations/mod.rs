//! Random operations on a family, each followed by a look at all that has to hold.

mod family;
mod judge;
mod operation;
mod packages;
mod single_root;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use redpak_testing::{Outcome, Random};

use operation::Operation;

pub use family::{Family, LEAVES, NODES};
pub use judge::{explained, family_is_well, node_is_well};

/// What operations came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sums {
    pub done: usize,
    pub refused: usize,
    /// How often each command came to which status.
    pub commands: BTreeMap<String, [usize; 2]>,
}

/// Chooses and carries out this many operations; the first that breaks something ends it.
pub fn run(family: &mut Family, random: &mut Random, count: usize) -> Result<Sums, String> {
    let mut sums = Sums::default();
    for number in 1..=count {
        let operation = Operation::choose(random, family);
        println!("{number}. {operation}");
        one(family, &operation, &mut sums).map_err(|reason| format!("{number}. {operation}: {reason}"))?;
    }
    family_is_well(family, NODES[0])?;
    NODES.iter().try_for_each(|node| node_is_well(family, node))?;
    Ok(sums)
}

/// Carries out one operation and judges it.
fn one(family: &mut Family, operation: &Operation, sums: &mut Sums) -> Result<(), String> {
    match operation {
        Operation::Command { node, words } => command(family, node, words, sums)?,
        Operation::Offline {
            node,
            words,
            carried_out,
        } => offline(family, node, words, *carried_out, sums)?,
        Operation::Repository { nvra } => family.offer_or_withdraw(nvra),
        Operation::Edit { file, .. } => edit(family, file),
        Operation::Renew { node } => renew(family, node),
    }
    family.unchanged_elsewhere(operation.node())?;
    if let Some(node) = operation.node() {
        family_is_well(family, node)?;
        node_is_well(family, node)?;
        family.remember(&family::with_descendants(node));
    }
    Ok(())
}

/// Runs a command; where it fails the reason has to be one, and nothing may have changed.
fn command(family: &mut Family, node: &'static str, words: &[String], sums: &mut Sums) -> Result<(), String> {
    let before = family.installed(node).to_vec();
    let outcome = family.command(node, words).run();
    family.look_at(node);
    let after = family.installed(node);
    count(sums, words, &outcome);
    if outcome.code() != 0 {
        if *before != *after {
            return Err(format!("it failed and changed the node: {}", outcome.report()));
        }
        return explained(family, node, words, &outcome);
    }
    println!("   {} packages, before {}", after.len(), before.len());
    if words.iter().any(|word| word == "--forcenode") {
        family.note_forced(node);
    }
    Ok(())
}

fn count(sums: &mut Sums, words: &[String], outcome: &Outcome) {
    let failed = usize::from(outcome.code() != 0);
    let [done, refused] = [1 - failed, failed];
    (sums.done, sums.refused) = (sums.done + done, sums.refused + refused);
    let name = match &*words[0] {
        "history" | "group" | "versionlock" | "mark" | "offline" => words[..2].join(" "),
        _ => words[0].clone(),
    };
    sums.commands.entry(name).or_default()[failed] += 1;
}

/// Stores a transaction, and carries it out or drops it.
fn offline(
    family: &mut Family,
    node: &'static str,
    words: &[String],
    carried_out: bool,
    sums: &mut Sums,
) -> Result<(), String> {
    let before = family.installed(node).to_vec();
    let stored = [words, &["--offline".to_owned()]].concat();
    let outcome = family.command(node, &stored).run();
    family.look_at(node);
    if *family.installed(node) != *before {
        return Err(format!(
            "a transaction that waits has changed the node: {}",
            outcome.report()
        ));
    }
    if outcome.code() != 0 {
        count(sums, words, &outcome);
        return explained(family, node, words, &outcome);
    }
    if outcome.out().contains("Nothing to do") || outcome.err().contains("Nothing to do") {
        return Ok(());
    }
    let next = ["offline", if carried_out { "reboot" } else { "clean" }].map(str::to_owned);
    let outcome = family.command(node, &next).run();
    family.look_at(node);
    count(sums, &next, &outcome);
    match outcome.code() {
        0 => Ok(()),
        _ => Err(format!("what was stored is not carried out: {}", outcome.report())),
    }
}

/// Writes into a configuration file, as users do.
fn edit(family: &mut Family, file: &Path) {
    let mut text = fs::read_to_string(file).expect("a configuration file");
    text.push_str(&format!("mine={}\n", family.edited.len()));
    fs::write(file, &text).expect("a configuration file");
    family.edited.insert(file.to_owned(), text);
}

/// Deletes a leaf with all that it has, and makes it anew.
fn renew(family: &mut Family, node: &'static str) {
    let path = family.pool.node(node);
    fs::remove_dir_all(&path).expect("a leaf can be removed");
    family.create(node);
    family.look_at(node);
    family.forced.retain(|(other, _)| *other != node);
    family.edited.retain(|file, _| !file.starts_with(&path));
}
