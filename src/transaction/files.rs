//! Places where a file of an inbound package meets a file of an ancestor's package.
//!
//! A family is one root file system cut into nodes: the same path in two of them is one place for rpm, for scriptlets
//! (which see the family merged) and for the search paths of programs. Exports can add more places: `visible_at`
//! tells them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::item::Owner;
use super::refusal::{Reason, Refusal};
use crate::package::{File, Package};

/// The files of one ancestor's packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Whose they are.
    pub owner: Owner,
    /// The packages.
    pub packages: Vec<Package>,
}

/// Who owns which place above the leaf.
#[derive(Debug, Default)]
pub struct Places<'a> {
    taken: HashMap<PathBuf, (&'a Package, &'a Owner)>,
}

impl<'a> Places<'a> {
    /// Every place that packages of `levels` (oldest first) own. `visible_at` gives the places besides the path itself
    /// at which a file of that level is shown.
    pub fn new(levels: &'a [Level], visible_at: &dyn Fn(&Owner, &Path) -> Vec<PathBuf>) -> Self {
        let mut taken = HashMap::new();
        for level in levels {
            for package in &level.packages {
                for file in package.files.iter().filter(|file| is_exclusive(file)) {
                    for place in visible_at(&level.owner, &file.path) {
                        taken.insert(place, (package, &level.owner));
                    }
                    taken.insert(file.path.clone(), (package, &level.owner));
                }
            }
        }
        Self { taken }
    }

    /// The files of `package` that an ancestor's package owns. `visible_at` gives the places besides the path itself
    /// at which a file of the leaf is shown.
    pub fn check(&self, package: &Package, visible_at: &dyn Fn(&Path) -> Vec<PathBuf>) -> Vec<Refusal> {
        package
            .files
            .iter()
            .filter(|file| is_exclusive(file))
            .filter_map(|file| self.meet(package, file, visible_at))
            .collect()
    }

    fn meet(&self, package: &Package, file: &File, visible_at: &dyn Fn(&Path) -> Vec<PathBuf>) -> Option<Refusal> {
        let mut places = std::iter::once(file.path.clone()).chain(visible_at(&file.path));
        places.find_map(|place| {
            let (installed, owner) = self.taken.get(&place)?;
            let reason = Reason::FileOfAncestor {
                place,
                installed: (*installed).into(),
                owner: (*owner).clone(),
            };
            Some(Refusal {
                package: package.into(),
                reason,
            })
        })
    }
}

/// Directories are shared by nature, and a `%ghost` is not shipped.
fn is_exclusive(file: &File) -> bool {
    !file.flags.is_ghost() && !file.is_directory()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{directory, file, ghost, package, parent, symlink};
    use super::*;

    fn levels() -> Vec<Level> {
        let ghost = ghost("/var/log/x");
        let files = vec![
            directory("/usr/share/x"),
            file("/usr/bin/x"),
            symlink("/usr/lib/libx.so", "libx.so.1"),
            ghost,
        ];
        vec![Level {
            owner: parent(),
            packages: vec![package("x-1-1", files)],
        }]
    }

    #[test]
    fn a_file_of_an_ancestor_is_refused_at_the_same_path() {
        let levels = levels();
        let places = Places::new(&levels, &|_, _| Vec::new());
        let cases = [
            (file("/usr/bin/x"), true),
            (symlink("/usr/bin/x", "y"), true),
            (file("/usr/lib/libx.so"), true),
            (directory("/usr/share/x"), false),
            (file("/usr/share/x/y"), false),
            (file("/var/log/x"), false),
            (ghost("/usr/bin/x"), false),
        ];
        for (file, refused) in cases {
            let found = places.check(&package("y-1-1", vec![file.clone()]), &|_| Vec::new());
            assert_eq!(!found.is_empty(), refused, "{file:?}");
        }
        let message = places.check(&package("y-1-1", vec![file("/usr/bin/x")]), &|_| Vec::new())[0].to_string();
        assert_eq!(
            message,
            "y-1-1.noarch owns /usr/bin/x, which x-1-1.noarch of ancestor platform (/pool/platform) owns; use x as it is, or a build with other paths"
        );
    }

    #[test]
    fn exports_add_places() {
        let levels = levels();
        let places = Places::new(&levels, &|_, path| {
            vec![Path::new("/nodes/platform").join(path.strip_prefix("/").unwrap())]
        });
        let shown = |path: &Path| {
            path.strip_prefix("/opt")
                .map(|rest| Path::new("/nodes/platform").join(rest))
                .into_iter()
                .collect()
        };
        assert_eq!(
            places
                .check(&package("y-1-1", vec![file("/opt/usr/bin/x")]), &shown)
                .len(),
            1
        );
        assert_eq!(
            places
                .check(&package("y-1-1", vec![file("/opt/usr/bin/y")]), &shown)
                .len(),
            0
        );
    }
}
