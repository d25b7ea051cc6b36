//! Progress of downloads and transactions: moving bars on a terminal, one line for each finished step elsewhere.

mod bars;
mod download;
mod line;
mod transaction;

pub use download::Downloads;
pub use line::whole_size;
pub use transaction::Steps;

use std::io::IsTerminal;

use crate::terminal::Messages;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Not at all.
    Silent,
    /// A line when something is finished.
    Lines,
    /// Moving bars.
    Bars,
}

impl Style {
    fn new(messages: Messages) -> Self {
        if messages.is_quiet() {
            Self::Silent
        } else if std::io::stderr().is_terminal() {
            Self::Bars
        } else {
            Self::Lines
        }
    }
}
