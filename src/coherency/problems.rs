//! What `dnf5 check` tells of a package database, for a family: problems by package.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

use crate::coherency::{Broken, Level, Relation};
use crate::package::Package;

/// Which problems are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Missing requirements and conflicts.
    pub dependencies: bool,
    /// Packages of one name and architecture.
    pub duplicates: bool,
    /// Obsoleted packages.
    pub obsoleted: bool,
}

/// A problem of a package, in the order in which dnf5 lists them. Packages are named as dnf5 names them, with the epoch always.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Nothing provides this requirement.
    MissingRequire(OsString),
    /// This conflict of another package is with it.
    Conflict(OsString, OsString),
    /// This obsoletes of another package means it.
    Obsoleted(OsString, OsString),
    /// Another package has the same name and architecture.
    Duplicate(OsString),
}

/// The problems of a family's packages, by package. `is_install_only` says of which packages several may be installed.
///
/// A duplicate that was forced is what its user wanted.
pub fn problems(
    family: &[Level],
    broken: &[Broken],
    wanted: Wanted,
    is_install_only: impl Fn(&Package) -> bool,
) -> BTreeMap<OsString, BTreeSet<Problem>> {
    let mut found: BTreeMap<OsString, BTreeSet<Problem>> = BTreeMap::new();
    let names: BTreeMap<OsString, OsString> = packages(family)
        .map(|(_, package)| (package.nevra(), with_epoch(package)))
        .collect();
    let full = |nevra: &OsString| names.get(nevra).unwrap_or(nevra).clone();
    for broken in broken {
        let (holder, dependency) = (full(&broken.package), broken.dependency.clone());
        // A conflict and an obsoletes are the problem of the package that they mean.
        let target = broken.other.as_ref().map_or_else(|| holder.clone(), full);
        let (package, problem) = match broken.relation {
            Relation::Requires if wanted.dependencies => (holder, Problem::MissingRequire(dependency)),
            Relation::Conflicts if wanted.dependencies => (target, Problem::Conflict(dependency, holder)),
            Relation::Obsoletes if wanted.obsoleted => (target, Problem::Obsoleted(dependency, holder)),
            _ => continue,
        };
        found.entry(package).or_default().insert(problem);
    }
    if wanted.duplicates {
        for (package, other) in duplicates(family, is_install_only) {
            found.entry(package).or_default().insert(Problem::Duplicate(other));
        }
    }
    found
}

fn packages(family: &[Level]) -> impl Iterator<Item = (&Level, &Package)> {
    family
        .iter()
        .flat_map(|level| level.packages.iter().map(move |package| (level, package)))
}

fn duplicates(family: &[Level], is_install_only: impl Fn(&Package) -> bool) -> Vec<(OsString, OsString)> {
    let mut same: BTreeMap<(&OsStr, &OsStr), Vec<OsString>> = BTreeMap::new();
    for (level, package) in packages(family) {
        let Some(arch) = &package.arch else { continue };
        if !level.forced.contains(&package.name) && !is_install_only(package) {
            same.entry((&package.name, arch)).or_default().push(with_epoch(package));
        }
    }
    let mut pairs = Vec::new();
    for names in same.values() {
        for (index, name) in names.iter().enumerate() {
            let others = names.iter().enumerate().filter(|(other, _)| *other != index);
            pairs.extend(others.map(|(_, other)| (name.clone(), other.clone())));
        }
    }
    pairs
}

/// `name-epoch:version-release.arch`
fn with_epoch(package: &Package) -> OsString {
    let mut text = package.name.clone();
    text.push(format!("-{}:", package.epoch.unwrap_or(0)));
    text.push(&package.version);
    text.push("-");
    text.push(&package.release);
    if let Some(arch) = &package.arch {
        text.push(".");
        text.push(arch);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::package_tests::package;
    use super::*;

    const NOTHING: Wanted = Wanted {
        dependencies: false,
        duplicates: false,
        obsoleted: false,
    };

    /// `PACKAGE: PROBLEM` of a leaf and its parent, which both have `lib`.
    fn found(wanted: Wanted, forced: &[&str], install_only: &str) -> Vec<String> {
        let level = |packages: &[&str], forced: &[&str]| Level {
            root: "/pool/a".into(),
            is_core_os: false,
            packages: packages.iter().map(|name| package(name, vec![])).collect(),
            forced: forced.iter().map(Into::into).collect::<BTreeSet<_>>(),
        };
        let broken = |relation, other: Option<&str>| Broken {
            relation,
            package: "app-1-1.noarch".into(),
            dependency: "x".into(),
            other: other.map(Into::into),
        };
        let broken = [
            broken(Relation::Requires, None),
            broken(Relation::Conflicts, Some("other-1-1.noarch")),
            broken(Relation::Obsoletes, Some("lib-1-1.noarch")),
        ];
        let family = [level(&["lib"], &[]), level(&["lib", "app", "other"], forced)];
        let problems = problems(&family, &broken, wanted, |package| package.name == install_only);
        let lines = problems.iter().flat_map(|(package, problems)| {
            problems
                .iter()
                .map(move |problem| format!("{}: {problem:?}", package.display()))
        });
        lines.collect()
    }

    /// `--dependencies`, `--duplicates` and `--obsoleted` show nothing else.
    #[test]
    fn only_what_is_wanted_is_shown() {
        let dependencies = Wanted {
            dependencies: true,
            ..NOTHING
        };
        let duplicates = Wanted {
            duplicates: true,
            ..NOTHING
        };
        let obsoleted = Wanted {
            obsoleted: true,
            ..NOTHING
        };
        assert_eq!(found(NOTHING, &[], ""), [""; 0]);
        let [missing, conflict] = [
            "app-0:1-1.noarch: MissingRequire(\"x\")",
            "other-0:1-1.noarch: Conflict(\"x\", \"app-0:1-1.noarch\")",
        ];
        assert_eq!(found(dependencies, &[], ""), [missing, conflict]);
        let doubled = "lib-0:1-1.noarch: Duplicate(\"lib-0:1-1.noarch\")";
        assert_eq!(found(duplicates, &[], ""), [doubled]);
        assert_eq!(found(duplicates, &["lib"], ""), [""; 0]);
        assert_eq!(found(duplicates, &[], "lib"), [""; 0]);
        assert_eq!(
            found(obsoleted, &[], ""),
            ["lib-0:1-1.noarch: Obsoleted(\"x\", \"app-0:1-1.noarch\")"]
        );
    }
}
