//! Steps of a transaction.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::time::Instant;

use indicatif::ProgressBar;

use super::Style;
use super::bars::Bars;
use super::line::Line;
use crate::terminal::{Messages, columns};
use libdnf5::{Action, EndedScript, ScriptType, TransactionItem};

/// Shows what rpm does.
#[derive(Debug)]
pub struct Steps {
    style: Style,
    bars: Bars,
    /// Packages that come or go; verifying and preparing are two steps more.
    packages: u64,
    finished: u64,
    current: Option<Step>,
    /// How many of rpm's messages have been shown.
    messages: usize,
}

#[derive(Debug)]
struct Step {
    description: String,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Steps {
    /// `steps`: how many there will be.
    pub fn new(messages: Messages, steps: u64) -> Self {
        // dnf5 shows the steps even with --quiet.
        let style = Style::new(messages.aloud());
        Self {
            style,
            bars: Bars::new(),
            packages: steps,
            finished: 0,
            current: None,
            messages: 0,
        }
    }

    /// A line between the steps, in place: messages of scriptlets and of rpm.
    pub fn print(&self, line: &str) {
        match self.style {
            Style::Silent => {}
            Style::Lines => eprintln!("{line}"),
            Style::Bars => self.bars.print(line),
        }
    }

    /// A step begins.
    pub fn start(&mut self, description: impl Into<String>, total: u64) {
        let description = description.into();
        let bar = (self.style == Style::Bars).then(|| self.bars.steps(description.clone(), total));
        self.current = Some(Step {
            description,
            started: Instant::now(),
            bar,
        });
    }

    /// It got on.
    pub fn advance(&self, amount: u64) {
        if let Some(bar) = self.current.as_ref().and_then(|step| step.bar.as_ref()) {
            bar.set_position(amount);
        }
    }

    /// It is done.
    pub fn stop(&mut self, amount: u64) {
        let Some(step) = self.current.take() else { return };
        if let Some(bar) = step.bar {
            bar.finish_and_clear();
        }
        self.finished += 1;
        let number = Some((self.finished, self.packages.max(self.finished)));
        let line = Line {
            number,
            description: &step.description,
            done: amount,
            total: amount,
            elapsed: step.started.elapsed(),
        };
        self.print(&line.render(columns()));
    }

    /// `Installing appb-0:1-1.noarch`
    pub fn start_package(&mut self, item: TransactionItem<'_>, total: u64) {
        let verb = match item.action() {
            Ok(Action::Upgrade) => "Upgrading",
            Ok(Action::Downgrade) => "Downgrading",
            Ok(Action::Reinstall) => "Reinstalling",
            Ok(Action::Install) => "Installing",
            _ => "Removing",
        };
        let package = item.package().and_then(|package| package.full_nevra());
        self.start(
            format!("{verb} {}", package.unwrap_or_default().to_string_lossy()),
            total,
        );
    }

    /// What dnf5 tells of a scriptlet: how it ended, what it printed, and what rpm says about it. One that works in silence
    /// is not told of.
    pub fn end_scriptlet(&mut self, ended: &EndedScript<'_>) {
        if ended.return_code == 0 && ended.output.is_empty() {
            return self.rpm_messages(&ended.rpm_messages);
        }
        self.scriptlet("Running", ended.script, ended.nevra);
        let verdict = match ended.return_code {
            0 => "Finished",
            1 => "Non-critical error in",
            _ => "Error in",
        };
        self.scriptlet(verdict, ended.script, ended.nevra);
        let output = ended.output.to_string_lossy();
        if !output.is_empty() {
            self.message("Scriptlet output:");
            output.split('\n').for_each(|line| self.message(line));
        }
        self.rpm_messages(&ended.rpm_messages);
    }

    /// Those of rpm's messages that have not been shown.
    fn rpm_messages(&mut self, all: &[OsString]) {
        for message in all.iter().skip(self.messages) {
            self.message(&format!("[RPM] {}", message.to_string_lossy()));
        }
        self.messages = all.len();
    }

    fn scriptlet(&self, what: &str, script: ScriptType, nevra: &OsStr) {
        let name = script.name().to_string_lossy();
        self.message(&format!("{what} {name} scriptlet: {}", nevra.to_string_lossy()));
    }

    /// What packages wrote can do nothing to a terminal.
    fn message(&self, text: &str) {
        let text = match self.style {
            Style::Bars => Cow::from(without_controls(text)),
            Style::Lines | Style::Silent => text.into(),
        };
        self.print(&format!(">>> {text}"));
    }
}

fn without_controls(text: &str) -> String {
    let columns: Vec<String> = text.split('\t').map(redpak::display::text).collect();
    columns.join("\t")
}

#[cfg(test)]
mod tests {
    use super::without_controls;

    #[test]
    fn a_terminal_sees_no_control_sequence() {
        assert_eq!(without_controls("a\tb ü"), "a\tb ü");
        assert_eq!(without_controls("\x1b[2J\u{9b}x\r"), "\\u{1b}[2J\\u{9b}x\\r");
    }
}
