//! The family view: one cached rpmdb that shows the packages of a whole family.
//!
//! libdnf5 reads a single rpmdb, so the solver is given this one in place of the leaf's. It is made in two layers:
//!
//! * a *base* holds the ancestors' packages, core OS included. It is made anew only when one of them changes, and the
//!   leaves below the same ancestors share it;
//! * the *view* is a copy of the base with the leaf's packages added. A changed leaf costs no more than that.
//!
//! The leaf's packages keep their header numbers, because rpm removes packages by number: a transaction that is
//! resolved on the view is carried out on the leaf's own rpmdb. The ancestors' numbers are shifted beyond
//! [`numbering::FIRST_ANCESTOR`].
//!
//! librpm's API cannot add a header under a given number, so the rows are copied by sqlite itself, which is also much
//! faster. An rpmdb in another format, or with other tables than this librpm's, goes through rpmtsImportHeader first.

use librpm::{Engine, MacroGuard};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use redpak::package::Origin;
use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::node_database::NodeDatabase;

mod assembly;
mod cache;
mod key;
mod lookup;
mod numbering;
mod source;

use cache::{Cache, Slot};
use key::Key;
pub use lookup::Lookup;
use numbering::Numbering;

/// How often a build is tried anew when a database of the family changes meanwhile.
const ATTEMPTS: usize = 5;

/// Where family views are kept. Everything in there can be deleted at any time while no view is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewCaches {
    /// For the views of one leaf, usually inside that leaf.
    pub views: PathBuf,
    /// For the bases, which the leaves of one owner may share.
    pub bases: PathBuf,
}

/// What it took to open a family view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// Nothing: the cached view was up to date.
    Reused,
    /// The leaf's packages were added to a cached base.
    LeafAdded,
    /// The ancestors had changed, or it is the first time.
    Built,
}

/// A family view. While this exists nobody removes its files.
#[derive(Debug)]
pub struct FamilyView {
    slot: Slot,
    numbering: Numbering,
    work: Work,
    /// Holds the view's files when no cache can.
    temporary: Option<TempDir>,
}

impl FamilyView {
    /// Opens the view of a family from the cache, or builds it.
    ///
    /// `ancestors` begin with the leaf's parent and end with the core OS. A cache that is damaged, belongs to somebody
    /// else or cannot be written is not used: the view is then built in a temporary directory and goes away with it.
    pub fn open_or_build(
        engine: &Engine,
        leaf: &NodeDatabase,
        ancestors: &[NodeDatabase],
        caches: &ViewCaches,
    ) -> Result<Self> {
        let views = Cache::open(&caches.views)?;
        let bases = Cache::open(&caches.bases)?;
        for _ in 0..ATTEMPTS {
            let key = Key::of_view(leaf, ancestors)?;
            let mut view = Self::open_or_build_once(engine, leaf, ancestors, &views, &bases, &key)?;
            if view.work == Work::Reused || Key::of_view(leaf, ancestors)? == key {
                view.temporary = views.into_temporary();
                return Ok(view);
            }
        }
        Err(Error::Busy {
            directory: leaf.directory().into(),
        })
    }

    fn open_or_build_once(
        engine: &Engine,
        leaf: &NodeDatabase,
        ancestors: &[NodeDatabase],
        views: &Cache,
        bases: &Cache,
        key: &Key,
    ) -> Result<Self> {
        if let Some((slot, numbering)) = views.find(key)? {
            return Ok(Self {
                slot,
                numbering,
                work: Work::Reused,
                temporary: None,
            });
        }
        // The view's lock comes before the base's everywhere, so two builds cannot wait for each other.
        let views_lock = views.lock("view.lock")?;
        if let Some((slot, numbering)) = views.find(key)? {
            return Ok(Self {
                slot,
                numbering,
                work: Work::Reused,
                temporary: None,
            });
        }
        let (base, ancestor_numbers, base_was_built) = open_or_build_base(engine, ancestors, bases)?;
        let (slot, numbering) = views.build(&views_lock, key, |directory| {
            assembly::add_leaf(engine, base.path(), &ancestor_numbers, leaf, directory)
        })?;
        let work = if base_was_built { Work::Built } else { Work::LeafAdded };
        Ok(Self {
            slot,
            numbering,
            work,
            temporary: None,
        })
    }

    /// A view without some of its packages, for a transaction that shall not see them. It is temporary.
    pub fn without(&self, header_numbers: &[u32]) -> Result<Self> {
        let (slot, temporary) = cache::copy_of(&self.slot)?;
        assembly::remove(slot.path(), header_numbers)?;
        Ok(Self {
            slot,
            numbering: self.numbering.clone(),
            work: Work::Built,
            temporary: Some(temporary),
        })
    }

    /// The folder of the view's rpmdb.
    pub fn directory(&self) -> &Path {
        self.slot.path()
    }

    /// Whether it goes away with this value, because no cache could hold it.
    pub fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// What it took to open it.
    pub fn work(&self) -> Work {
        self.work
    }

    /// Whose package stands in the view under this number.
    pub fn origin(&self, header_number: u32) -> Option<Origin> {
        self.numbering.origin(header_number)
    }

    /// The number under which a node's package stands in the view.
    pub fn number_of(&self, origin: Origin) -> Option<u32> {
        self.numbering.number_of(origin)
    }

    /// The highest header number that a node had when the view was made; 0 when it had no package.
    pub fn highest_of(&self, node: usize) -> u32 {
        self.numbering.highest_of(node)
    }

    /// The value of `_dbpath` that leads to the view in a transaction with root `root`.
    pub fn dbpath_below(&self, root: &Path) -> OsString {
        dbpath_below(self.directory(), root)
    }

    /// Makes librpm open the view instead of the node's own rpmdb, until the guard is dropped.
    ///
    /// Nothing but the packages moves: rpm's locks and its keys stay where the node has them, so that other programs
    /// of rpm are excluded from the node as they always are.
    pub fn push_dbpath<'e>(&self, engine: &'e Engine, root: &Path) -> Result<ViewGuard<'e>> {
        let macros = engine.macros();
        let mut pinned = Vec::new();
        for name in ["_rpmlock_path", "_keyringpath", "_keyring_lockpath"] {
            if macros.is_defined(name)? {
                let value = macros.expand(format!("%{{{name}}}"))?;
                pinned.push(macros.push_global(name, value)?);
            }
        }
        let dbpath = macros.push_global("_dbpath", self.dbpath_below(root))?;
        Ok(ViewGuard { dbpath, pinned })
    }
}

/// While it lives, librpm opens a family view. Dropping it is what lets a transaction write to the node's own rpmdb.
#[must_use = "dropping the guard makes librpm open the node's own rpmdb"]
#[derive(Debug)]
pub struct ViewGuard<'e> {
    // Dropped first: the places pinned below are those of the node's own rpmdb anyway.
    dbpath: MacroGuard<'e>,
    #[expect(dead_code, reason = "held for their effect on drop")]
    pinned: Vec<MacroGuard<'e>>,
}

impl ViewGuard<'_> {
    /// What `_dbpath` is.
    pub fn dbpath(&self) -> &std::ffi::OsStr {
        self.dbpath.value()
    }

    /// Leads librpm back to the node's own rpmdb.
    pub fn pop(self) {}
}

/// The base for these ancestors, its numbering, and whether it had to be built.
fn open_or_build_base(engine: &Engine, ancestors: &[NodeDatabase], bases: &Cache) -> Result<(Slot, Numbering, bool)> {
    let key = Key::of_base(ancestors)?;
    if let Some((slot, numbering)) = bases.find(&key)? {
        return Ok((slot, numbering, false));
    }
    let lock = bases.lock("base.lock")?;
    if let Some((slot, numbering)) = bases.find(&key)? {
        return Ok((slot, numbering, false));
    }
    let build = |directory: &Path| assembly::base(engine, ancestors, directory);
    let (slot, numbering) = bases.build(&lock, &key, build)?;
    Ok((slot, numbering, true))
}

/// librpm puts `root` in front of `_dbpath` and tidies the result as text, so a folder elsewhere is reached by going
/// up first. The way up must not begin at `/`: librpm tidies `_dbpath` by itself too, and nothing is above that.
pub fn dbpath_below(directory: &Path, root: &Path) -> OsString {
    if let Ok(inside) = directory.strip_prefix(root) {
        return Path::new("/").join(inside).into();
    }
    // libsolv, which reads the database for libdnf5, puts no slash between root and `_dbpath`: `./` is right with and without.
    let mut dbpath = OsString::from("./");
    for _ in root.components().skip(1) {
        dbpath.push("../");
    }
    dbpath.push(directory.strip_prefix("/").unwrap_or(directory));
    dbpath
}

#[cfg(test)]
mod tests {
    use super::dbpath_below;
    use std::path::Path;

    #[test]
    fn a_view_is_reached_from_inside_and_outside_the_root() {
        for (directory, root, expected) in [
            ("/srv/leaf/var/cache/v", "/srv/leaf", "/var/cache/v"),
            ("/srv/leaf/var/cache/v", "/", "/srv/leaf/var/cache/v"),
            ("/tmp/v", "/srv/leaf", "./../../tmp/v"),
            ("/srv/leaf2/v", "/srv/leaf", "./../../srv/leaf2/v"),
        ] {
            assert_eq!(dbpath_below(Path::new(directory), Path::new(root)), expected);
        }
    }
}
