//! Whether a change can break anything in another node, judged by names alone.
//!
//! Most nodes below a changed one have nothing to do with the change. Which ones do is told by the names in the indexes
//! of their rpmdbs, long before a dependency has to be compared. In doubt the answer is yes.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::package::{Dependency, Package};

/// An index of an rpmdb that holds names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameIndex {
    /// What its packages require.
    Requires,
    /// What they conflict with.
    Conflicts,
    /// What they obsolete.
    Obsoletes,
    /// What they provide, their own names included.
    Provides,
    /// Their files' names without the directories.
    BaseNames,
}

impl NameIndex {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Requires,
        Self::Conflicts,
        Self::Obsoletes,
        Self::Provides,
        Self::BaseNames,
    ];
}

/// The names that a change has to do with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// What packages that leave or come are called, provide and own.
    offered: Names,
    /// What packages that come speak of: they conflict with it, obsolete it, take its place.
    spoken_of: Names,
}

impl Touched {
    /// Of packages that leave and packages that come.
    pub fn new<'p>(
        leaving: impl IntoIterator<Item = &'p Package>,
        coming: impl IntoIterator<Item = &'p Package>,
    ) -> Self {
        let mut touched = Self::default();
        for package in leaving {
            touched.offered.add_offered_by(package);
        }
        for package in coming {
            touched.offered.add_offered_by(package);
            touched.spoken_of.add_spoken_of_by(package);
        }
        touched
    }

    /// Whether a node with this name in an index may be broken.
    pub fn touches(&self, index: NameIndex, name: &OsStr) -> bool {
        match index {
            NameIndex::Requires | NameIndex::Conflicts | NameIndex::Obsoletes => {
                words(name).any(|word| self.offered.contain(word))
            }
            NameIndex::Provides => self.spoken_of.contain(name),
            NameIndex::BaseNames => self.spoken_of.base_names.contains(name),
        }
    }

    /// Whether an index has to be looked into at all.
    pub fn concerns(&self, index: NameIndex) -> bool {
        match index {
            NameIndex::BaseNames => !self.spoken_of.base_names.is_empty(),
            NameIndex::Provides => !self.spoken_of.names.is_empty(),
            NameIndex::Requires | NameIndex::Conflicts | NameIndex::Obsoletes => true,
        }
    }
}

/// Names of things, and of files. Files are known by the last part of their paths: the directories may be links.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Names {
    names: HashSet<OsString>,
    base_names: HashSet<OsString>,
}

impl Names {
    fn add_offered_by(&mut self, package: &Package) {
        self.add(&package.name);
        package.provides.iter().for_each(|provided| self.add(&provided.name));
        let names = package.files.iter().filter_map(|file| file.path.file_name());
        self.base_names.extend(names.map(OsStr::to_owned));
    }

    fn add_spoken_of_by(&mut self, package: &Package) {
        // A package of the same name would be taken for an upgrade.
        self.add(&package.name);
        let rich = package.requires.iter().filter(|required| required.is_rich());
        let spoken_of = package.conflicts.iter().chain(&package.obsoletes).chain(rich);
        spoken_of.for_each(|dependency: &Dependency| words(&dependency.name).for_each(|word| self.add(word)));
    }

    fn add(&mut self, name: &OsStr) {
        self.names.insert(name.to_owned());
        self.base_names.extend(base_name(name).map(OsStr::to_owned));
    }

    fn contain(&self, name: &OsStr) -> bool {
        self.names.contains(name) || base_name(name).is_some_and(|name| self.base_names.contains(name))
    }
}

/// The last part of a path; `None` of what is no path.
fn base_name(name: &OsStr) -> Option<&OsStr> {
    let bytes = name.as_bytes();
    let slash = bytes.iter().rposition(|byte| *byte == b'/')?;
    (bytes.first() == Some(&b'/')).then(|| OsStr::from_bytes(&bytes[slash + 1..]))
}

/// The name itself; of a rich dependency the words in it, of which some are names.
fn words(name: &OsStr) -> impl Iterator<Item = &OsStr> {
    let bytes = name.as_bytes();
    let is_rich = bytes.first() == Some(&b'(');
    let parts = bytes.split(move |byte| is_rich && *byte == b' ');
    parts
        .map(move |part| if is_rich { without_parentheses(part) } else { part })
        .map(OsStr::from_bytes)
}

/// Without the parentheses around expressions; those that belong to a name come in pairs, as in `libc.so.6()(64bit)`.
fn without_parentheses(word: &[u8]) -> &[u8] {
    let opening = word.iter().take_while(|byte| **byte == b'(').count();
    let word = &word[opening..];
    let count = |wanted: u8| word.iter().filter(|byte| **byte == wanted).count();
    let surplus = count(b')').saturating_sub(count(b'('));
    &word[..word.len() - surplus]
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{file, package};
    use super::*;
    use crate::package::Comparison;

    fn dependency(name: &str) -> Dependency {
        Dependency {
            name: name.into(),
            comparison: Comparison::Any,
            version: OsString::new(),
            flags: 0,
        }
    }

    fn touched() -> Touched {
        let mut leaves = package("libx-1-1", vec![file("/usr/lib/x/data")]);
        leaves.provides = vec![dependency("libx.so.1()(64bit)")];
        let mut comes = package("new-1-1", Vec::new());
        comes.conflicts = vec![dependency("rival"), dependency("/usr/bin/rival-tool")];
        comes.obsoletes = vec![dependency("older")];
        comes.requires = vec![dependency("plain"), dependency("(with if condition)")];
        Touched::new([&leaves], [&comes])
    }

    #[test]
    fn a_node_is_touched_by_what_it_has_to_do_with_the_change() {
        use NameIndex::{BaseNames, Conflicts, Obsoletes, Provides, Requires};
        let touched = touched();
        for (index, name, expected) in [
            (Requires, "libx", true),
            (Requires, "libx.so.1()(64bit)", true),
            (Requires, "libx.so.2()(64bit)", false),
            (Requires, "/usr/lib/x/data", true),
            (Requires, "/lib/x/data", true),
            (Requires, "/usr/lib/x/other", false),
            (Requires, "data", false),
            (Requires, "(foo or libx)", true),
            (Requires, "(foo if (bar and libx.so.1()(64bit)))", true),
            (Requires, "(foo >= 1 if (bar or baz))", false),
            (Requires, "new", true),
            (Conflicts, "libx", true),
            (Conflicts, "(a unless new)", true),
            (Conflicts, "rival", false),
            (Obsoletes, "new", true),
            (Obsoletes, "other", false),
            (Provides, "rival", true),
            (Provides, "older", true),
            (Provides, "condition", true),
            (Provides, "new", true),
            (Provides, "plain", false),
            (Provides, "libx", false),
            (BaseNames, "rival-tool", true),
            (BaseNames, "rival", false),
        ] {
            assert_eq!(touched.touches(index, OsStr::new(name)), expected, "{index:?} {name}");
        }
    }

    #[test]
    fn what_only_leaves_concerns_nobodys_provides() {
        let touched = Touched::new([&package("libx-1-1", Vec::new())], []);
        let concerned = NameIndex::ALL.into_iter().filter(|index| touched.concerns(*index));
        let expected = [NameIndex::Requires, NameIndex::Conflicts, NameIndex::Obsoletes];
        assert_eq!(concerned.collect::<Vec<_>>(), expected);
    }
}
