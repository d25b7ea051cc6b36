//! What can be wrong with a text to expand.

use std::ffi::OsString;

use crate::display;
use crate::expand::expander::{MAX_LENGTH, MAX_TOTAL};

/// Why a text could not be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// A variable stands for itself.
    #[error("the variables {} refer to each other in a circle", .0.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(" -> "))]
    Cycle(Vec<String>),
    /// `${` or `$(` without its end.
    #[error("'{0}' has no matching '{1}'")]
    Unclosed(&'static str, char),
    /// `${…}` with something else than a name.
    #[error("'${{{}}}' is not a variable; names are letters, digits and '_'", display::text(.0))]
    BadName(String),
    /// More than any argument or path can hold.
    #[error("the expanded text is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// More than any family needs.
    #[error("the expanded texts of the family are longer than {MAX_TOTAL} bytes together")]
    TooMuch,
    /// Variables that stand for variables, too many of them.
    #[error("variables are nested too deeply at '${0}'")]
    TooDeep(String),
    /// A NUL byte in what a command printed.
    #[error("the command '{}' printed a NUL byte", display::os(.0))]
    Nul(OsString),
    /// A command that failed.
    #[error("the command '{}' failed: {}", display::os(.command), display::text(.reason))]
    Command {
        /// The command line.
        command: OsString,
        /// What the runner said.
        reason: String,
    },
}
