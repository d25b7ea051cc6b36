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

/// What a program prints for a terminal: line ends, tabs and plain colours stay; what else would steer the terminal or reorder
/// the text is escaped, and so is what is not UTF-8.
pub fn screen(bytes: &[u8]) -> Vec<u8> {
    let text = utf8(OsStr::from_bytes(bytes));
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(character) = rest.chars().next() {
        let plain = match character {
            '\x1b' => colour(rest).unwrap_or_default(),
            '\n' | '\t' => 1,
            deceptive if is_deceptive(deceptive) => 0,
            other => other.len_utf8(),
        };
        if plain == 0 {
            shown.extend(character.escape_default());
        }
        let length = plain.max(character.len_utf8());
        shown.push_str(&rest[..plain]);
        rest = &rest[length..];
    }
    shown.into_bytes()
}

/// Length of the sequence that a text begins with, where it is one that sets colours and weights, and hides nothing.
fn colour(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let harmless = |number: &str| {
        matches!(
            number,
            "" | "0" | "1" | "2" | "4" | "5" | "7" | "22" | "24" | "25" | "27" | "39"
        ) || matches!(number.parse(), Ok(30..=37 | 90..=97_u8))
    };
    (parameters[end..].starts_with('m') && parameters[..end].split(';').all(harmless)).then_some(2 + end + 1)
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

#[cfg(test)]
mod tests {
    use super::screen;

    #[test]
    fn what_steers_a_terminal_is_escaped_on_it() {
        let cases: [(&[u8], &str); 14] = [
            (b"", ""),
            ("äöü\tb\n".as_bytes(), "äöü\tb\n"),
            (b"\x1b[1;31mred\x1b[0m\x1b[m", "\x1b[1;31mred\x1b[0m\x1b[m"),
            (b"\x1b[2J", "\\u{1b}[2J"),
            (b"\x1b[8mhidden", "\\u{1b}[8mhidden"),
            (b"\x1b[38;5;1m", "\\u{1b}[38;5;1m"),
            (b"\x1b[1", "\\u{1b}[1"),
            (b"\x1b", "\\u{1b}"),
            (b"\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}"),
            (b"a\rb\x08", "a\\rb\\u{8}"),
            ("\u{9b}2J".as_bytes(), "\\u{9b}2J"),
            (b"\x9b2J", "\\x9b2J"),
            ("\u{202e}gpj".as_bytes(), "\\u{202e}gpj"),
            (b"\x00\x7f", "\\u{0}\\u{7f}"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(String::from_utf8(screen(bytes)).unwrap(), expected);
        }
    }
}
