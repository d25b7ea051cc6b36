//! `docs/commands.md` tells the truth about every subcommand and option of the dnf5 that is installed here.
//!
//! A row has a verdict: *same*, *differs* or *absent*, and the last two a reason. Whatever dnf5's help lists needs a row; an option of
//! a subcommand needs none where it is the same, and otherwise stands in backticks in the row of its subcommand: after "without" where
//! it is not there. Nothing that is told to be absent may be accepted.

use std::collections::{BTreeMap, BTreeSet};

use redpak_testing::{Run, have, skip};

const TABLE: &str = include_str!("../../docs/commands.md");

/// What the table says.
#[derive(Debug)]
struct Row {
    verdict: &'static str,
    note: &'static str,
}

impl Row {
    /// The options that are not there: "without `--one`, `--two` (the reason); …".
    fn left_out(&self) -> Vec<&'static str> {
        let parts = self.note.split("; ").filter_map(|part| part.strip_prefix("without "));
        let lists = parts.map(|part| part.split(" (").next().unwrap_or(part));
        lists.flat_map(|list| list.split('`').skip(1).step_by(2)).collect()
    }
}

/// dnf5's words by heading: the commands of a help text, and its options with their short forms.
#[derive(Debug, Default)]
struct Help {
    commands: Vec<String>,
    options: Vec<String>,
    has_commands: bool,
}

fn rows(heading: &str) -> BTreeMap<&'static str, Row> {
    let section = TABLE
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .expect("the heading");
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    lines.map(row).collect()
}

fn row(line: &'static str) -> (&'static str, Row) {
    let cells: Vec<&str> = line.trim_matches('|').splitn(3, '|').map(str::trim).collect();
    let [name, verdict, note] = cells[..] else {
        panic!("a row has three cells: {line}")
    };
    (name.trim_matches('`'), Row { verdict, note })
}

fn help_of_dnf5(command: &str) -> Help {
    let outcome = Run::command("dnf5")
        .args(command.split_whitespace())
        .arg("--help")
        .run();
    let (mut help, mut heading) = (Help::default(), "");
    let text = outcome.out();
    for line in text.lines() {
        help.has_commands |= line.contains("<COMMAND>");
        if !line.starts_with(' ') {
            heading = line.trim_end().trim_end_matches(':');
            continue;
        }
        // The names stand two columns in, and what they mean further on.
        let Some(names) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) else {
            continue;
        };
        let is_option = heading.ends_with("ptions") || heading.starts_with("Options");
        if is_option {
            help.options.extend(options(names));
        } else if heading.ends_with("ommands") || heading == "Compatibility Aliases" {
            help.commands.extend(names.split_whitespace().next().map(str::to_owned));
        }
    }
    help
}

/// `-x package,..., --exclude=package,...  exclude …` has two.
fn options(line: &str) -> Vec<String> {
    let names = line.split("  ").next().unwrap_or_default();
    let words = names
        .split([' ', ','])
        .filter(|word| word.starts_with('-') && word.len() > 1);
    words
        .map(|word| word.split('=').next().unwrap_or(word).to_owned())
        .collect()
}

/// Every subcommand of dnf5, nested ones too: `repo list`.
fn commands_of_dnf5(above: &str) -> BTreeMap<String, Help> {
    let mut all = BTreeMap::new();
    for name in help_of_dnf5(above).commands {
        let path = format!("{above} {name}").trim().to_owned();
        let help = help_of_dnf5(&path);
        if help.has_commands {
            all.extend(commands_of_dnf5(&path));
        }
        all.insert(path, help);
    }
    all
}

fn ours(words: &str) -> String {
    let outcome = Run::program("redwrap-dnf").args(words.split_whitespace()).run();
    outcome.out() + &outcome.err()
}

fn accepts_command(command: &str) -> bool {
    !ours(&format!("{command} --help")).contains("Unknown argument")
}

/// Whether redwrap-dnf knows an option. What its help does not show is typed, without a node, so that nothing can happen.
fn accepts(command: &str, help: &str, option: &str) -> bool {
    let shown = help.split([' ', ',', '\n', ']', '=']).any(|word| word == option);
    shown || {
        let mut said = ours(&format!("{command} {option}=x"));
        if !option.starts_with("--") || said.contains("Unexpected value") {
            said = ours(&format!("{command} {option}"));
        }
        // An option that is refused is told with its name in front.
        !said.contains("Unknown argument") && !said.lines().any(|line| line.starts_with("--"))
    }
}

#[test]
fn subcommands_are_what_the_table_says() {
    if !have("dnf5") {
        return skip("dnf5 is missing");
    }
    let (rows, commands) = (rows("Subcommands"), commands_of_dnf5(""));
    let named: BTreeSet<&str> = rows.keys().copied().collect();
    let real: BTreeSet<&str> = commands.keys().map(String::as_str).collect();
    let wrong: Vec<_> = named.symmetric_difference(&real).collect();
    assert!(
        wrong.is_empty(),
        "the table and dnf5 do not agree about the subcommands {wrong:?}"
    );
    let mut faults = Vec::new();
    for (command, row) in &rows {
        check_verdict(command, row, &mut faults);
        check_presence(command, row, accepts_command(command), &mut faults);
        if row.verdict != "absent" {
            check_options(command, row, &commands[*command].options, &mut faults);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn global_options_are_what_the_table_says() {
    if !have("dnf5") {
        return skip("dnf5 is missing");
    }
    let rows = rows("Global options");
    let options = help_of_dnf5("").options;
    let named: BTreeSet<&str> = rows.keys().copied().collect();
    let real: BTreeSet<&str> = options.iter().map(String::as_str).collect();
    let wrong: Vec<_> = named.symmetric_difference(&real).collect();
    assert!(
        wrong.is_empty(),
        "the table and dnf5 do not agree about the global options {wrong:?}"
    );
    let (mut faults, help) = (Vec::new(), ours("--help"));
    for (option, row) in &rows {
        check_verdict(option, row, &mut faults);
        check_presence(option, row, accepts("", &help, option), &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every option of dnf5's is there or left out, never both, and nothing else is left out.
fn check_options(command: &str, row: &Row, options: &[String], faults: &mut Vec<String>) {
    let help = ours(&format!("{command} --help"));
    let left_out = row.left_out();
    for option in options {
        match (accepts(command, &help, option), left_out.contains(&option.as_str())) {
            (false, false) => faults.push(format!("{command}: {option} is not there, and the table does not tell")),
            (true, true) => faults.push(format!("{command}: without {option}, but it is there")),
            _ => {}
        }
    }
    let unknown = left_out
        .iter()
        .filter(|option| !options.iter().any(|known| known == *option));
    faults.extend(unknown.map(|option| format!("{command}: without {option}, which dnf5 does not have")));
    if row.verdict == "same" && !row.note.is_empty() {
        faults.push(format!("{command}: same, with a difference"));
    }
}

fn check_presence(name: &str, row: &Row, is_there: bool, faults: &mut Vec<String>) {
    match (row.verdict, is_there) {
        ("absent", true) => faults.push(format!("{name}: absent, but it is there")),
        ("same" | "differs", false) => faults.push(format!("{name}: {}, but it is not there", row.verdict)),
        _ => {}
    }
}

fn check_verdict(name: &str, row: &Row, faults: &mut Vec<String>) {
    match row.verdict {
        "same" => {}
        "differs" | "absent" if !row.note.is_empty() => {}
        "differs" | "absent" => faults.push(format!("{name}: {} without a reason", row.verdict)),
        other => faults.push(format!("{name}: {other:?} is no verdict")),
    }
}
