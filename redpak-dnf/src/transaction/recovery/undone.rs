//! What of a plan the rpmdb does not show.

use std::collections::HashSet;

use redpak::package::Package;

use crate::transaction::journal::{Inbound, Outbound, Plan, nevra};

/// What a transaction left undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Packages that did not come.
    pub missing: Vec<Inbound>,
    /// Packages that did not go, and the numbers of their headers now.
    pub left: Vec<(Outbound, u32)>,
}

impl Undone {
    /// Compares a plan with what the leaf's rpmdb holds now.
    ///
    /// Numbers are only looked at where a package takes its own place: `rpm --rebuilddb` gives new ones.
    pub fn of(plan: &Plan, own: &[Package]) -> Self {
        let going: HashSet<&str> = plan.outbound.iter().map(|package| package.nevra.as_str()).collect();
        let coming: HashSet<&str> = plan.inbound.iter().map(|package| package.nevra.as_str()).collect();
        let is_new = |package: &Package, name: &str| {
            coming.contains(name) && (package.header_number > plan.highest || !going.contains(name))
        };
        let named: Vec<(String, &Package)> = own.iter().map(|package| (nevra(package), package)).collect();
        let came: HashSet<&str> = named
            .iter()
            .filter(|(name, package)| is_new(package, name))
            .map(|(name, _)| name.as_str())
            .collect();
        let missing = plan.inbound.iter().filter(|package| !came.contains(&*package.nevra));
        let left = plan.outbound.iter().flat_map(|outbound| {
            let still = named
                .iter()
                .filter(|(name, package)| *name == outbound.nevra && !is_new(package, name));
            still.map(|(_, package)| (outbound.clone(), package.header_number))
        });
        Self {
            missing: missing.cloned().collect(),
            left: left.collect(),
        }
    }

    /// All was done.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.left.is_empty()
    }

    /// Numbers of the packages that are there still, and whose place one of these was to take.
    pub fn left_for(&self, inbound: &[Inbound]) -> HashSet<u32> {
        let is_for = |outbound: &Outbound| {
            let by = outbound.replaced_by.as_ref();
            by.is_some_and(|by| inbound.iter().any(|package| package.nevra == *by))
        };
        let left = self.left.iter().filter(|(outbound, _)| is_for(outbound));
        left.map(|(_, number)| *number).collect()
    }

    /// Leaves out the packages that cannot come, and lets those stay whose place they would take.
    pub fn without(mut self, lost: &[Inbound]) -> Self {
        let kept = self.left_for(lost);
        self.missing.retain(|package| !lost.contains(package));
        self.left.retain(|(_, number)| !kept.contains(number));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::journal::{Before, State, VERSION};

    fn installed(name: &str, version: &str, number: u32) -> Package {
        Package {
            name: name.into(),
            epoch: None,
            version: version.into(),
            release: "1".into(),
            arch: Some("noarch".into()),
            header_number: number,
            header_digest: None,
            signed: false,
            provides: Vec::new(),
            requires: Vec::new(),
            conflicts: Vec::new(),
            obsoletes: Vec::new(),
            files: Vec::new(),
            scriptlets: Vec::new(),
            expands_macros: false,
        }
    }

    /// `comes` and `(goes, for)`, full names.
    fn plan(comes: &[&str], goes: &[(&str, Option<&str>)]) -> Plan {
        Plan {
            version: VERSION,
            command: String::new(),
            highest: 5,
            inbound: comes
                .iter()
                .map(|name| Inbound {
                    nevra: (*name).into(),
                    digest: None,
                    path: "/x".into(),
                    files: Vec::new(),
                })
                .collect(),
            outbound: goes
                .iter()
                .map(|(name, by)| Outbound {
                    nevra: (*name).into(),
                    replaced_by: by.map(Into::into),
                })
                .collect(),
            state: State::default(),
            before: Before::new(),
        }
    }

    fn names(undone: &Undone) -> (Vec<&str>, Vec<(&str, u32)>) {
        let missing = undone.missing.iter().map(|package| &*package.nevra).collect();
        let left = undone
            .left
            .iter()
            .map(|(package, number)| (&*package.nevra, *number))
            .collect();
        (missing, left)
    }

    #[test]
    fn what_the_rpmdb_shows_decides() {
        type Case<'c> = (&'c [(&'c str, &'c str, u32)], &'c [&'c str], &'c [(&'c str, u32)]);
        let upgrade = plan(&["a-2-1.noarch"], &[("a-1-1.noarch", Some("a-2-1.noarch"))]);
        let cases: [Case<'_>; 4] = [
            // Not begun; both there; done; done, and the database was rebuilt.
            (&[("a", "1", 5)], &["a-2-1.noarch"], &[("a-1-1.noarch", 5)]),
            (&[("a", "1", 5), ("a", "2", 6)], &[], &[("a-1-1.noarch", 5)]),
            (&[("a", "2", 6)], &[], &[]),
            (&[("a", "2", 1)], &[], &[]),
        ];
        for (own, missing, left) in cases {
            let own: Vec<Package> = own
                .iter()
                .map(|(name, version, number)| installed(name, version, *number))
                .collect();
            let undone = Undone::of(&upgrade, &own);
            assert_eq!(names(&undone), (missing.to_vec(), left.to_vec()), "{own:?}");
        }
    }

    #[test]
    fn a_reinstalled_package_is_told_from_itself() {
        let reinstall = plan(&["a-1-1.noarch"], &[("a-1-1.noarch", Some("a-1-1.noarch"))]);
        let old = || installed("a", "1", 5);
        let new = || installed("a", "1", 6);
        let undone = |own: &[Package]| Undone::of(&reinstall, own);
        assert_eq!(
            names(&undone(&[old()])),
            (vec!["a-1-1.noarch"], vec![("a-1-1.noarch", 5)])
        );
        assert_eq!(names(&undone(&[old(), new()])), (vec![], vec![("a-1-1.noarch", 5)]));
        assert!(undone(&[new()]).is_empty());
    }

    #[test]
    fn another_package_under_an_old_number_stays() {
        // A rebuilt database numbers anew: 5 is another package now.
        let removal = plan(&[], &[("a-1-1.noarch", None)]);
        assert!(Undone::of(&removal, &[installed("b", "1", 5)]).is_empty());
    }

    #[test]
    fn what_cannot_come_takes_no_place() {
        let both = plan(
            &["a-2-1.noarch", "b-2-1.noarch"],
            &[
                ("a-1-1.noarch", Some("a-2-1.noarch")),
                ("b-1-1.noarch", Some("b-2-1.noarch")),
                ("c-1-1.noarch", None),
            ],
        );
        let own = [("a", 1), ("b", 2), ("c", 3)].map(|(name, number)| installed(name, "1", number));
        let undone = Undone::of(&both, &own).without(&both.inbound[..1]);
        assert_eq!(
            names(&undone),
            (vec!["b-2-1.noarch"], vec![("b-1-1.noarch", 2), ("c-1-1.noarch", 3)])
        );
    }
}
