//! Who needs whom in a family, by librpm's matching.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;

use redpak::coherency::{Level, Need, PackagePlace};
use redpak::package::Dependency;

use crate::dependency_set::{DependencyKind, DependencySet};
use crate::engine::Engine;
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

    /// Who provides a dependency, by a Provides or by a file. A rich dependency is not one thing to provide: nobody.
    pub fn of(&self, dependency: &Dependency) -> Result<Vec<PackagePlace>> {
        let mut found = Vec::new();
        let by_name = self.by_name.get(dependency.name.as_os_str());
        if let Some(provides) = by_name {
            let wanted = DependencySet::single(self.engine, DependencyKind::Requires, dependency)?;
            for (place, provide) in provides {
                if wanted.overlaps(&DependencySet::single(self.engine, DependencyKind::Provides, provide)?) {
                    found.push(*place);
                }
            }
        }
        found.extend(self.by_path.get(Path::new(&dependency.name)).into_iter().flatten());
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// Every need of the family that one package meets. What a rich dependency comes to is librpm's to say, and not told here.
pub fn needs(engine: &Engine, family: &[Level]) -> Result<Vec<Need>> {
    let providers = Providers::new(engine, family);
    let mut needs = Vec::new();
    for (level, of) in family.iter().enumerate() {
        for (index, package) in of.packages.iter().enumerate() {
            for dependency in &package.requires {
                let met = providers.of(dependency)?.into_iter().map(|provider| Need {
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
