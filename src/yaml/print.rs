//! Values to YAML text that reads back to the same values.

use std::fmt::{self, Write as _};

use crate::display;
use crate::yaml::Value;

impl fmt::Display for Value {
    /// Block style, two spaces of indent, a line feed at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(entries) if !entries.is_empty() => map(f, entries, 0, false),
            Self::List(items) if !items.is_empty() => list(f, items, 0),
            flat => {
                inline(f, flat)?;
                writeln!(f)
            }
        }
    }
}

fn map(f: &mut fmt::Formatter<'_>, entries: &[(String, Value)], depth: usize, mut started: bool) -> fmt::Result {
    for (key, value) in entries {
        if !started {
            indent(f, depth)?;
        }
        started = false;
        write_text(f, key)?;
        f.write_str(":")?;
        child(f, value, depth)?;
    }
    Ok(())
}

fn child(f: &mut fmt::Formatter<'_>, value: &Value, depth: usize) -> fmt::Result {
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            writeln!(f)?;
            map(f, entries, depth + 1, false)
        }
        Value::List(items) if !items.is_empty() => {
            writeln!(f)?;
            list(f, items, depth + 1)
        }
        flat => {
            f.write_str(" ")?;
            inline(f, flat)?;
            writeln!(f)
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[Value], depth: usize) -> fmt::Result {
    for item in items {
        indent(f, depth)?;
        f.write_str("-")?;
        match item {
            Value::Map(entries) if !entries.is_empty() => {
                f.write_str(" ")?;
                map(f, entries, depth + 1, true)?;
            }
            other => child(f, other, depth)?,
        }
    }
    Ok(())
}

fn indent(f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    (0..depth).try_for_each(|_| f.write_str("  "))
}

fn inline(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Text(text) => write_text(f, text),
        Value::Integer(number) => write!(f, "{number}"),
        Value::Boolean(boolean) => write!(f, "{boolean}"),
        // The callers print what is not empty in block style.
        Value::List(_) => f.write_str("[]"),
        Value::Map(_) => f.write_str("{}"),
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if is_plain(text) {
        return f.write_str(text);
    }
    f.write_str(&quoted(text))
}

/// Text in double quotes, fit for any place of a document.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if display::is_deceptive(other) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\U{:08X}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Words that any YAML reader, 1.1 or 1.2, takes for this very text.
fn is_plain(text: &str) -> bool {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '$' | '_'));
    let keyword = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    starts_well
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/$_.+@-(){}=,".contains(c))
        && !keyword.iter().any(|word| text.eq_ignore_ascii_case(word))
}
