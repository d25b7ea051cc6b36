//! What packages want to run while they are installed or removed.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt;

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

impl Runs {
    /// Whether any of it runs while packages come and go; `%verifyscript` does not.
    pub fn in_transaction(&self) -> bool {
        self.scriptlets.iter().any(|scriptlet| *scriptlet != Scriptlet::Verify)
    }

    /// Whether a change of other packages can run it.
    pub fn is_trigger(&self) -> bool {
        self.scriptlets.iter().any(|scriptlet| scriptlet.is_trigger())
    }
}

impl fmt::Display for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has", self.package)?;
        let mut names = self.scriptlets.iter().map(|scriptlet| scriptlet.name().display());
        names.try_for_each(|name| write!(f, " %{name}"))
    }
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

/// What an rpmdb may hold after a transaction, and what it has to.
///
/// A scriptlet in rpm's own language runs inside rpm, so what rpm says itself is not enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    may: HashSet<Key>,
    must: HashSet<Key>,
}

/// A package by its content, where librpm has a digest of it.
type Key = (OsString, Option<String>);

impl Expected {
    /// `before`, less what is `going`, and what is `inbound`; the run may stop half-way.
    pub fn new(before: &[Package], going: &[Package], inbound: &[Package]) -> Self {
        let goes: HashSet<Key> = going.iter().map(key).collect();
        Self {
            may: before.iter().chain(inbound).map(key).collect(),
            must: before.iter().map(key).filter(|key| !goes.contains(key)).collect(),
        }
    }

    /// What nobody explains, one line each.
    pub fn differences(&self, after: &[Package]) -> Vec<String> {
        let present: HashSet<Key> = after.iter().map(key).collect();
        let line = |(name, _): &Key, what: &str| format!("{} {what}", name.to_string_lossy());
        let mut lines: Vec<String> = present.difference(&self.may).map(|key| line(key, "appeared")).collect();
        lines.extend(self.must.difference(&present).map(|key| line(key, "vanished")));
        lines.sort();
        lines
    }
}

fn key(package: &Package) -> Key {
    (package.nevra(), package.header_digest.clone())
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
        assert_eq!(runs[0].to_string(), "loud-1-1.noarch has %post %preun");
    }

    #[test]
    fn what_no_package_explains_is_tampering() {
        let with = |name: &str, digest: &str| Package {
            header_digest: Some(digest.into()),
            ..package(name, Vec::new())
        };
        let (stays, goes, comes) = (with("stays-1-1", "1"), with("goes-1-1", "2"), with("comes-1-1", "3"));
        let before = [stays.clone(), goes.clone()];
        let expected = Expected::new(&before, std::slice::from_ref(&goes), std::slice::from_ref(&comes));
        let found = |after: &[Package]| expected.differences(after);
        assert_eq!(found(&[stays.clone(), comes.clone()]), [""; 0]);
        // The run may have stopped half-way.
        assert_eq!(found(&[stays.clone(), goes.clone()]), [""; 0]);
        assert_eq!(found(std::slice::from_ref(&comes)), ["stays-1-1.noarch vanished"]);
        let forged = with("stays-1-1", "9");
        assert_eq!(
            found(&[forged, with("key-1-1", "4")]),
            [
                "key-1-1.noarch appeared",
                "stays-1-1.noarch appeared",
                "stays-1-1.noarch vanished"
            ]
        );
    }

    #[test]
    fn what_runs_when() {
        let cases = [
            (vec![Scriptlet::Verify], false, false),
            (vec![Scriptlet::PostInstall, Scriptlet::Verify], true, false),
            (vec![Scriptlet::Trigger], true, true),
            (vec![Scriptlet::PreTransaction, Scriptlet::FileTrigger], true, true),
            (vec![Scriptlet::TransactionFileTrigger], true, true),
        ];
        for (scriptlets, in_transaction, is_trigger) in cases {
            let runs = Runs {
                package: (&package("p-1-1", Vec::new())).into(),
                scriptlets,
            };
            assert_eq!(
                (runs.in_transaction(), runs.is_trigger()),
                (in_transaction, is_trigger),
                "{runs}"
            );
        }
    }
}
