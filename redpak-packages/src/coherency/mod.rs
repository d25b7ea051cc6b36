//! What the rpmdbs of a family, and the files on the disk, say for the checks of [`redpak::coherency`].
//!
//! Everything is read once: the state of each input is noted before it is looked at, so that a verdict can be remembered and
//! a change in between shows.

mod content;
mod disk;
mod needs;
mod report;

use librpm::{
    DependencyKind, DependencySet, Engine, Header, Keyring, Problem, ProblemKind, SignatureState, TransactionSet,
    VerifyFlags,
};
use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use redpak::coherency::{self, Broken, Id, Level, Outcome, PackageSignature, Relation, Signature, Violation};
use redpak::node::files;
use redpak::package::{Comparison, Dependency, Package};
use redpak_host::verdict::{self, Examined};
use redpak_host::ways::Ways;

pub use self::content::file_digest;
pub use self::needs::{Providers, needs};
pub use self::report::{CheckReport, FamilyReport, ViolationReport};
use crate::check::{chain, is_damage};
use crate::database::Database;
use crate::dependency::borrowed;
use crate::error::Result;
use crate::node_database::Lookup;
use crate::snapshot;

/// One level of the family to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Root directory.
    pub root: PathBuf,
    /// Folder of the rpmdb, where the node's config names one.
    pub rpmdb: Option<PathBuf>,
    /// Whether it is the core OS.
    pub is_core_os: bool,
}

/// How much is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demands {
    /// Signatures of the nodes' packages.
    pub signatures: bool,
    /// The content of the nodes' files.
    pub digests: bool,
    /// Somebody else checks the digests of the core OS's headers, see [`Examination::add_damages`].
    pub leaves_core_os_digests: bool,
}

/// What was found.
#[derive(Debug)]
pub struct Examination {
    /// The packages, oldest level first.
    pub family: Vec<Level>,
    /// The folder of each level's rpmdb.
    pub rpmdbs: Vec<PathBuf>,
    /// What the outcomes rest on.
    pub examined: Examined,
    /// The checks over packages, in the order of the table.
    pub outcomes: Vec<(Id, Outcome)>,
    /// What librpm has against the packages being together.
    pub broken: Vec<Broken>,
}

/// Looks at a family, oldest level first. `progress` is told how many of how many files have been read, for digests.
///
/// # Errors
/// When librpm cannot be used at all. What is wrong with the family is in the outcomes.
pub fn examine(
    engine: &Engine,
    places: &[Place],
    demands: Demands,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Examination> {
    let mut set = TransactionSet::new(engine)?;
    set.use_empty_database()?;
    let mut reading = Reading {
        engine,
        set,
        keyring: Keyring::new(engine)?,
        demands,
        family: Vec::new(),
        rpmdbs: Vec::new(),
        examined: Examined::default(),
        signatures: Vec::new(),
        damages: Vec::new(),
        unknown: None,
    };
    for place in places {
        reading.level(place);
    }
    reading.judge(progress)
}

/// What is not on the disk as the packages of the node in `root` say, the content of their files included.
pub fn damages(root: &Path, packages: Vec<Package>) -> Vec<Violation> {
    let family = [Level {
        root: root.into(),
        is_core_os: false,
        packages,
        forced: BTreeSet::new(),
    }];
    let (mut found, _) = disk::look(&family);
    content::read(&family, &mut found, &|_, _| {});
    coherency::doubtful_files(&family, &found)
}

impl Examination {
    /// Adds what somebody else found of the rpmdb in `root`: what is wrong, or why it could not be told.
    pub fn add_damages(&mut self, root: &Path, problems: &[String], unknown: Option<&str>) {
        let damages = problems
            .iter()
            .map(|reason| Violation::error(Id::RpmdbReadable, root, reason));
        let damages: Vec<Violation> = damages.collect();
        let Some((_, readable)) = self.outcomes.iter_mut().find(|(id, _)| *id == Id::RpmdbReadable) else {
            return;
        };
        match (readable, unknown) {
            (Outcome::Violated(known), _) => {
                known.extend(damages);
                known.sort();
                known.dedup();
            }
            (readable, _) if !damages.is_empty() => *readable = Outcome::of(damages),
            (readable @ Outcome::Holds { .. }, Some(reason)) => {
                let reason = format!("{}: {reason}", redpak::display::path(root));
                *readable = Outcome::CouldNotTell { reason };
            }
            _ => {}
        }
    }
}

struct Reading<'e> {
    engine: &'e Engine,
    set: TransactionSet<'e>,
    keyring: Keyring<'e>,
    demands: Demands,
    family: Vec<Level>,
    rpmdbs: Vec<PathBuf>,
    examined: Examined,
    signatures: Vec<PackageSignature>,
    damages: Vec<Violation>,
    unknown: Option<String>,
}

impl Reading<'_> {
    /// Reads a level; what is wrong with it is noted, so that all of it is told at once.
    fn level(&mut self, place: &Place) {
        self.family.push(Level {
            root: place.root.clone(),
            is_core_os: place.is_core_os,
            packages: Vec::new(),
            forced: forced(&place.root),
        });
        if let Err(error) = self.fill(place) {
            self.damaged(place, &error);
        }
    }

    fn damaged(&mut self, place: &Place, error: &crate::error::Error) {
        let reason = chain(error);
        if is_damage(error) {
            self.damages
                .push(Violation::error(Id::RpmdbReadable, &place.root, reason));
        } else {
            let root = redpak::display::path(&place.root);
            self.unknown.get_or_insert(format!("{root}: {reason}"));
        }
    }

    fn fill(&mut self, place: &Place) -> Result<()> {
        let lookup = Lookup::new(self.engine, &place.root, place.rpmdb.as_deref())?;
        // Before it is opened: what changes meanwhile must show.
        let mut ways = Ways::below(&lookup.root);
        let folders: BTreeSet<PathBuf> = lookup.places.iter().filter_map(|place| ways.end(place)).collect();
        for folder in folders {
            let state = verdict::rpmdb_state(&folder)?;
            self.examined.rpmdbs.push((folder, state));
        }
        self.examined.files.extend(ways.states());
        let database = lookup.locate()?;
        self.rpmdbs.push(database.directory().into());
        let opened = if place.is_core_os && self.demands.leaves_core_os_digests {
            let flags = VerifyFlags::NO_SIGNATURES | VerifyFlags::NO_DIGESTS | VerifyFlags::NO_HEADER_CHECK;
            database.open_with(self.engine, flags)?
        } else {
            database.open(self.engine)?
        };
        if self.demands.signatures {
            self.keyring.add_database(&opened)?;
        }
        self.headers(place, &opened)
    }

    fn headers(&mut self, place: &Place, opened: &Database<'_>) -> Result<()> {
        let level = self.family.len() - 1;
        for header in opened.headers()? {
            let checked = header.and_then(|header| {
                header.require_digest()?;
                Ok(header)
            });
            let header = match checked {
                Ok(header) => header,
                Err(error) => {
                    self.damaged(place, &error.into());
                    continue;
                }
            };
            if header.is_public_key() {
                continue;
            }
            let (immutable, package) = match proven(&header) {
                Ok(proven) => proven,
                Err(error) => {
                    self.damaged(place, &error);
                    continue;
                }
            };
            self.set.add_install(&immutable)?;
            if self.demands.signatures && !place.is_core_os {
                let found = match header.signature(self.engine, &self.keyring) {
                    Ok(SignatureState::Good) => Signature::Good,
                    Ok(SignatureState::UnknownKey) => Signature::UnknownKey,
                    Ok(SignatureState::NotTrusted) => Signature::NotTrusted,
                    Ok(SignatureState::Unsigned | SignatureState::NotChecked) => Signature::Unsigned,
                    Err(error) => Signature::Wrong(chain(&error)),
                };
                self.signatures.push((level, self.family[level].packages.len(), found));
            }
            self.family[level].packages.push(package);
        }
        Ok(())
    }

    fn judge(mut self, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Examination> {
        let readable = match self.unknown.take() {
            Some(reason) if self.damages.is_empty() => Outcome::CouldNotTell { reason },
            _ => Outcome::of(std::mem::take(&mut self.damages)),
        };
        let (mut outcomes, mut broken) = (Vec::new(), Vec::new());
        if readable.holds() {
            coherency::explain_states(&mut self.family);
            broken = self.broken()?;
            outcomes.extend(coherency::dependencies(&self.family, &broken));
            outcomes.push((Id::Duplicates, coherency::duplicates(&self.family)));
            outcomes.push((Id::FileConflicts, coherency::file_conflicts(&self.family)));
            let (mut found, states) = disk::look(&self.family);
            // What was on the way to an rpmdb stands there already, with the state that it had first.
            let known: HashSet<&PathBuf> = self.examined.files.iter().map(|(path, _)| path).collect();
            let new: Vec<_> = states.into_iter().filter(|(path, _)| !known.contains(path)).collect();
            self.examined.files.extend(new);
            outcomes.push((Id::FilesPresent, coherency::files_present(&self.family, &found)));
            if self.demands.digests {
                content::read(&self.family, &mut found, progress);
                outcomes.push((Id::FilesDigest, coherency::files_digest(&self.family, &found)));
            }
            if self.demands.signatures {
                outcomes.push((Id::Signatures, coherency::signatures(&self.family, &self.signatures)));
            }
        } else {
            let rest = [
                Id::Requires,
                Id::Conflicts,
                Id::Obsoletes,
                Id::Duplicates,
                Id::FileConflicts,
                Id::FilesPresent,
            ];
            let reason = "an rpmdb of the family is not readable";
            let untold = |id| (id, Outcome::CouldNotTell { reason: reason.into() });
            outcomes.extend(rest.map(untold));
            outcomes.extend(self.demands.digests.then(|| untold(Id::FilesDigest)));
            outcomes.extend(self.demands.signatures.then(|| untold(Id::Signatures)));
        }
        if outcomes
            .iter()
            .any(|(_, outcome)| matches!(outcome, Outcome::Violated(_)))
        {
            let needs = needs(self.engine, &self.family)?;
            coherency::add_chains(&mut outcomes, &self.family, &needs);
        }
        outcomes.insert(0, (Id::RpmdbReadable, readable));
        Ok(Examination {
            family: self.family,
            rpmdbs: self.rpmdbs,
            examined: self.examined,
            outcomes,
            broken,
        })
    }

    /// What librpm has against all these packages being in one place.
    fn broken(&mut self) -> Result<Vec<Broken>> {
        let mut broken = obsoletes(self.engine, &self.family)?;
        let has_obsoleted = !broken.is_empty();
        for problem in self.set.check()? {
            let relation = match problem.kind {
                ProblemKind::Requires => Relation::Requires,
                ProblemKind::Conflicts => Relation::Conflicts,
                ProblemKind::Obsoletes => Relation::Obsoletes,
                // The set is only checked, not run: rpm has no other ones then.
                ProblemKind::Other(_) => continue,
            };
            let mut found = Broken {
                relation,
                package: problem.package,
                dependency: problem.dependency,
                other: problem.cause,
            };
            if relation == Relation::Conflicts && found.other.is_none() {
                found.other = met(self.engine, &self.family, &found)?;
            }
            // The set lacks what is obsoleted; the family has it.
            if relation == Relation::Requires && has_obsoleted && is_provided(self.engine, &self.family, &found)? {
                continue;
            }
            broken.push(found);
        }
        Ok(broken)
    }
}

/// What of a header its digest is of, and the package that it describes.
fn proven<'e>(header: &Header<'e>) -> Result<(Header<'e>, Package)> {
    let immutable = header.immutable().map_err(|source| header.tag_error(source))?;
    let package = snapshot::proven(&immutable, header)?;
    Ok((immutable, package))
}

/// The package that a conflict is with, which librpm does not tell when both are new to it; none for a rich conflict.
fn met(engine: &Engine, family: &[Level], broken: &Broken) -> Result<Option<OsString>> {
    let packages = || family.iter().flat_map(|level| &level.packages);
    let holder = packages().find(|package| package.nevra() == broken.package);
    let conflict = holder.and_then(|holder| {
        let mut conflicts = holder.conflicts.iter();
        conflicts.find(|conflict| !conflict.is_rich() && conflict.to_os_string() == broken.dependency)
    });
    let Some(conflict) = conflict else { return Ok(None) };
    let wanted = DependencySet::single(engine, DependencyKind::Conflicts, borrowed(conflict))?;
    for other in packages().filter(|other| other.nevra() != broken.package) {
        for provide in other.provides.iter().filter(|provide| provide.name == conflict.name) {
            if wanted.overlaps(&DependencySet::single(
                engine,
                DependencyKind::Provides,
                borrowed(provide),
            )?) {
                return Ok(Some(other.nevra()));
            }
        }
    }
    Ok(None)
}

/// Whether a requirement that librpm found missing is one that a package of the family meets all the same.
fn is_provided(engine: &Engine, family: &[Level], broken: &Broken) -> Result<bool> {
    let packages = || family.iter().flat_map(|level| &level.packages);
    let holder = packages().find(|package| package.nevra() == broken.package);
    let require = holder.and_then(|holder| {
        let mut requires = holder.requires.iter();
        requires.find(|require| require.to_os_string() == broken.dependency)
    });
    match require {
        Some(require) => Ok(Providers::new(engine, family).meet(require)?.is_some()),
        None => Ok(false),
    }
}

/// What one package obsoletes of another: librpm takes an obsoleted package out of a set, instead of telling. As for rpm it
/// is names that are obsoleted, not what packages provide.
pub fn obsoletes(engine: &Engine, family: &[Level]) -> Result<Vec<Broken>> {
    let packages = || family.iter().flat_map(|level| &level.packages);
    let mut broken = Vec::new();
    for package in packages().filter(|package| !package.obsoletes.is_empty()) {
        for obsolete in &package.obsoletes {
            let named = packages().filter(|other| other.name == obsolete.name && other.name != package.name);
            for other in named {
                let wanted = DependencySet::single(engine, DependencyKind::Obsoletes, borrowed(obsolete))?;
                if wanted.overlaps(&DependencySet::single(
                    engine,
                    DependencyKind::Provides,
                    borrowed(&own_name(other)),
                )?) {
                    broken.push(Broken {
                        relation: Relation::Obsoletes,
                        package: package.nevra(),
                        dependency: obsolete.to_os_string(),
                        other: Some(other.nevra()),
                    });
                }
            }
        }
    }
    Ok(broken)
}

/// What speaks against packages being beside others, whatever either needs: conflicts and obsoletes between the two.
pub fn between(engine: &Engine, above: &[&Header<'_>], beside: &[&Header<'_>]) -> Result<Vec<Broken>> {
    let level = |headers: &[&Header<'_>]| -> Result<Level> {
        let packages = headers.iter().map(|header| snapshot::package(header));
        Ok(Level {
            root: PathBuf::new(),
            is_core_os: false,
            packages: packages.collect::<Result<_>>()?,
            forced: BTreeSet::new(),
        })
    };
    let family = [level(above)?, level(beside)?];
    let mut broken = obsoletes(engine, &family)?;
    let alone = conflicts(engine, beside)?;
    let together = conflicts(engine, &[above, beside].concat())?;
    for problem in together.into_iter().filter(|problem| !alone.contains(problem)) {
        let mut found = Broken {
            relation: Relation::Conflicts,
            package: problem.package,
            dependency: problem.dependency,
            other: problem.cause,
        };
        if found.other.is_none() {
            found.other = met(engine, &family, &found)?;
        }
        broken.push(found);
    }
    Ok(broken)
}

/// The conflicts in a set of packages.
fn conflicts(engine: &Engine, headers: &[&Header<'_>]) -> Result<Vec<Problem>> {
    let mut set = TransactionSet::new(engine)?;
    set.use_empty_database()?;
    headers.iter().try_for_each(|header| set.add_install(header))?;
    let mut problems = set.check()?;
    problems.retain(|problem| problem.kind == ProblemKind::Conflicts);
    Ok(problems)
}

/// `name = evr`
fn own_name(package: &Package) -> Dependency {
    /// `RPMSENSE_EQUAL`
    const EQUAL: u32 = 8;
    Dependency {
        name: package.name.clone(),
        comparison: Comparison::Equal,
        version: package.evr(),
        flags: EQUAL,
    }
}

/// The names in a node's record of forced installs; none when it cannot be read, so that what was forced is an error then.
fn forced(root: &Path) -> BTreeSet<OsString> {
    const LIMIT: usize = 1 << 20;
    let record = redpak_host::dir::Dir::open(root)
        .and_then(|node| redpak_host::read::beneath(&node, Path::new(files::FORCED), LIMIT))
        .ok()
        .flatten()
        .unwrap_or_default();
    let names = record.split(|byte| *byte == b'\n').filter(|name| !name.is_empty());
    names.map(|name| OsString::from_vec(name.to_vec())).collect()
}
