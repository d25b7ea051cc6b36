//! Which answers are right while others change the family, and while a killed transaction waits for its repair.

use redpak_testing::Outcome;

/// What a command is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// A change of packages.
    Change,
    Repair,
    Query,
    Verify,
    Launch,
}

/// Words for a node that is being changed by a living process.
const UNDER_WAY: [&str; 2] = ["is being changed", "while it was looked at"];
/// Words for a node whose transaction was killed.
const INTERRUPTED: [&str; 2] = ["interrupted", "--repair"];
/// Words of a command that has found a killed transaction.
const REPAIRED: &str = "was interrupted";
/// Words of a refusal that a node below is the reason of.
const REFUSED: &str = "The transaction is refused, nothing has been changed:";

/// Words for a package that is to be upgraded, and that the last command has removed.
const NOT_INSTALLED: &str = "available, but not installed";
/// Lines of a message that are shown.
const SHOWN: usize = 20;

/// What came of a command that ran to its end; an error is a false alarm.
pub fn judge(aim: Aim, outcome: &Outcome) -> Result<&'static str, String> {
    let told = outcome.out() + &outcome.err();
    let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
    let (under_way, interrupted) = (says(&UNDER_WAY), says(&INTERRUPTED));
    let only_the_state = violated(&told).all(|check| check == "node-state");
    let result = match (aim, outcome.code()) {
        (Aim::Change | Aim::Repair, 0) if told.contains(REPAIRED) => Some("done after a repair"),
        (_, 0) => Some("done"),
        (Aim::Change, 1) if told.contains(REFUSED) => Some("refused for another node"),
        (Aim::Change, 1) if told.contains(NOT_INSTALLED) => Some("not installed"),
        (Aim::Change | Aim::Repair, 1) if interrupted => Some("interrupted"),
        (Aim::Verify, 2) if under_way || interrupted => Some("cannot tell"),
        (Aim::Verify, 2) => Some("cannot tell, and does not name who changes the node"),
        // What was interrupted is not coherent; what is merely being changed is no failure.
        // It lacks what the transaction had removed, and nothing else is wrong.
        (Aim::Verify, 1) if interrupted && only_of_the_interrupted(&told) => Some("interrupted"),
        (Aim::Launch, 125) if (under_way || interrupted) && only_the_state => Some("refused: node-state"),
        (Aim::Launch, 125) if interrupted && only_of_the_interrupted(&told) => Some("refused: interrupted"),
        _ => None,
    };
    let shown: Vec<&str> = told
        .lines()
        .filter(|line| !line.ends_with("  holds"))
        .take(SHOWN)
        .collect();
    result.ok_or_else(|| {
        format!(
            "{aim:?}: a false alarm, status {}\n{}",
            outcome.code(),
            shown.join("\n")
        )
    })
}

/// Whether every violation is one of a node that was interrupted: `    NODE: …` of verify, `CHECK: NODE: …` of a launch.
fn only_of_the_interrupted(told: &str) -> bool {
    let node_of = |line: &str| {
        let (before, rest) = line.split_once('/')?;
        let is_start = before == "    " || before.ends_with(": ");
        is_start.then(|| rest.split_once(':').map(|(node, _)| node.to_owned()))?
    };
    let violations = || {
        told.lines()
            .filter_map(|line| Some((node_of(line)?, line.contains("was interrupted"))))
    };
    let interrupted: Vec<String> = violations().filter(|(_, is)| *is).map(|(node, _)| node).collect();
    violations().all(|(node, _)| interrupted.contains(&node))
}

/// Names of the checks that a verdict says are violated.
fn violated(told: &str) -> impl Iterator<Item = &str> {
    const CHECKS: [&str; 11] = [
        "node-state",
        "config-merge",
        "rpmdb-readable",
        "requires",
        "conflicts",
        "obsoletes",
        "duplicates",
        "file-conflicts",
        "files-present",
        "files-digest",
        "exports",
    ];
    CHECKS.into_iter().filter(|check| {
        told.lines().map(str::trim_start).any(|line| {
            let rest = line.strip_prefix("redwrap: ").unwrap_or(line).strip_prefix(check);
            rest.is_some_and(|rest| rest.starts_with(':') || rest.trim_start().starts_with("violated"))
        })
    })
}
