//! `why`: which node provides something, and what in the family needs it.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::Args;
use librpm::Engine;
use redpak::coherency::{Level, Link, PackagePlace, chains};
use redpak::display;
use redpak::package::{Comparison, Dependency};
use redpak_packages::coherency::{Demands, Providers, examine, needs};
use redpak_packages::confinement;

use super::{Outcome, verify};
use crate::node::Node;
use crate::options::Global;

/// Explains why something is in a family.
#[derive(Debug, Args)]
pub struct Why {
    /// Write the chains as JSON
    #[arg(long)]
    json: bool,
    /// A package (name, or name-version-release.arch), a file, or a capability as a package requires it
    #[arg(value_name = "PACKAGE|FILE|CAPABILITY")]
    what: OsString,
}

impl Why {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let node = Node::find(global)?;
        let engine = Engine::start()?;
        // What follows reads data that a node's owner, or whoever broke in there, has made; and it changes nothing.
        confinement::read_only()?;
        let family = examine(&engine, &verify::places(&node)?, Demands::default(), &|_, _| ())?.family;
        let found = self.providers(&engine, &family)?;
        if found.is_empty() {
            eprintln!("Nothing in the family is or provides {}.", display::os(&self.what));
            return Ok(Outcome::Failed);
        }
        let needs = needs(&engine, &family)?;
        let links: Vec<Link> = found
            .into_iter()
            .map(|place| Link::of(&chains(place, &needs), &family))
            .collect();
        if self.json {
            println!("{}", serde_json::to_string_pretty(&links)?);
        } else {
            for link in &links {
                println!("{} in {}", display::text(&link.package), display::text(&link.node));
                link.lines().iter().for_each(|line| println!("{line}"));
            }
        }
        Ok(Outcome::Done)
    }

    /// What was asked for as a dependency: one with a version is read by librpm, which does so within parentheses.
    fn capability(&self) -> OsString {
        let text = self.what.as_encoded_bytes();
        let has_version = text.contains(&b' ') && !text.starts_with(b"/") && !text.starts_with(b"(");
        if !has_version {
            return self.what.clone();
        }
        let mut rich = OsString::from("(");
        rich.push(&self.what);
        rich.push(")");
        rich
    }

    /// The packages of that name, or who provides it.
    fn providers(&self, engine: &Engine, family: &[Level]) -> Result<Vec<PackagePlace>> {
        let mut named = Vec::new();
        for (level, of) in family.iter().enumerate() {
            for (index, package) in of.packages.iter().enumerate() {
                if package.name == self.what || package.nevra() == self.what {
                    named.push((level, index));
                }
            }
        }
        if !named.is_empty() {
            return Ok(named);
        }
        let capability = Dependency {
            name: self.capability(),
            comparison: Comparison::Any,
            version: OsString::new(),
            flags: 0,
        };
        // A path of the leaf as a program sees it from outside leads to the same file.
        let mut found = Providers::new(engine, family).of(&capability)?;
        if found.is_empty() {
            let inside = family.iter().rev().find_map(|level| {
                let inside = Path::new(&self.what).strip_prefix(&level.root).ok()?;
                Some(Path::new("/").join(inside))
            });
            if let Some(path) = inside {
                let file = Dependency {
                    name: path.into_os_string(),
                    ..capability
                };
                found = Providers::new(engine, family).of(&file)?;
            }
        }
        Ok(found)
    }
}
