//! Whether a transaction has begun to change a node and has not come to its end.

use std::path::Path;

use redpak::coherency::Unfinished;
use redpak::node::files;

use crate::lock::{FamilyLock, LockError, Purpose};

/// Looks for the journal of a transaction, which is there while files change; a transaction that goes on holds the node.
pub fn look(node: &Path) -> Option<Unfinished> {
    node.join(files::JOURNAL).symlink_metadata().ok()?;
    match FamilyLock::try_acquire(&[node.to_path_buf()], Purpose::Read) {
        Err(LockError::Busy(holder)) => Some(Unfinished::Running(holder.to_string())),
        // It may have ended just now. Who cannot lock the node cannot tell.
        _ => node
            .join(files::JOURNAL)
            .symlink_metadata()
            .ok()
            .map(|_| Unfinished::Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_running_or_interrupted() {
        let node = tempfile::tempdir().unwrap();
        assert_eq!(look(node.path()), None);
        std::fs::write(node.path().join(files::JOURNAL), "").unwrap();
        assert_eq!(look(node.path()), Some(Unfinished::Interrupted));
        let held = FamilyLock::try_acquire(&[node.path().to_path_buf()], Purpose::Change).unwrap();
        let found = look(node.path());
        assert!(
            matches!(&found, Some(Unfinished::Running(who)) if who.contains("which holds")),
            "{found:?}"
        );
        drop(held);
        assert_eq!(look(node.path()), Some(Unfinished::Interrupted));
    }
}
