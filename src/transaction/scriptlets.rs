//! What packages want to run while they are installed or removed.

use super::item::Identity;
use crate::package::{Package, Scriptlet};

/// A package with scriptlets or triggers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// Which one.
    pub package: Identity,
    /// What it runs.
    pub scriptlets: Vec<Scriptlet>,
}

/// The packages of a transaction that bring scriptlets, with their names.
pub fn present<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Vec<Runs> {
    let runs = |package: &Package| Runs {
        package: package.into(),
        scriptlets: package.scriptlets.clone(),
    };
    packages
        .into_iter()
        .filter(|package| !package.scriptlets.is_empty())
        .map(runs)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::package;
    use super::*;

    #[test]
    fn only_packages_with_scriptlets_are_listed() {
        let quiet = package("quiet-1-1", Vec::new());
        let loud = Package {
            scriptlets: vec![Scriptlet::PostInstall, Scriptlet::PreUninstall],
            ..package("loud-1-1", Vec::new())
        };
        let runs = present([&quiet, &loud]);
        assert_eq!(
            runs,
            [Runs {
                package: (&loud).into(),
                scriptlets: loud.scriptlets.clone()
            }]
        );
    }
}
