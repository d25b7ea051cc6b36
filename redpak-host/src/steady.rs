//! Whether the nodes of a family stay as they are while somebody looks at them.
//!
//! A check reads many files, and a transaction may begin in between. What a check finds then is a node that is half
//! changed. So whoever judges a family looks through [`look`], which knows what changed meanwhile.

use std::path::{Path, PathBuf};

use redpak::node::{Family, files};

use crate::{unfinished, verdict};

/// So often a family is looked at that changes each time.
const ATTEMPTS: usize = 3;

/// What tells that a node was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its directory.
    pub node: PathBuf,
    /// Where its rpmdb is, or could be. Every transaction changes the rpmdb or libdnf5's history.
    pub databases: Vec<PathBuf>,
}

impl Watched {
    /// A node whose rpmdb is there, or at one of the usual places.
    pub fn new(node: &Path, rpmdb: Option<&Path>) -> Self {
        let usual = files::RPMDBS
            .iter()
            .chain([&files::DNF_STATE])
            .map(|place| node.join(place));
        Self {
            node: node.to_path_buf(),
            databases: usual.chain(rpmdb.map(|rpmdb| node.join(rpmdb))).collect(),
        }
    }

    /// The nodes of a family, with the rpmdb of each that has one at an unusual place.
    pub fn family(family: &Family, rpmdbs: &[Option<PathBuf>]) -> Vec<Self> {
        let rpmdbs = rpmdbs.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        let nodes = family.nodes.iter().zip(rpmdbs);
        nodes.map(|(node, rpmdb)| Self::new(&node.path, rpmdb)).collect()
    }
}

/// What became of a look at a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Steady<T> {
    /// No transaction changed a node meanwhile.
    Found(T),
    /// A transaction goes on, so nothing can be told.
    Changing(Changing),
}

/// Why nothing can be told of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changing {
    /// The node that is being changed.
    pub node: PathBuf,
    /// Who changes it and what to do.
    pub reason: String,
}

/// Looks at a family, again where a transaction came to its end meanwhile.
pub fn look<T>(nodes: &[Watched], mut look: impl FnMut() -> T) -> Steady<T> {
    let mut changed = None;
    for _ in 0..ATTEMPTS {
        let before = generation(nodes);
        if let Some(changing) = changing(nodes) {
            return Steady::Changing(changing);
        }
        let found = look();
        let after = generation(nodes);
        changed = before.iter().zip(&after).position(|(before, after)| before != after);
        if changed.is_none() {
            return Steady::Found(found);
        }
    }
    let node = changed
        .and_then(|number| nodes.get(number))
        .map(|watched| watched.node.clone());
    Steady::Changing(Changing {
        node: node.unwrap_or_default(),
        reason: format!("was changed {ATTEMPTS} times while it was looked at; try again"),
    })
}

/// A transaction of a node that goes on.
pub fn changing(nodes: &[Watched]) -> Option<Changing> {
    nodes.iter().find_map(|watched| {
        let unfinished = unfinished::look(&watched.node)?;
        unfinished.is_running().then(|| Changing {
            node: watched.node.clone(),
            reason: unfinished.reason(&watched.node),
        })
    })
}

/// For each node, what is another after a transaction.
fn generation(nodes: &[Watched]) -> Vec<String> {
    let state = |database: &PathBuf| verdict::rpmdb_state(database).unwrap_or_else(|error| error.to_string());
    let of_node = |watched: &Watched| {
        let states: Vec<String> = watched.databases.iter().map(state).collect();
        // A journal may come or go with the databases as they are.
        format!("{} {}", states.join(" "), unfinished::is_marked(&watched.node))
    };
    nodes.iter().map(of_node).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs;

    use super::*;
    use crate::lock::{FamilyLock, Purpose};

    fn node() -> (tempfile::TempDir, [Watched; 1]) {
        let node = tempfile::tempdir().unwrap();
        fs::create_dir_all(node.path().join(files::RPMDBS[0])).unwrap();
        let watched = [Watched::new(node.path(), None)];
        (node, watched)
    }

    fn transaction(node: &Path, number: u32) {
        fs::write(
            node.join(files::RPMDBS[0]).join("rpmdb.sqlite"),
            "x".repeat(number as usize),
        )
        .unwrap();
    }

    #[test]
    fn a_transaction_that_ended_meanwhile_is_looked_at_again() {
        let (node, watched) = node();
        let times = Cell::new(0);
        let found = look(&watched, || {
            times.set(times.get() + 1);
            if times.get() == 1 {
                transaction(node.path(), 1);
            }
            times.get()
        });
        assert_eq!(found, Steady::Found(2));
    }

    #[test]
    fn a_transaction_that_began_meanwhile_leaves_nothing_to_tell() {
        let (node, watched) = node();
        let lock = Cell::new(None);
        let found = look(&watched, || {
            lock.set(FamilyLock::try_acquire(&[node.path().to_path_buf()], Purpose::Change).ok());
            fs::write(node.path().join(files::JOURNAL), "").unwrap();
        });
        let Steady::Changing(changing) = found else {
            panic!("{found:?}")
        };
        assert!(
            changing.reason.starts_with("is being changed by "),
            "{}",
            changing.reason
        );
        // An interrupted one is the check's to tell.
        drop(lock.take());
        assert_eq!(look(&watched, || 1), Steady::Found(1));
    }

    #[test]
    fn nobody_looks_for_ever() {
        let (node, watched) = node();
        let times = Cell::new(0);
        let found = look(&watched, || {
            times.set(times.get() + 1);
            transaction(node.path(), times.get());
        });
        assert!(matches!(found, Steady::Changing(_)));
        assert_eq!(times.get() as usize, ATTEMPTS);
    }
}
