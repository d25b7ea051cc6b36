//! What packages want to run while they are installed or removed.

use super::item::{Nevra, Package};

/// A package with scriptlets or triggers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// Which one.
    pub package: Nevra,
    /// Names of the scriptlets, in the header's order.
    pub scriptlets: Vec<String>,
}

/// The packages of a transaction that bring scriptlets, with their names.
pub fn present<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Vec<Runs> {
    let runs = |package: &Package| Runs {
        package: package.nevra.clone(),
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
            scriptlets: vec!["%post".into(), "%preun".into()],
            ..package("loud-1-1", Vec::new())
        };
        let runs = present([&quiet, &loud]);
        assert_eq!(
            runs,
            [Runs {
                package: loud.nevra.clone(),
                scriptlets: loud.scriptlets.clone()
            }]
        );
    }
}
