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

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn only_what_is_not_utf8_changes() {
        let bytes = b"caf\xe9 \\x41\n\x1b\xc3\xa9\xff";
        assert_eq!(text(OsStr::from_bytes(bytes)), "caf\\xe9 \\x41\n\u{1b}é\\xff");
    }
}
