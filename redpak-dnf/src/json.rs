//! JSON as dnf5 writes it: two spaces, no space after a colon, slashes escaped. Characters that could steer a terminal or hide
//! text are escaped too; who reads the JSON sees no difference.

use std::io::{self, Write};

use anyhow::Result;
use redpak::display;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

mod package;
mod text;

pub use package::{ChangelogEntry, Identity, attribute, changelog};
pub use text::{text, texts};

/// Prints a value on the standard output.
pub fn print(value: &impl Serialize) -> Result<()> {
    let mut text = to_vec(value)?;
    text.push(b'\n');
    Ok(io::stdout().write_all(&text)?)
}

fn to_vec(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Format(PrettyFormatter::new()));
    value.serialize(&mut serializer)?;
    Ok(text)
}

struct Format(PrettyFormatter<'static>);

impl Formatter for Format {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b":")
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for character in fragment.chars() {
            match character {
                '/' => writer.write_all(b"\\/")?,
                deceptive if display::is_deceptive(deceptive) => escape(writer, deceptive)?,
                plain => writer.write_all(plain.encode_utf8(&mut [0; 4]).as_bytes())?,
            }
        }
        Ok(())
    }
}

fn escape<W: ?Sized + Write>(writer: &mut W, character: char) -> io::Result<()> {
    let units = character.encode_utf16(&mut [0; 2]).to_vec();
    units.into_iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_looks_like_dnf5s() {
        let value = serde_json::json!([{"none": [], "url": "file:///a", "values": [1, "b\"\u{1b}"]}]);
        let text = to_vec(&value).expect("a value can be written");
        let expected = "[\n  {\n    \"none\":[],\n    \"url\":\"file:\\/\\/\\/a\",\n    \"values\":[\n      1,\n      \
                        \"b\\\"\\u001b\"\n    ]\n  }\n]";
        assert_eq!(String::from_utf8(text).expect("JSON is UTF-8"), expected);
    }
    #[test]
    fn nothing_steers_a_terminal() {
        let value = "a\u{9b}\u{202e}\u{e0001}\u{7f}ä".to_owned();
        let text = String::from_utf8(to_vec(&value).expect("a value can be written")).expect("JSON is UTF-8");
        assert_eq!(text, r#""a\u009b\u202e\udb40\udc01\u007fä""#);
        assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), value);
    }
}
