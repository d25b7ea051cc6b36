//! Where the libraries put temporary files: /tmp is read-only here.
#![allow(unsafe_code, reason = "changes the environment")]

use std::path::Path;

const VARIABLE: &str = "TMPDIR";

/// Points `TMPDIR` there.
pub fn point_to(directory: &Path) {
    // SAFETY: the process has one thread: it has just been forked.
    unsafe { std::env::set_var(VARIABLE, directory) };
}

/// Forgets the place: for scriptlets, which see another root, it has no meaning.
pub fn forget() {
    // SAFETY: downloads are over, and the run, in which libdnf5 has a thread, has not begun.
    unsafe { std::env::remove_var(VARIABLE) };
}
