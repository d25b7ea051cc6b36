//! Steps of a transaction.

use std::ffi::OsStr;
use std::time::Instant;

use indicatif::ProgressBar;

use super::Style;
use super::bars::Bars;
use super::line::Line;
use crate::dnf5::{Action, ScriptType, TransactionItem};
use crate::terminal::{Messages, columns};

/// Shows what rpm does.
#[derive(Debug)]
pub struct Steps {
    style: Style,
    bars: Bars,
    /// Packages that come or go; verifying and preparing are two steps more.
    packages: u64,
    finished: u64,
    current: Option<Step>,
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

    /// dnf5 tells of each scriptlet.
    pub fn scriptlet(&self, what: &str, script: ScriptType, nevra: &OsStr) {
        let name = script.name().to_string_lossy().into_owned();
        self.print(&format!(">>> {what} {name} scriptlet: {}", nevra.to_string_lossy()));
    }
}
