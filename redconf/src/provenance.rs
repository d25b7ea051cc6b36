//! Merged configs with the history of each entry: as comments for people, as fields for programs.

use redpak::config::{Config, Read};
use redpak::display;
use redpak::location::Located;
use redpak::merge::{Merged, Origin};
use redpak::yaml::Value;

use crate::style::Style;

/// Tags that several nodes make together: what stands beside an entry is not overridden by it.
const ACCUMULATED: [&str; 3] = ["path", "ldpath", "capabilities"];

/// The merged entries of `config`, written or expanded, with their histories:
/// `{admin, nodes, tags, exports, environ, warnings}`.
pub fn value(merged: &Merged, config: &Config) -> Value {
    let tags = tags(config);
    let sections = entries(merged.to_value()).into_iter().map(|(section, value)| {
        let value = match section.as_str() {
            "tags" => Value::Map(
                entries(value)
                    .into_iter()
                    .map(|(key, tag)| with_value(key, tag, &tags))
                    .collect(),
            ),
            "exports" => written(value, &config.exports),
            "environ" => written(value, &config.environ),
            _ => value,
        };
        (section, value)
    });
    Value::Map(sections.collect())
}

fn entries(value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Map(entries) => entries,
        _ => Vec::new(),
    }
}

fn tags(config: &Config) -> Vec<(String, Value)> {
    config
        .tags
        .as_ref()
        .map(|tags| entries(tags.value.print()))
        .unwrap_or_default()
}

fn with_value(key: String, tag: Value, tags: &[(String, Value)]) -> (String, Value) {
    let shown = tags
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.clone());
    let fields = entries(tag).into_iter().map(|(field, value)| match &shown {
        Some(shown) if field == "value" => (field, shown.clone()),
        _ => (field, value),
    });
    let tag = Value::Map(fields.collect());
    (key, tag)
}

/// The entries of a list as the config has them, and the histories that the merge has.
fn written<T: Read>(list: Value, config: &[Located<T>]) -> Value {
    let Value::List(items) = list else { return list };
    let joined = items.into_iter().zip(config).map(|(item, entry)| {
        let history = entries(item).into_iter().filter(|(field, _)| is_history(field));
        Value::Map(entries(entry.value.print()).into_iter().chain(history).collect())
    });
    Value::List(joined.collect())
}

fn is_history(field: &str) -> bool {
    matches!(field, "from" | "overrides")
}

/// The config as YAML, each entry under a comment that says where it comes from.
pub fn text(merged: &Merged, config: &Config, style: Style) -> String {
    let mut text = headers(config);
    let histories = entries(merged.to_value())
        .into_iter()
        .find(|(section, _)| section == "tags");
    let histories = histories.map(|(_, tags)| entries(tags)).unwrap_or_default();
    let tags = tags(config).into_iter().map(|(key, value)| {
        let history = histories.iter().find(|(name, _)| *name == key);
        let comment = history
            .map(|(key, history)| tag_comment(key, history))
            .unwrap_or_default();
        (comment, Value::Map(vec![(key, value)]))
    });
    section(&mut text, "config", tags, style);
    let exports = merged
        .exports
        .iter()
        .map(|entry| comment(&entry.origin, &entry.overrides));
    section(&mut text, "exports", exports.zip(items(&config.exports)), style);
    let environ = merged
        .environ
        .iter()
        .map(|entry| comment(&entry.origin, &entry.overrides));
    section(&mut text, "environ", environ.zip(items(&config.environ)), style);
    text
}

fn headers(config: &Config) -> String {
    Value::map([("headers", config.headers.value.print())]).to_string()
}

/// Each entry as a list of its own: that is how its lines look in the list of all.
fn items<T: Read>(config: &[Located<T>]) -> impl Iterator<Item = Value> {
    config.iter().map(|entry| Value::List(vec![entry.value.print()]))
}

fn section(text: &mut String, name: &str, entries: impl Iterator<Item = (String, Value)>, style: Style) {
    let mut empty = true;
    for (comment, value) in entries {
        if empty {
            text.push_str(&format!("{}:\n", style.strong(name)));
            empty = false;
        }
        text.push_str(&format!("  {}\n", style.faint(&format!("# {comment}"))));
        for line in value.to_string().lines() {
            text.push_str(&format!("  {line}\n"));
        }
    }
}

fn comment(from: &Origin, overrides: &[Origin]) -> String {
    let place = |origin: &Origin| {
        let admin = if origin.admin { " admin" } else { "" };
        format!("{}{admin} {origin}", display::text(&origin.alias))
    };
    joined(&place(from), "overrides", overrides.iter().map(place).collect())
}

fn joined(from: &str, verb: &str, others: Vec<String>) -> String {
    if others.is_empty() {
        from.to_owned()
    } else {
        format!("{from}; {verb} {}", others.join(", "))
    }
}

/// The comment of a tag, whose history the merge gives as a value.
fn tag_comment(key: &str, history: &Value) -> String {
    let fields = entries(history.clone());
    let of = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value);
    let from = of("from").map(value_place).unwrap_or_default();
    let others = match of("overrides") {
        Some(Value::List(others)) => others.iter().map(value_place).collect(),
        _ => Vec::new(),
    };
    let verb = if ACCUMULATED.contains(&key) {
        "together with"
    } else {
        "overrides"
    };
    joined(&from, verb, others)
}

/// `ALIAS [admin] FILE:LINE:COLUMN` of an origin that was printed as a value.
fn value_place(origin: &Value) -> String {
    let fields = entries(origin.clone());
    let field = |name: &str| match fields.iter().find(|(field, _)| field == name).map(|(_, value)| value) {
        Some(Value::Text(text)) => display::text(text),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Boolean(true)) => format!(" {name}"),
        _ => String::new(),
    };
    format!(
        "{}{} {}:{}:{}",
        field("alias"),
        field("admin"),
        field("file"),
        field("line"),
        field("column")
    )
}
