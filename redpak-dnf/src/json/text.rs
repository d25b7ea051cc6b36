//! Text of packages and repositories, which need not be UTF-8 as JSON is.

use std::ffi::{OsStr, OsString};

use redpak::display;

/// Text as it is; a byte that is not UTF-8 becomes `\xNN`.
pub fn text(bytes: impl AsRef<OsStr>) -> String {
    display::utf8(bytes.as_ref())
}

/// See [`text`].
pub fn texts(list: &[OsString]) -> Vec<String> {
    list.iter().map(text).collect()
}
