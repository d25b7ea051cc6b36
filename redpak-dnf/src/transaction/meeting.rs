//! What comes into a node may meet what the nodes below have: a package of the same name, one that it obsoletes, another
//! file at the same place.
//!
//! librpm tells none of that: an obsoleted package leaves its set without a word. A launch refuses such a family. So it is the
//! checks of coherency that are asked here, about the packages that come and those of one node below.

use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::Result;
use librpm::Engine;
use redpak::coherency::{Broken, Id, Level, Outcome, Severity, Violation, duplicates, file_conflicts};
use redpak::display;
use redpak::package::Package;
use redpak::transaction::touch::NameIndex;
use redpak_packages::NodeDatabase;
use redpak_packages::coherency::obsoletes;

use super::forced;

/// The packages of a node that a transaction takes away and brings.
pub struct Meeting<'e> {
    engine: &'e Engine,
    node: PathBuf,
    inbound: Vec<Package>,
    outbound: Vec<Package>,
    names: HashSet<OsString>,
    base_names: HashSet<OsString>,
}

impl<'e> Meeting<'e> {
    pub fn new(engine: &'e Engine, node: &Path, inbound: Vec<Package>, outbound: Vec<Package>) -> Self {
        let files = inbound.iter().flat_map(|package| &package.files);
        let files = files.filter(|file| !file.is_directory() && !file.flags.is_ghost());
        let obsoleted = inbound.iter().flat_map(|package| &package.obsoletes);
        let obsoleted = obsoleted.map(|dependency| &dependency.name);
        let own = inbound.iter().map(|package| &package.name);
        Self {
            engine,
            node: node.to_owned(),
            names: own.chain(obsoleted).cloned().collect(),
            base_names: files
                .filter_map(|file| file.path.file_name().map(OsStr::to_owned))
                .collect(),
            inbound,
            outbound,
        }
    }

    /// Whether the packages of a node below have to be read. In doubt they have.
    pub fn concerns(&self, below: &NodeDatabase) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let meets = |index: NameIndex, name: &OsStr| match index {
            NameIndex::BaseNames => self.base_names.contains(name),
            _ => self.names.contains(name),
        };
        let indexes = [NameIndex::Provides, NameIndex::Obsoletes, NameIndex::BaseNames];
        below.any_name(&indexes, &meets).unwrap_or(true)
    }

    /// What would be wrong in a node below, and is not yet: whose package is in the way already is not broken by us.
    pub fn new_violations(&self, below: &Path, packages: Vec<Package>) -> Result<Vec<String>> {
        let node = Level {
            root: below.to_owned(),
            is_core_os: false,
            packages,
            forced: forced::names(below),
        };
        let mut family = [self.level(&self.outbound), node];
        let before: HashSet<_> = self.violations(&family)?.iter().map(key).collect();
        family[0] = self.level(&self.inbound);
        let mut after = self.violations(&family)?;
        after.retain(|violation| !before.contains(&key(violation)));
        Ok(after.iter().map(line).collect())
    }

    /// What is wrong with the two; what was forced is what its user wanted.
    fn violations(&self, family: &[Level; 2]) -> Result<Vec<Violation>> {
        let outcomes = [duplicates(family), file_conflicts(family)];
        let found = outcomes.into_iter().flat_map(|outcome| match outcome {
            Outcome::Violated(violations) => violations,
            Outcome::Holds { .. } | Outcome::CouldNotTell { .. } => Vec::new(),
        });
        let errors = found.filter(|violation| violation.severity == Severity::Error);
        let obsoletes = obsoletes(self.engine, family)?;
        Ok(errors
            .chain(obsoletes.iter().filter_map(|broken| obsolete(family, broken)))
            .collect())
    }

    fn level(&self, packages: &[Package]) -> Level {
        Level {
            root: self.node.clone(),
            is_core_os: false,
            packages: packages.to_vec(),
            forced: BTreeSet::new(),
        }
    }
}

/// An obsoletes between the two.
fn obsolete([above, below]: &[Level; 2], broken: &Broken) -> Option<Violation> {
    let (holder, other) = (&broken.package, broken.other.as_ref()?);
    let is_in = |level: &Level, nevra: &OsString| level.packages.iter().any(|package| package.nevra() == *nevra);
    let place = display::path(&above.root);
    let (package, reason) = if is_in(above, holder) && is_in(below, other) {
        (other, format!("{} of {place} obsoletes it", display::os(holder)))
    } else if is_in(below, holder) && is_in(above, other) {
        (holder, format!("it obsoletes {} of {place}", display::os(other)))
    } else {
        return None;
    };
    Some(Violation {
        package: Some(package.to_string_lossy().into_owned()),
        ..Violation::error(Id::Obsoletes, &below.root, reason)
    })
}

/// Which package is in whose way, whatever version of the other one it is now.
fn key(violation: &Violation) -> (Id, Option<String>) {
    (violation.id, violation.package.clone())
}

fn line(violation: &Violation) -> String {
    let package = violation.package.as_deref().unwrap_or_default();
    let node = display::path(&violation.node);
    format!("{node}: {}: {}", display::text(package), violation.reason)
}
