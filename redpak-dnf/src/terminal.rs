//! What is said while a command works: on standard error, as dnf5 does.

use std::io::{self, BufRead, IsTerminal, Write};

use redpak::display;

use crate::options::Global;

/// Messages about states and actions; `--quiet` leaves them out.
#[derive(Debug, Clone, Copy)]
pub struct Messages {
    quiet: bool,
}

impl Messages {
    /// As the options ask.
    pub fn new(global: &Global) -> Self {
        Self { quiet: global.quiet }
    }

    /// One line.
    pub fn say(self, text: impl std::fmt::Display) {
        if !self.quiet {
            tell(text);
        }
    }

    /// None at all.
    pub fn none() -> Self {
        Self { quiet: true }
    }

    /// The same, whatever --quiet says.
    pub fn aloud(self) -> Self {
        Self { quiet: false }
    }

    /// Whether messages are left out.
    pub fn is_quiet(self) -> bool {
        self.quiet
    }
}

/// A line on standard error, with which text of others does not steer a terminal.
pub fn tell(text: impl std::fmt::Display) {
    let mut line = format!("{text}\n").into_bytes();
    if io::stderr().is_terminal() {
        line = display::screen(&line);
    }
    // The stream may be closed; then nobody wants to know.
    let _ = io::stderr().write_all(&line);
}

/// A line on the standard output, with which text of others does not steer a terminal.
pub fn show(text: impl std::fmt::Display) {
    let line = text.to_string();
    if io::stdout().is_terminal() {
        println!("{}", String::from_utf8_lossy(&display::screen(line.as_bytes())));
    } else {
        println!("{line}");
    }
}

/// How questions are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// `--assumeno`
    No,
    /// `--assumeyes`, or `assumeyes` in the configuration
    Yes,
    /// The user is asked.
    Ask,
}

impl Answers {
    /// Asks "Is this ok". `default_yes`: what an empty answer means (`defaultyes` in the configuration).
    pub fn confirm(self, default_yes: bool) -> bool {
        match self {
            Self::No => false,
            Self::Yes => true,
            Self::Ask => ask(default_yes),
        }
    }
}

/// dnf5's question, until the answer is one of its answers; no answer at all is a no.
fn ask(default_yes: bool) -> bool {
    let choices = if default_yes { "[Y/n]" } else { "[y/N]" };
    let mut input = io::stdin().lock();
    loop {
        let _ = write!(io::stderr(), "Is this ok {choices}: ");
        let _ = io::stderr().flush();
        let mut line = String::new();
        if !matches!(input.read_line(&mut line), Ok(read) if read > 0) {
            return false;
        }
        match line.trim_end_matches('\n') {
            "" => return default_yes,
            "y" | "Y" | "yes" | "Yes" => return true,
            "n" | "N" | "no" | "No" => return false,
            _ => {}
        }
    }
}

/// Columns of the terminal, 80 where there is none; `COLUMNS` overrides, as for dnf5. Odd values count as 80.
pub fn columns() -> usize {
    let from_environment = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let from_terminal = || {
        let terminal = io::stderr().is_terminal().then(console_width).flatten();
        terminal.map(usize::from)
    };
    let found: Option<usize> = from_environment.or_else(from_terminal);
    found.filter(|columns| (20..=1000).contains(columns)).unwrap_or(80)
}

fn console_width() -> Option<u16> {
    mod_width::get()
}

mod mod_width {
    //! TIOCGWINSZ, see ioctl_tty(2).
    #![allow(unsafe_code, reason = "ioctl(2)")]

    nix::ioctl_read_bad!(window_size, libc::TIOCGWINSZ, libc::winsize);

    pub fn get() -> Option<u16> {
        let mut size = libc::winsize {
            ws_row: 0,
            ws_col: 0,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // SAFETY: standard error is open or the call fails; the structure is valid.
        unsafe { window_size(libc::STDERR_FILENO, &raw mut size) }.ok()?;
        (size.ws_col > 0).then_some(size.ws_col)
    }
}
