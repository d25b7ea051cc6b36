//! `requires`, `conflicts` and `obsoletes`: what librpm found when it put all packages of a family together.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};

use crate::coherency::packages::violation;
use crate::coherency::{Id, Level, Outcome, Violation};
use crate::display;
use crate::package::Package;

/// How a package stands to what its dependency names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// It needs it.
    Requires,
    /// It cannot be beside it.
    Conflicts,
    /// It takes its place.
    Obsoletes,
}

/// A dependency that does not hold, as librpm tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// Which kind it is.
    pub relation: Relation,
    /// Name-epoch:version-release.arch of the package that has it.
    pub package: OsString,
    /// The dependency as rpm prints it.
    pub dependency: OsString,
    /// The package that it is about, where there is one.
    pub other: Option<OsString>,
}

/// The outcomes of the three checks.
pub fn dependencies(family: &[Level], broken: &[Broken]) -> [(Id, Outcome); 3] {
    let places = places(family);
    let of = |relation: Relation, id: Id| {
        let mut violations: Vec<Violation> = broken
            .iter()
            .filter(|broken| broken.relation == relation)
            .map(|broken| judge(id, broken, &places))
            .collect();
        violations.sort();
        violations.dedup();
        (id, Outcome::of(violations))
    };
    [
        of(Relation::Requires, Id::Requires),
        of(Relation::Conflicts, Id::Conflicts),
        of(Relation::Obsoletes, Id::Obsoletes),
    ]
}

type Places<'f> = HashMap<OsString, (&'f Level, &'f Package)>;

fn places(family: &[Level]) -> Places<'_> {
    let mut places = Places::new();
    for level in family {
        for package in &level.packages {
            places.entry(package.nevra()).or_insert((level, package));
        }
    }
    places
}

fn judge(id: Id, broken: &Broken, places: &Places<'_>) -> Violation {
    let dependency = display::os(&broken.dependency);
    let other = broken.other.as_deref().map(|other| with_place(other, places));
    let reason = match (broken.relation, other) {
        (Relation::Requires, _) => format!("needs {dependency}, which nothing in the family provides"),
        (Relation::Conflicts, Some(other)) => format!("conflicts with {dependency}, which {other} provides"),
        (Relation::Conflicts, None) => format!("conflicts with {dependency}"),
        (Relation::Obsoletes, Some(other)) => format!("obsoletes {dependency}, which {other} is"),
        (Relation::Obsoletes, None) => format!("obsoletes {dependency}"),
    };
    match places.get(&broken.package) {
        Some((level, package)) => violation(id, level, package, reason),
        // librpm names only what it was given; whatever it means, it is not lost.
        None => Violation {
            package: Some(broken.package.to_string_lossy().into_owned()),
            ..Violation::error(id, "/", reason)
        },
    }
}

fn with_place(package: &OsStr, places: &Places<'_>) -> String {
    let name = display::os(package);
    match places.get(package) {
        Some((level, _)) => format!("{name} of {}", display::path(&level.root)),
        None => name.to_string(),
    }
}
