//! Where the libraries put temporary files: /tmp is read-only here.
#![allow(unsafe_code, reason = "changes the environment")]

use std::ffi::OsString;
use std::path::Path;

const VARIABLE: &str = "TMPDIR";

/// Points `TMPDIR` there.
pub fn point_to(directory: &Path) {
    // SAFETY: the process has one thread: it has just been forked, or rpm and the scriptlets are done.
    unsafe { std::env::set_var(VARIABLE, directory) };
}

/// Forgets the place: for scriptlets, which see another root, it has no meaning. Called when rpm is about to run; before
/// that libdnf5 puts the keys of the repositories there. The result is for [`restore`].
pub fn forget() -> Option<OsString> {
    let place = std::env::var_os(VARIABLE);
    // SAFETY: the one other thread is libdnf5's, which copies the scriptlets' output out of a pipe and reads no variable.
    unsafe { std::env::remove_var(VARIABLE) };
    place
}

/// Points there again, when rpm is done.
pub fn restore(place: Option<OsString>) {
    if let Some(place) = place {
        point_to(place.as_ref());
    }
}
