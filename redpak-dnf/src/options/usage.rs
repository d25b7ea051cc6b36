//! Mistakes on the command line, in dnf5's words.

use clap::error::{ContextKind, ContextValue, ErrorKind};

const HELP: &str = "Add \"--help\" for more information about the arguments.";

/// dnf5's exit status for a wrong command line.
pub const EXIT_USAGE: u8 = 2;

/// A mistake on the command line that is seen only after it was parsed, such as an unknown option in `--setopt`.
#[derive(Debug, thiserror::Error)]
#[error("{0} {HELP}")]
pub struct Usage(pub String);

/// The exit status of an error that has its own.
pub fn status_of(error: &anyhow::Error) -> Option<u8> {
    error.chain().any(|cause| cause.is::<Usage>()).then_some(EXIT_USAGE)
}

/// The number that an option means, or dnf5's error for what is none.
pub fn number(text: &str) -> anyhow::Result<i32> {
    text.parse()
        .map_err(|_| anyhow::anyhow!("OptionInvalidValueError: Invalid number option value \"{text}\""))
}

/// dnf5's text for clap's error; `command` is the innermost command that was recognised.
pub fn message(error: &clap::Error, command: &str) -> String {
    let text = match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            let wrong =
                context(error, ContextKind::InvalidArg).or_else(|| context(error, ContextKind::InvalidSubcommand));
            format!(
                "Unknown argument \"{}\" for command \"{command}\".",
                option_name(&wrong.unwrap_or_default())
            )
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "Missing command.".to_owned()
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = context(error, ContextKind::InvalidArg).unwrap_or_default();
            let name = missing.trim_matches(|c| "<>[].".contains(c));
            format!("Missing positional argument \"{name}\" for command \"{command}\".")
        }
        ErrorKind::ArgumentConflict => conflict(error),
        ErrorKind::InvalidValue if context(error, ContextKind::InvalidValue).is_none_or(|value| value.is_empty()) => {
            format!(
                "Missing value for named argument \"{}\".",
                option_name(&context(error, ContextKind::InvalidArg).unwrap_or_default())
            )
        }
        ErrorKind::ValueValidation => {
            let option = option_name(&context(error, ContextKind::InvalidArg).unwrap_or_default());
            let reason = std::error::Error::source(error)
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("{option}: {reason}.")
        }
        _ => error.kind().to_string(),
    };
    format!("{text} {HELP}")
}

fn conflict(error: &clap::Error) -> String {
    let wrong = option_name(&context(error, ContextKind::InvalidArg).unwrap_or_default());
    match context(error, ContextKind::PriorArg) {
        // clap begins with what was typed first, dnf5 complains about what came later.
        Some(later) if option_name(&later) != wrong => {
            format!(
                "\"{}\" not allowed together with named argument \"{wrong}\".",
                option_name(&later)
            )
        }
        _ => format!("\"{wrong}\" not allowed more than once."),
    }
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
