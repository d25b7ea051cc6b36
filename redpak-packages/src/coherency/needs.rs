//! Who needs whom in a family, by librpm's matching.

use librpm::{DependencyKind, DependencySet, Engine, RichOperator};
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::Path;

use redpak::coherency::{Level, Need, PackagePlace};
use redpak::package::Dependency;

use crate::dependency::{borrowed, owned};
use crate::error::Result;

/// What packages and files the family has, by name and by path.
#[derive(Debug)]
pub struct Providers<'f> {
    engine: &'f Engine,
    by_name: HashMap<&'f OsStr, Vec<(PackagePlace, &'f Dependency)>>,
    by_path: HashMap<&'f Path, Vec<PackagePlace>>,
}

impl<'f> Providers<'f> {
    /// Of these levels.
    pub fn new(engine: &'f Engine, family: &'f [Level]) -> Self {
        let (mut by_name, mut by_path) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (level, of) in family.iter().enumerate() {
            for (index, package) in of.packages.iter().enumerate() {
                for provide in &package.provides {
                    let provides = by_name.entry(provide.name.as_os_str()).or_default();
                    provides.push(((level, index), provide));
                }
                for file in &package.files {
                    by_path.entry(file.path.as_path()).or_default().push((level, index));
                }
            }
        }
        Self {
            engine,
            by_name,
            by_path,
        }
    }

    /// Who meets a dependency, by a Provides or by a file; of a rich one, who meets the sides of it that count here.
    ///
    /// # Errors
    /// When librpm does not understand the dependency.
    pub fn of(&self, dependency: &Dependency) -> Result<Vec<PackagePlace>> {
        let found = self.meet(dependency)?.unwrap_or_default();
        Ok(found.into_iter().collect())
    }

    /// Who meets a dependency; `None` when it is not met, nobody when it asks for nothing here: `(a if b)` without b.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn meet(&self, dependency: &Dependency) -> Result<Option<Found>> {
        if !dependency.is_rich() {
            return Ok(Some(self.simple(dependency)?).filter(|found| !found.is_empty()));
        }
        let rich = self.take_apart(dependency)?;
        match rich.operator {
            RichOperator::If | RichOperator::Unless => self.conditional(&rich),
            RichOperator::With | RichOperator::Without => {
                Ok(Some(self.set(dependency)?).filter(|found| !found.is_empty()))
            }
            RichOperator::And => {
                let (left, right) = self.sides(&rich)?;
                Ok(left.zip(right).map(|(left, right)| &left | &right))
            }
            RichOperator::Or => {
                let (left, right) = self.sides(&rich)?;
                let is_met = left.is_some() || right.is_some();
                Ok(is_met.then(|| &left.unwrap_or_default() | &right.unwrap_or_default()))
            }
            RichOperator::Single | RichOperator::Else => self.meet(&rich.left),
        }
    }

    fn sides(&self, rich: &Rich) -> Result<(Option<Found>, Option<Found>)> {
        let right = rich.right.as_ref().map_or(Ok(None), |right| self.meet(right))?;
        Ok((self.meet(&rich.left)?, right))
    }

    /// `(a if b)`, `(a if b else c)`, and the same with `unless`. What decides is not needed itself.
    fn conditional(&self, rich: &Rich) -> Result<Option<Found>> {
        let Some(right) = &rich.right else {
            return self.meet(&rich.left);
        };
        let apart = right.is_rich().then(|| self.take_apart(right)).transpose()?;
        let (condition, otherwise) = match apart {
            Some(Rich {
                operator: RichOperator::Else,
                left,
                right,
            }) => (left, right),
            _ => (right.clone(), None),
        };
        let is_if = rich.operator == RichOperator::If;
        if self.meet(&condition)?.is_some() == is_if {
            return self.meet(&rich.left);
        }
        match otherwise {
            Some(otherwise) => self.meet(&otherwise),
            None => Ok(is_if.then(Found::default)),
        }
    }

    /// The packages that `with` and `without` are about: each of them meets all of it by itself.
    fn set(&self, dependency: &Dependency) -> Result<Found> {
        if !dependency.is_rich() {
            return self.simple(dependency);
        }
        let rich = self.take_apart(dependency)?;
        let left = self.set(&rich.left)?;
        let Some(right) = &rich.right else { return Ok(left) };
        let right = self.set(right)?;
        Ok(match rich.operator {
            RichOperator::With => &left & &right,
            RichOperator::Without => &left - &right,
            RichOperator::Or => &left | &right,
            // Nothing else may stand in there, says librpm.
            _ => Found::default(),
        })
    }

    fn take_apart(&self, dependency: &Dependency) -> Result<Rich> {
        let apart = DependencySet::take_apart(self.engine, DependencyKind::Requires, borrowed(dependency))?;
        Ok(Rich {
            operator: apart.operator,
            left: owned(apart.left),
            right: apart.right.map(owned),
        })
    }

    fn simple(&self, dependency: &Dependency) -> Result<Found> {
        let mut found = Found::new();
        if let Some(provides) = self.by_name.get(dependency.name.as_os_str()) {
            let wanted = DependencySet::single(self.engine, DependencyKind::Requires, borrowed(dependency))?;
            for (place, provide) in provides {
                if wanted.overlaps(&DependencySet::single(
                    self.engine,
                    DependencyKind::Provides,
                    borrowed(provide),
                )?) {
                    found.insert(*place);
                }
            }
        }
        found.extend(self.by_path.get(Path::new(&dependency.name)).into_iter().flatten());
        Ok(found)
    }
}

/// The top level of a rich dependency.
struct Rich {
    operator: RichOperator,
    left: Dependency,
    right: Option<Dependency>,
}

/// Packages that meet a dependency.
type Found = BTreeSet<PackagePlace>;

/// Every need of the family, with each package that meets it. A dependency that librpm does not understand makes no chain:
/// that is not why the caller asks.
pub fn needs(engine: &Engine, family: &[Level]) -> Result<Vec<Need>> {
    let providers = Providers::new(engine, family);
    let mut needs = Vec::new();
    for (level, of) in family.iter().enumerate() {
        for (index, package) in of.packages.iter().enumerate() {
            for dependency in &package.requires {
                let met = providers
                    .of(dependency)
                    .unwrap_or_default()
                    .into_iter()
                    .map(|provider| Need {
                        provider,
                        needer: (level, index),
                        dependency: dependency.to_os_string().to_string_lossy().into_owned(),
                    });
                needs.extend(met);
            }
        }
    }
    Ok(needs)
}
