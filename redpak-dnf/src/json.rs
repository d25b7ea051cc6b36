//! JSON as dnf5 writes it: two spaces, no space after a colon, slashes escaped.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

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
        writer.write_all(fragment.replace('/', "\\/").as_bytes())
    }
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
}
