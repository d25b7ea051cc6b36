//! Mistakes on the command line, in dnf5's words.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::arguments;

const HELP: &str = "Add \"--help\" for more information about the arguments.";

/// dnf5's exit status for a wrong command line.
pub const EXIT_USAGE: u8 = 2;

/// A mistake on the command line that is seen only after it was parsed, such as an unknown option in `--setopt`.
#[derive(Debug, thiserror::Error)]
#[error("{0} {HELP}")]
pub struct Usage(pub String);

/// Whether clap complains about an argument that was typed before a place.
pub fn is_before(error: &clap::Error, typed: &[OsString], place: usize) -> bool {
    place_of(error, typed).is_some_and(|found| found < place)
}

/// The place of the argument that clap does not know.
fn place_of(error: &clap::Error, typed: &[OsString]) -> Option<usize> {
    let wrong = context(error, ContextKind::InvalidArg).or_else(|| context(error, ContextKind::InvalidSubcommand));
    let wrong = option_name(&wrong?);
    let is_it = |word: &OsString| {
        let rest = word.to_str().and_then(|word| word.strip_prefix(&wrong));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    typed.iter().position(is_it)
}

/// The exit status of an error that has its own.
pub fn status_of(error: &anyhow::Error) -> Option<u8> {
    error.chain().any(|cause| cause.is::<Usage>()).then_some(EXIT_USAGE)
}

/// The number that an option means, or dnf5's error for what is none.
pub fn number(text: &str) -> anyhow::Result<i32> {
    text.parse()
        .map_err(|_| anyhow::anyhow!("OptionInvalidValueError: Invalid number option value \"{text}\""))
}

/// dnf5's text for clap's error; `program` is the whole description, `arguments` are as typed.
pub fn message(error: &clap::Error, program: &clap::Command, arguments: &[OsString]) -> String {
    let (command, called) = innermost(program, arguments);
    let (typed, command) = (Typed { command, arguments }, command.get_name());
    let text = match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            let wrong =
                context(error, ContextKind::InvalidArg).or_else(|| context(error, ContextKind::InvalidSubcommand));
            // Of what comes later dnf5 knows nothing yet.
            let before = place_of(error, arguments).map_or(arguments, |place| &arguments[..place]);
            let (_, called) = innermost(program, before);
            format!(
                "Unknown argument \"{}\" for command \"{called}\".",
                typed.as_typed(&option_name(&wrong.unwrap_or_default()))
            )
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "Missing command.".to_owned()
        }
        ErrorKind::TooManyValues => {
            let option = option_name(&context(error, ContextKind::InvalidArg).unwrap_or_default());
            format!("Unexpected value for named argument \"{}\".", typed.as_typed(&option))
        }
        // dnf5 has no list of arguments here, and says the rest twice.
        ErrorKind::MissingRequiredArgument if command == "remove" => {
            format!("Missing positional arguments for \"remove\" command. {HELP}.")
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = context(error, ContextKind::InvalidArg).unwrap_or_default();
            let name = missing.trim_matches(|c| "<>[].".contains(c));
            format!("Missing positional argument \"{name}\" for command \"{called}\".")
        }
        ErrorKind::ArgumentConflict => conflict(error, &typed),
        ErrorKind::InvalidValue if context(error, ContextKind::InvalidValue).is_none_or(|value| value.is_empty()) => {
            let option = option_name(&context(error, ContextKind::InvalidArg).unwrap_or_default());
            format!("Missing value for named argument \"{}\".", typed.as_typed(&option))
        }
        ErrorKind::ValueValidation => {
            let option = option_name(&context(error, ContextKind::InvalidArg).unwrap_or_default());
            let reason = std::error::Error::source(error)
                .map(ToString::to_string)
                .unwrap_or_default();
            // So dnf5 names those options that it takes apart; others are ours to refuse.
            let taken_apart = ["setopt", "setvar", "repofrompath"];
            let name = option.trim_start_matches('-');
            let name = if taken_apart.contains(&name) { name } else { &option };
            format!("{name}: {reason}.")
        }
        _ => error.kind().to_string(),
    };
    format!("{text} {HELP}")
}

fn conflict(error: &clap::Error, typed: &Typed<'_>) -> String {
    let wrong = option_name(&context(error, ContextKind::InvalidArg).unwrap_or_default());
    match context(error, ContextKind::PriorArg) {
        // clap begins with what was typed first, dnf5 complains about what came later.
        Some(later) if option_name(&later) != wrong => {
            format!(
                "\"{}\" not allowed together with named argument \"{wrong}\".",
                typed.as_typed(&option_name(&later))
            )
        }
        _ => format!("\"{wrong}\" not allowed more than once."),
    }
}

/// The innermost command of a line, and how it was called.
fn innermost<'c>(program: &'c clap::Command, typed: &[OsString]) -> (&'c clap::Command, String) {
    let mut found = (program, program.get_name().to_owned());
    for token in arguments::reorder(program, typed.to_vec()).iter().skip(1) {
        let Some(command) = found.0.find_subcommand(token) else {
            break;
        };
        found = (command, token.to_string_lossy().into_owned());
    }
    found
}

/// A command line, and the innermost command of it.
struct Typed<'c> {
    command: &'c clap::Command,
    arguments: &'c [OsString],
}

impl Typed<'_> {
    /// How an option was written: short, by another of its names, or with its value.
    fn as_typed(&self, option: &str) -> String {
        let named = |arg: &&clap::Arg| {
            arg.get_long()
                .is_some_and(|long| option.strip_prefix("--") == Some(long))
        };
        let found = self.command.get_arguments().find(named);
        let short = found.and_then(clap::Arg::get_short);
        let aliases = found.and_then(clap::Arg::get_all_aliases).unwrap_or_default();
        let names: Vec<String> = aliases.into_iter().map(|alias| format!("--{alias}")).collect();
        let is_it = |word: &&str| {
            let is_short = short.is_some_and(|short| **word == format!("-{short}"));
            let mut names = std::iter::once(option).chain(names.iter().map(String::as_str));
            is_short
                || names.any(|name| {
                    word.strip_prefix(name)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
                })
        };
        let words = self.arguments.iter().filter_map(|word| word.to_str());
        words.into_iter().find(is_it).unwrap_or(option).to_owned()
    }
}

/// A list option that dnf5 has once in a transaction, given with different values.
pub fn differing(matches: &clap::ArgMatches) -> Option<Usage> {
    // In dnf5's words, which have underscores.
    const ONCE: [(&str, &str); 3] = [
        ("from_repo", "from_repo"),
        ("from_vendor", "from_vendor"),
        ("installed_from_repo", "installed-from_repo"),
    ];
    if let Some((_, matches)) = matches.subcommand() {
        return differing(matches);
    }
    let differs = |id: &str| {
        let given = matches.try_get_occurrences::<String>(id).ok().flatten();
        let mut given = given.into_iter().flatten().map(Iterator::collect::<Vec<_>>);
        let first = given.next();
        given.any(|other| Some(other) != first)
    };
    let (_, name) = ONCE.into_iter().find(|(id, _)| differs(id))?;
    Some(Usage(format!("\"--{name}\" already defined with different value.")))
}

/// `--repo <REPO_ID>` is `--repo`; `--refresh` stays.
fn option_name(text: &str) -> String {
    text.split([' ', '=']).next().unwrap_or(text).to_owned()
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}
