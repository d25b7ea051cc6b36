//! `versionlock`: keeps packages of the node at their versions.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use librpm::Engine;
use redpak_host::dir::Dir;
use redpak_host::read;
use redpak_host::write::{self, Existing};

use super::Outcome;
use crate::databases;
use crate::json;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::terminal;
use crate::transaction::{confine_query, lock};
use libdnf5::{
    ExcludeFlags, GoalFlag, GoalJobSettings, Load, PackageQuery, VersionlockCondition, VersionlockPackage, versionlock,
};

mod entry;
mod file;

use entry::Entry;

/// libdnf5's file, in the node.
const FILE: &str = "etc/dnf/versionlock.toml";

/// What is done with the locks.
#[derive(Debug, Subcommand)]
pub enum Versionlock {
    /// Lock packages to their current versions
    Add(Specs),
    /// Exclude versions of packages
    Exclude(Specs),
    /// Remove all entries
    Clear,
    /// Remove the entries of packages
    Delete(Names),
    /// List the entries
    List(Shown),
}

/// How entries are shown.
#[derive(Debug, Args)]
pub struct Shown {
    /// Request JSON output format
    #[arg(long)]
    json: bool,
}

/// Which packages.
#[derive(Debug, Args)]
pub struct Specs {
    /// Packages
    #[arg(value_name = "package-spec-N", required = true)]
    specs: Vec<String>,
}

/// Which entries.
#[derive(Debug, Args)]
pub struct Names {
    /// Names of packages, as the entries have them
    #[arg(value_name = "specs", required = true)]
    specs: Vec<String>,
}

impl Versionlock {
    /// It tells what is installed or what was done, and changes nothing.
    pub fn is_query(&self) -> bool {
        match self {
            // They look at what is installed.
            Self::Add(_) | Self::Exclude(_) => true,
            Self::Clear | Self::Delete(_) | Self::List(_) => false,
        }
    }

    pub fn run(self, global: &Global) -> Result<Outcome> {
        let node = Node::find(global)?;
        // From reading the entries to writing them.
        let _lock = match self {
            Self::List(_) => None,
            _ => Some(lock(&node)?),
        };
        match self {
            Self::Add(specs) => add(&node, global, &specs.specs, Kind::Lock),
            Self::Exclude(specs) => add(&node, global, &specs.specs, Kind::Exclude),
            Self::Clear => save(&node, &[]),
            Self::Delete(names) => delete(&node, global, &names.specs),
            Self::List(shown) => list(&node, global, shown.json),
        }
    }
}

/// What an entry does to the versions that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lock,
    Exclude,
}

impl Kind {
    fn comparator(self) -> &'static str {
        match self {
            Self::Lock => "=",
            Self::Exclude => "!=",
        }
    }

    /// The name of the subcommand, and what it adds.
    fn words(self) -> [&'static str; 2] {
        match self {
            Self::Lock => ["add", "versionlock"],
            Self::Exclude => ["exclude", "versionlock exclude"],
        }
    }
}

fn add(node: &Node, global: &Global, specs: &[String], kind: Kind) -> Result<Outcome> {
    let _confined = confine_query(node)?;
    let engine = Engine::start()?;
    let session = Session::open(&engine, node, global)?;
    let _family = databases::show(&engine, node)?;
    session.load(Load::All)?;
    let mut entries = versionlock(&session.base)?;
    require_understood(node, &entries)?;
    let before = entries.clone();
    for spec in specs {
        let found = versions(&session, spec, kind)?;
        if found.is_empty() {
            eprintln!("No package found for \"{spec}\".");
        }
        let known = entries.clone();
        for (name, evr) in &found {
            add_one(&mut entries, (spec, kind), (name, evr));
        }
        // dnf5 tells it for each version that is locked already, but once for all that are excluded.
        if kind == Kind::Exclude && !found.is_empty() && entries == known {
            eprintln!("Package \"{spec}\" is already excluded.");
        }
    }
    if entries == before {
        Ok(Outcome::Done)
    } else {
        save(node, &entries)
    }
}

/// Names and versions that a specification means: the installed ones and, where there are none, all available ones; to exclude
/// an installed version makes no sense, so that only the available ones count there.
fn versions(session: &Session<'_>, spec: &str, kind: Kind) -> Result<Vec<(String, String)>> {
    let mut settings = GoalJobSettings::new()?;
    for flag in [GoalFlag::WithProvides, GoalFlag::WithFilenames, GoalFlag::WithBinaries] {
        settings.set_flag(flag, false)?;
    }
    let matching = |installed: bool| -> Result<Vec<(String, String)>> {
        let mut query = PackageQuery::new(&session.base, ExcludeFlags::IGNORE_VERSIONLOCK)?;
        if installed {
            query.filter_installed()?;
        } else {
            query.filter_available()?;
        }
        query.resolve_pkg_spec(spec, Some(&settings), false)?;
        let text = |field: std::ffi::OsString| field.to_string_lossy().into_owned();
        let packages = query.list()?.into_iter();
        let mut found = packages
            .map(|package| Ok((text(package.name()?), text(package.evr()?))))
            .collect::<Result<Vec<_>>>()?;
        found.dedup();
        Ok(found)
    };
    let installed = if kind == Kind::Lock {
        matching(true)?
    } else {
        Vec::new()
    };
    if installed.is_empty() {
        matching(false)
    } else {
        Ok(installed)
    }
}

fn add_one(entries: &mut Vec<VersionlockPackage>, (spec, kind): (&str, Kind), (name, evr): (&str, &str)) {
    let [command, what] = kind.words();
    let condition = VersionlockCondition {
        key: "evr".into(),
        comparator: kind.comparator().into(),
        value: evr.to_owned(),
    };
    if entries
        .iter()
        .any(|entry| entry.name == name && entry.conditions.contains(&condition))
    {
        if kind == Kind::Lock {
            eprintln!("Package \"{spec}\" is already locked.");
        }
        return;
    }
    println!("Adding {what} on \"{name} = {evr}\".");
    // All conditions of an entry have to hold: versions that are not wanted stand in one, those that are each in its own.
    let is_alike = |entry: &&mut VersionlockPackage| {
        let mut conditions = entry.conditions.iter();
        entry.name == name && conditions.all(|known| known.key == "evr" && known.comparator == "!=")
    };
    match entries.iter_mut().filter(|_| kind == Kind::Exclude).find(is_alike) {
        Some(entry) => entry.conditions.push(condition),
        None => entries.push(VersionlockPackage {
            name: name.to_owned(),
            comment: format!("Added by 'versionlock {command}' command on {}", now()),
            conditions: vec![condition],
            text: Default::default(),
            text_with_errors: Default::default(),
        }),
    }
}

/// The time in UTC, as dnf5 writes it.
fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let time = redpak::time::date_time(since.map_or(0, |duration| duration.as_secs()));
    time.replace('T', " ").replace('Z', "")
}

fn delete(node: &Node, global: &Global, names: &[String]) -> Result<Outcome> {
    let entries = read(node, global)?;
    require_understood(node, &entries)?;
    let (gone, left): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| names.contains(&entry.name));
    for entry in &gone {
        terminal::show(format_args!("Deleting versionlock entry:\n{}", entry.text.display()));
    }
    if gone.is_empty() {
        Ok(Outcome::Done)
    } else {
        save(node, &left)
    }
}

fn list(node: &Node, global: &Global, json: bool) -> Result<Outcome> {
    let entries = read(node, global)?;
    if json {
        json::print(&entries.iter().map(Entry::from).collect::<Vec<_>>())?;
        return Ok(Outcome::Done);
    }
    let texts: Vec<_> = entries
        .iter()
        .map(|entry| entry.text_with_errors.to_string_lossy())
        .collect();
    if !texts.is_empty() {
        terminal::show(texts.join("\n\n"));
    }
    Ok(Outcome::Done)
}

fn read(node: &Node, global: &Global) -> Result<Vec<VersionlockPackage>> {
    let engine = Engine::start()?;
    let session = Session::open(&engine, node, global)?;
    versionlock(&session.base).with_context(|| format!("cannot read {}", node.path().join(FILE).display()))
}

/// libdnf5 sees no entries in a file of another version. To write one anew would lose them.
fn require_understood(node: &Node, entries: &[VersionlockPackage]) -> Result<()> {
    let text = read::beneath(&Dir::open(node.path())?, Path::new(FILE), read::MAX_CONFIG)?.unwrap_or_default();
    let has_entries = String::from_utf8_lossy(&text)
        .lines()
        .any(|line| line.trim().starts_with("[[packages]]"));
    ensure!(
        !(entries.is_empty() && has_entries),
        "{} has entries that this libdnf5 does not understand; it reads version 1.0",
        node.path().join(FILE).display()
    );
    Ok(())
}

fn save(node: &Node, entries: &[VersionlockPackage]) -> Result<Outcome> {
    let dir = Dir::open(node.path())?;
    dir.make_directories(Path::new("etc/dnf"))?;
    let text = file::render(entries);
    write::within(&dir, Path::new(FILE), text.as_bytes(), 0o644, Existing::Replace)?;
    Ok(Outcome::Done)
}
