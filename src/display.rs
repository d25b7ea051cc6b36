//! Text of others shown to a user: nothing in it may steer a terminal or hide what it says.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Whether a character must not be shown as it is: control characters and those that reorder or hide text.
pub fn is_deceptive(character: char) -> bool {
    character.is_control() || is_format(character)
}

/// Nearly everything is plain, and a launch shows much: that is told without decoding.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Invisible characters that change how the text around them is shown (bidirectional controls, zero-width ones).
pub const fn is_format(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Text with deceptive characters escaped as in a Rust string.
pub fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_deceptive(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Bytes as text: what is not UTF-8 becomes `\xNN`, deceptive characters are escaped.
pub fn os(bytes: &OsStr) -> String {
    if let Some(plain) = bytes.to_str().filter(|text| text.bytes().all(is_plain)) {
        return plain.to_owned();
    }
    text(&utf8(bytes))
}

/// Bytes as text: what is not UTF-8 becomes `\xNN`. For what is escaped elsewhere, as JSON is.
pub fn utf8(bytes: &OsStr) -> String {
    let mut shown = String::new();
    for chunk in bytes.as_bytes().utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// A path as text, see [`os`].
pub fn path(path: &Path) -> String {
    os(path.as_os_str())
}
