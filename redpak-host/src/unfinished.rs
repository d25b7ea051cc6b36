//! Whether a transaction has begun to change a node and has not come to its end.

use std::path::Path;

use redpak::coherency::Unfinished;
use redpak::node::files;

use crate::lock::{FamilyLock, LockError, Purpose};

/// What lies in a node while it changes: a transaction's journal, and what the root of its scriptlets takes there.
const MARKS: [&str; 2] = [files::JOURNAL, files::OVERLAY];

/// Looks for the marks of a transaction; one that goes on holds the node.
pub fn look(node: &Path) -> Option<Unfinished> {
    is_marked(node).then_some(())?;
    match FamilyLock::try_acquire(&[node.to_path_buf()], Purpose::Read) {
        Err(LockError::Busy(holder)) => Some(Unfinished::Running(holder.to_string())),
        // It may have ended just now. Who cannot lock the node cannot tell.
        _ => is_marked(node).then_some(Unfinished::Interrupted),
    }
}

/// Whether a transaction has begun to change a node, as far as its files tell.
pub(crate) fn is_marked(node: &Path) -> bool {
    MARKS.iter().any(|name| node.join(name).symlink_metadata().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_running_or_interrupted() {
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
        std::fs::remove_file(node.path().join(files::JOURNAL)).unwrap();
        assert_eq!(look(node.path()), None);
        std::fs::create_dir(node.path().join(files::OVERLAY)).unwrap();
        assert_eq!(look(node.path()), Some(Unfinished::Interrupted));
    }
}
