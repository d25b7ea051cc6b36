//! Temporary directories that other users may traverse.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

/// A new empty directory, mode 0755 so that programs of another user can reach what lies in it; removed when the value is dropped.
///
/// # Panics
/// When it cannot be made.
pub fn directory() -> TempDir {
    let directory = tempfile::Builder::new()
        .prefix("redpak-test-")
        .tempdir()
        .expect("make a temporary directory");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))
        .expect("open the temporary directory to others");
    directory
}
