//! `check`: problems of the packages of a family, in dnf5's words.

use std::collections::BTreeSet;
use std::ffi::OsString;

use anyhow::{Result, bail};
use clap::Args;
use librpm::Engine;
use redpak::coherency::{Problem, WantedProblems, problems};
use redpak::display;
use redpak_packages::coherency::{Demands, examine};
use redpak_packages::confinement;
use serde::Serialize;

use super::{Outcome, verify};
use crate::json;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;

/// Checks the packages of the family and tells any problems it finds. The set of checks can be specified with options.
#[derive(Debug, Args)]
pub struct Check {
    /// Show missing dependencies and conflicts
    #[arg(long)]
    dependencies: bool,
    /// Show duplicated packages
    #[arg(long)]
    duplicates: bool,
    /// Show obsoleted packages
    #[arg(long)]
    obsoleted: bool,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let node = Node::find(global)?;
        let engine = Engine::start()?;
        let install_only = Session::open(&engine, &node, global)?
            .base
            .config()
            .get("installonlypkgs")?;
        let install_only = install_only.to_string_lossy().into_owned();
        let install_only: Vec<OsString> = install_only.split(',').map(|name| name.trim().into()).collect();
        // What follows reads data that a node's owner, or whoever broke in there, has made; and it changes nothing.
        confinement::read_only()?;
        let found = examine(&engine, &verify::places(&node)?, Demands::default(), &|_, _| ())?;
        verify::require_readable(&found)?;
        let all = !(self.dependencies || self.duplicates || self.obsoleted);
        let wanted = WantedProblems {
            dependencies: all || self.dependencies,
            duplicates: all || self.duplicates,
            obsoleted: all || self.obsoleted,
        };
        let problems = problems(&found.family, &found.broken, wanted, |package| {
            let mut provides = package.provides.iter();
            provides.any(|provide| install_only.contains(&provide.name))
        });
        if self.json {
            json::print(&problems.iter().map(Troubled::new).collect::<Vec<_>>())?;
        }
        for (package, problems) in problems.iter().filter(|_| !self.json) {
            println!("{}", display::os(package));
            problems.iter().for_each(|problem| println!(" {}", text(problem)));
        }
        let count: usize = problems.values().map(std::collections::BTreeSet::len).sum();
        if count > 0 {
            bail!("Check discovered {count} problem(s) in {} package(s)", problems.len());
        }
        Ok(Outcome::Done)
    }
}

/// A package and its problems.
#[derive(Serialize)]
struct Troubled {
    package: String,
    problems: Vec<Trouble>,
}

/// A problem; which fields it has depends on its type.
#[derive(Serialize)]
struct Trouble {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<String>,
}

impl Troubled {
    fn new((package, problems): (&OsString, &BTreeSet<Problem>)) -> Self {
        Self {
            package: json::text(package),
            problems: problems.iter().map(Trouble::new).collect(),
        }
    }
}

impl Trouble {
    fn new(problem: &Problem) -> Self {
        let (r#type, dependency, other) = match problem {
            Problem::MissingRequire(dependency) => ("missing_require", Some(dependency), None),
            Problem::Conflict(dependency, holder) => ("conflict", Some(dependency), Some(holder)),
            Problem::Obsoleted(dependency, holder) => ("obsoleted", Some(dependency), Some(holder)),
            Problem::Duplicate(other) => ("duplicate", None, Some(other)),
        };
        Self {
            r#type,
            dependency: dependency.map(json::text),
            other: other.map(json::text),
        }
    }
}

fn text(problem: &Problem) -> String {
    let shown = |text: &OsString| display::os(text).to_string();
    match problem {
        Problem::MissingRequire(dependency) => format!("missing require \"{}\"", shown(dependency)),
        Problem::Conflict(dependency, holder) => {
            format!(
                "installed conflict \"{}\" from \"{}\"",
                shown(dependency),
                shown(holder)
            )
        }
        Problem::Obsoleted(dependency, holder) => {
            format!("obsoleted by \"{}\" from \"{}\"", shown(dependency), shown(holder))
        }
        Problem::Duplicate(other) => format!("duplicate with \"{}\"", shown(other)),
    }
}
