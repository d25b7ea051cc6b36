//! Checks over the packages of a family: `duplicates` and `file-conflicts`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::coherency::places::Places;
use crate::coherency::{Id, Outcome, Severity, Violation};
use crate::display;
use crate::package::{File, Package};

/// The packages of one level of a family: the core OS, or a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Root directory.
    pub root: PathBuf,
    /// Whether it is the core OS: its own files and signatures are its distribution's business.
    pub is_core_os: bool,
    /// In the order of their header numbers.
    pub packages: Vec<Package>,
    /// Names that were installed although an ancestor has them (`--forcenode`).
    pub forced: BTreeSet<OsString>,
}

/// A violation about a package.
pub(super) fn violation(id: Id, level: &Level, package: &Package, reason: String) -> Violation {
    Violation {
        package: Some(package.nevra().to_string_lossy().into_owned()),
        ..Violation::error(id, &level.root, reason)
    }
}

/// No package name is at two levels, the oldest level first; what was forced is a warning.
pub fn duplicates(family: &[Level]) -> Outcome {
    let mut seen: HashMap<&OsStr, (&Level, &Package)> = HashMap::new();
    let mut violations = Vec::new();
    for level in family {
        let mut own: HashMap<&OsStr, &Package> = HashMap::new();
        for package in &level.packages {
            if let Some((above, other)) = seen.get(package.name.as_os_str()) {
                let reason = format!(
                    "{} has {} of the same name; remove one of them",
                    display::path(&above.root),
                    display::os(&other.nevra())
                );
                let mut found = violation(Id::Duplicates, level, package, reason);
                if level.forced.contains(&package.name) {
                    found.severity = Severity::Warning;
                }
                violations.push(found);
            }
            own.insert(&package.name, package);
        }
        for (name, package) in own {
            seen.entry(name).or_insert((level, package));
        }
    }
    Outcome::of(violations)
}

/// No two packages of different levels put different content at one place. Within a level rpm sees to it.
///
/// One place has several paths where a package's link is on the way: `/lib/x` and `/usr/lib/x`. Where a package of the same name
/// was forced into the younger level, that its files are there too is what its user wanted: a warning.
pub fn file_conflicts(family: &[Level]) -> Outcome {
    let packages = || family.iter().flat_map(|level| &level.packages);
    let mut places = Places::of(packages().flat_map(visible));
    // Of two files at one place one is a node's: those of the core OS, which are the most, are only looked up.
    let mut owners: HashMap<Cow<'_, Path>, Vec<(usize, &Package, &File)>> = HashMap::new();
    for wants_core_os in [false, true] {
        for (index, level) in family
            .iter()
            .enumerate()
            .filter(|(_, level)| level.is_core_os == wants_core_os)
        {
            for package in &level.packages {
                for file in visible(package) {
                    let place = places.place(&file.path);
                    if wants_core_os {
                        if let Some(owners) = owners.get_mut(&place) {
                            owners.push((index, package, file));
                        }
                    } else {
                        owners.entry(place).or_default().push((index, package, file));
                    }
                }
            }
        }
    }
    // One line for two packages, with the first of their files: a package of a thousand would hide everything else.
    let mut found: BTreeMap<Pair, (Severity, Vec<Cow<'_, Path>>)> = BTreeMap::new();
    for (path, mut owners) in owners.into_iter().filter(|(_, owners)| owners.len() > 1) {
        owners.sort_by_key(|(level, ..)| *level);
        for (position, (above, other, one)) in owners.iter().enumerate() {
            for (level, package, file) in &owners[position + 1..] {
                if above != level && differ(one, file) {
                    let pair = (*level, package.nevra(), *above, other.nevra());
                    let is_forced = package.name == other.name && family[*level].forced.contains(&package.name);
                    let severity = if is_forced { Severity::Warning } else { Severity::Error };
                    found.entry(pair).or_insert((severity, Vec::new())).1.push(path.clone());
                }
            }
        }
    }
    let line = |((level, package, above, other), (severity, mut paths)): (Pair, (_, Vec<Cow<'_, Path>>))| {
        paths.sort_unstable();
        let more = match paths.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let reason = format!(
            "{}{more} is different in {} of {}",
            display::path(&paths[0]),
            display::os(&other),
            display::path(&family[above].root)
        );
        Violation {
            severity,
            package: Some(package.to_string_lossy().into_owned()),
            ..Violation::error(Id::FileConflicts, &family[level].root, reason)
        }
    };
    Outcome::of(found.into_iter().map(line).collect())
}

/// Two packages by level and name, the one of the younger level first.
type Pair = (usize, OsString, usize, OsString);

/// The files that a package puts somewhere.
fn visible(package: &Package) -> impl Iterator<Item = &File> {
    let files = package.files.iter();
    files.filter(|file| !file.flags.is_ghost() && file.state.is_installed())
}

/// Whether two files cannot be at one place: directories can be shared, everything else has to be the same.
fn differ(one: &File, other: &File) -> bool {
    if one.file_type() != other.file_type() {
        return true;
    }
    if one.is_directory() {
        return false;
    }
    // Files of two architectures live side by side: rpm takes one of them by its colour.
    if one.color != 0 && other.color != 0 && one.color != other.color {
        return false;
    }
    if one.is_symlink() {
        return one.link_target != other.link_target;
    }
    (&one.digest, one.digest_algorithm, one.mode) != (&other.digest, other.digest_algorithm, other.mode)
}
