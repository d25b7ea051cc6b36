//! `leaves`: installed packages that no other one requires.

use anyhow::Result;
use clap::Args;
use redpak::display;

use super::Outcome;
use crate::json::{self, Identity};
use crate::options::Global;
use crate::query::{Family, Needs, ask};
use crate::terminal;
use libdnf5::Load;

/// Lists packages of the family that no other package of it requires; those that require each other in groups.
#[derive(Debug, Args)]
pub struct Leaves {
    /// Request JSON output format
    #[arg(long)]
    json: bool,
}

impl Leaves {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let needs = Needs {
            load: Load::System,
            quiet: self.json,
            ..Needs::default()
        };
        ask(global, needs, |family| {
            if self.json { report_json(family) } else { report(family) }
        })
    }
}

fn report(family: &Family<'_>) -> Result<Outcome> {
    let mut groups = Vec::new();
    for group in family.installed()?.filter_leaves_groups()? {
        let mut names = group
            .iter()
            .map(|package| Ok(display::os(&package.full_nevra()?).to_string()))
            .collect::<Result<Vec<_>>>()?;
        names.sort();
        groups.push(names);
    }
    groups.sort();
    for group in groups {
        let marks = std::iter::once('-').chain(std::iter::repeat(' '));
        for (name, mark) in group.iter().zip(marks) {
            terminal::show(format_args!("{mark} {name}"));
        }
    }
    Ok(Outcome::Done)
}

fn report_json(family: &Family<'_>) -> Result<Outcome> {
    let mut groups = Vec::new();
    for group in family.installed()?.filter_leaves_groups()? {
        let mut packages = group.iter().map(Identity::of).collect::<Result<Vec<_>>>()?;
        packages.sort();
        groups.push(packages);
    }
    groups.sort();
    json::print(&groups)?;
    Ok(Outcome::Done)
}
