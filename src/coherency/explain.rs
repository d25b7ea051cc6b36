//! Why something is in a family: who provides it, and through which chain it is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::coherency::{Id, Level, Outcome, Severity};
use crate::display;

/// A package by the index of its level, oldest first, and its index there.
pub type Place = (usize, usize);

/// `needer` needs what `provider` provides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Who provides it.
    pub provider: Place,
    /// Who needs it.
    pub needer: Place,
    /// What it needs, as rpm prints it.
    pub dependency: String,
}

/// A package, and who needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The package.
    pub package: Place,
    /// What the package above in the chain gets of it; empty at the top.
    pub dependencies: Vec<String>,
    /// Who needs it, oldest level first.
    pub needed_by: Vec<Reason>,
}

/// The chains above a package. A package that was met on the way up is named and not followed again, so that circles end
/// and what is needed along many ways is told once.
pub fn chains(package: Place, needs: &[Need]) -> Reason {
    let mut above: BTreeMap<Place, BTreeMap<Place, BTreeSet<&str>>> = BTreeMap::new();
    for need in needs.iter().filter(|need| need.provider != need.needer) {
        let needers = above.entry(need.provider).or_default();
        needers.entry(need.needer).or_default().insert(&need.dependency);
    }
    let mut met = BTreeSet::new();
    follow(package, Vec::new(), &above, &mut met)
}

fn follow(
    package: Place,
    dependencies: Vec<String>,
    above: &BTreeMap<Place, BTreeMap<Place, BTreeSet<&str>>>,
    met: &mut BTreeSet<Place>,
) -> Reason {
    let mut needed_by = Vec::new();
    if met.insert(package) {
        for (needer, dependencies) in above.get(&package).into_iter().flatten() {
            let dependencies = dependencies.iter().map(|text| (*text).to_owned()).collect();
            needed_by.push(follow(*needer, dependencies, above, met));
        }
    }
    Reason {
        package,
        dependencies,
        needed_by,
    }
}

/// A package in a chain, for people and programs; bytes that are not UTF-8 are replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// Name-epoch:version-release.arch.
    pub package: String,
    /// Directory of its node.
    pub node: String,
    /// What it gets of the package before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Who needs it.
    #[serde(default)]
    pub needed_by: Vec<Link>,
}

impl Link {
    /// Of a chain in this family.
    pub fn of(reason: &Reason, family: &[Level]) -> Self {
        let (level, index) = reason.package;
        let level = &family[level];
        Self {
            package: level.packages[index].nevra().to_string_lossy().into_owned(),
            node: level.root.to_string_lossy().into_owned(),
            needs: reason.dependencies.clone(),
            needed_by: reason.needed_by.iter().map(|above| Self::of(above, family)).collect(),
        }
    }

    /// Who needs it, a line each, indented by how far up it is.
    pub fn lines(&self) -> Vec<String> {
        above(&self.needed_by)
    }
}

/// The links of a chain above something, a line each, indented by how far up it is.
pub fn above(links: &[Link]) -> Vec<String> {
    let mut lines = Vec::new();
    links.iter().for_each(|link| draw(link, 1, &mut lines));
    lines
}

fn draw(link: &Link, depth: usize, lines: &mut Vec<String>) {
    let needs = link.needs.join(", ");
    lines.push(format!(
        "{}needed by {} in {}: {}",
        "  ".repeat(depth),
        display::text(&link.package),
        display::text(&link.node),
        display::text(&needs)
    ));
    link.needed_by.iter().for_each(|above| draw(above, depth + 1, lines));
}

/// Adds to the errors about packages who needs them; in each check once a package.
pub fn add_chains(outcomes: &mut [(Id, Outcome)], family: &[Level], needs: &[Need]) {
    let mut places: BTreeMap<(PathBuf, OsString), Place> = BTreeMap::new();
    for (level, of) in family.iter().enumerate() {
        for (index, package) in of.packages.iter().enumerate() {
            places.insert((of.root.clone(), package.nevra()), (level, index));
        }
    }
    let mut known: BTreeMap<Place, Vec<Link>> = BTreeMap::new();
    for (_, outcome) in outcomes {
        let Outcome::Violated(violations) = outcome else {
            continue;
        };
        let mut told = BTreeSet::new();
        for violation in violations
            .iter_mut()
            .filter(|violation| violation.severity == Severity::Error)
        {
            let package = violation.package.as_ref().map(OsString::from);
            let place = package.and_then(|package| places.get(&(violation.node.clone(), package)));
            if let Some(place) = place.filter(|place| told.insert(**place)) {
                let chain = || Link::of(&chains(*place, needs), family).needed_by;
                violation.needed_by = known.entry(*place).or_insert_with(chain).clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(provider: usize, needer: usize, dependency: &str) -> Need {
        Need {
            provider: (0, provider),
            needer: (0, needer),
            dependency: dependency.into(),
        }
    }

    /// `1(x,y) 2(z)` for each level of the chain.
    fn shown(reason: &Reason) -> String {
        let above: String = reason.needed_by.iter().map(shown).collect();
        format!("[{}{}{above}]", reason.package.1, reason.dependencies.concat())
    }

    #[test]
    fn chains_lead_up_and_circles_end() {
        let needs = [
            need(1, 2, "a"),
            need(1, 2, "b"),
            need(1, 2, "a"),
            need(2, 3, "c"),
            need(3, 1, "d"),
            need(1, 1, "self"),
            need(9, 8, "other"),
        ];
        assert_eq!(shown(&chains((0, 1), &needs)), "[1[2ab[3c[1d]]]]");
        assert_eq!(shown(&chains((0, 7), &needs)), "[7]");
    }

    #[test]
    fn each_step_of_a_chain_is_indented_further() {
        let link = |package: &str, needs: &[&str], needed_by: Vec<Link>| Link {
            package: package.into(),
            node: "/pool/a".into(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            needed_by,
        };
        let top = link("top-1-1.noarch", &["middle"], Vec::new());
        let other = link("other-1-1.noarch", &["lib"], Vec::new());
        let middle = link("middle-1-1.noarch", &["lib", "lib.so"], vec![top]);
        assert_eq!(
            link("lib-1-1.noarch", &[], vec![middle, other]).lines(),
            [
                "  needed by middle-1-1.noarch in /pool/a: lib, lib.so",
                "    needed by top-1-1.noarch in /pool/a: middle",
                "  needed by other-1-1.noarch in /pool/a: lib",
            ]
        );
    }

    #[test]
    fn what_is_needed_along_two_ways_is_followed_once() {
        let needs = [
            need(1, 2, "a"),
            need(1, 3, "b"),
            need(2, 4, "c"),
            need(3, 4, "d"),
            need(4, 5, "e"),
        ];
        assert_eq!(shown(&chains((0, 1), &needs)), "[1[2a[4c[5e]]][3b[4d]]]");
    }

    #[test]
    fn each_package_in_error_is_explained_once() {
        use std::collections::BTreeSet;

        use super::super::Violation;
        use super::super::package_tests::package;

        let level = Level {
            root: "/pool/a".into(),
            is_core_os: false,
            packages: vec![package("lib", vec![]), package("app", vec![])],
            forced: BTreeSet::new(),
        };
        let about = |package: Option<&str>, severity| Violation {
            package: package.map(str::to_owned),
            severity,
            ..Violation::error(Id::Requires, "/pool/a", String::new())
        };
        let violations = vec![
            about(Some("lib-1-1.noarch"), Severity::Warning),
            about(Some("lib-1-1.noarch"), Severity::Error),
            about(Some("lib-1-1.noarch"), Severity::Error),
            about(Some("unknown-1-1.noarch"), Severity::Error),
            about(None, Severity::Error),
        ];
        let mut outcomes = [
            (Id::Requires, Outcome::Violated(violations)),
            (Id::Duplicates, Outcome::Holds { warnings: Vec::new() }),
        ];
        add_chains(&mut outcomes, &[level], &[need(0, 1, "lib.so")]);
        let Outcome::Violated(violations) = &outcomes[0].1 else {
            panic!("{outcomes:?}");
        };
        let explained: Vec<usize> = violations.iter().map(|violation| violation.needed_by.len()).collect();
        assert_eq!(explained, [0, 1, 0, 0, 0]);
        assert_eq!(violations[1].needed_by[0].package, "app-1-1.noarch");
    }
}
