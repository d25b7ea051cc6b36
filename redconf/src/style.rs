//! Colours, on a terminal only.

use std::io::IsTerminal;

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    coloured: bool,
}

impl Style {
    /// Never coloured.
    #[cfg(test)]
    pub const PLAIN: Self = Self { coloured: false };

    /// Coloured if the stream is a terminal that can do it and nobody objects (<https://no-color.org>).
    pub fn of(stream: &impl IsTerminal) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self {
            coloured: stream.is_terminal() && !set("NO_COLOR") && !dumb,
        }
    }

    /// Something wrong.
    pub fn error(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// Something odd.
    pub fn warning(self, text: &str) -> String {
        self.with("1;33", text)
    }

    /// Something good.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// What the reader looks for.
    pub fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    /// What stands beside.
    pub fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.coloured {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_coloured_text_has_escapes() {
        assert_eq!(Style::PLAIN.error("x"), "x");
        assert_eq!(Style { coloured: true }.error("x"), "\u{1b}[1;31mx\u{1b}[0m");
    }
}
