//! What each key accepts, as a value; the JSON Schema is made from it.

use crate::config::field::Read as _;
use crate::config::record::Key;
use crate::config::{Config, scalar};
use crate::yaml::Value;

/// What a node of a document may be.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Any scalar, kept as text.
    Text,
    /// Text of a certain form.
    Pattern {
        /// ECMA 262 regular expression, anchored.
        pattern: &'static str,
        /// The form in words.
        description: &'static str,
    },
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// One of these words, in any case.
    Words(Vec<String>),
    /// Any of these.
    Either(Vec<Shape>),
    /// A list of these.
    List(Box<Shape>),
    /// A mapping with known keys.
    Record(Vec<Key>),
}

/// The JSON Schema (draft 2020-12) of a config file.
///
/// It completes and checks in editors; the loader knows more, for example that keys may be written in any case.
pub fn json_schema() -> Value {
    let Value::Map(body) = Config::shape().to_schema() else {
        return Value::Map(Vec::new());
    };
    let head = [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", "red-pak node configuration"),
        (
            "description",
            "etc/redpack.yaml and etc/redpack-admin.yaml of a node, and the main config",
        ),
    ];
    let head = head.into_iter().map(|(key, text)| (key.to_owned(), Value::text(text)));
    Value::Map(head.chain(body).collect())
}

impl Shape {
    fn to_schema(&self) -> Value {
        match self {
            Self::Text => one("type", types(&["string", "number", "boolean"])),
            Self::Pattern { pattern, description } => Value::map([
                ("type", types(&["string", "number"])),
                ("pattern", Value::text(*pattern)),
                ("description", Value::text(*description)),
            ]),
            Self::Integer => one("type", Value::text("integer")),
            Self::Boolean => boolean(),
            Self::Words(words) => one("enum", Value::List(words.iter().map(Value::text).collect())),
            Self::Either(shapes) => one("anyOf", Value::List(shapes.iter().map(Self::to_schema).collect())),
            Self::List(items) => Value::map([("type", types(&["array", "null"])), ("items", items.to_schema())]),
            Self::Record(keys) => record(keys),
        }
    }
}

fn one(key: &str, value: Value) -> Value {
    Value::map([(key, value)])
}

fn types(names: &[&str]) -> Value {
    Value::List(names.iter().map(|name| Value::text(*name)).collect())
}

/// The words of YAML 1.1 arrive as text in readers of YAML 1.2.
fn boolean() -> Value {
    let words = scalar::TRUE
        .iter()
        .chain(&scalar::FALSE)
        .filter(|word| word.parse::<i64>().is_err());
    let values = [
        Value::Boolean(true),
        Value::Boolean(false),
        Value::Integer(1),
        Value::Integer(0),
    ];
    one(
        "enum",
        Value::List(values.into_iter().chain(words.map(|word| Value::text(*word))).collect()),
    )
}

fn record(keys: &[Key]) -> Value {
    let required = keys.iter().filter(|key| key.required).map(|key| Value::text(key.name));
    let properties = keys.iter().map(|key| (key.name, property(key)));
    Value::map([
        (
            "type",
            if keys.iter().any(|key| key.required) {
                Value::text("object")
            } else {
                types(&["object", "null"])
            },
        ),
        ("additionalProperties", Value::Boolean(false)),
        ("required", Value::List(required.collect())),
        ("properties", Value::map(properties)),
    ])
}

/// A key without a value counts as not there, so optional keys may be null.
fn property(key: &Key) -> Value {
    let schema = match key.shape.to_schema() {
        schema if key.required => schema,
        Value::Map(fields) if matches!(key.shape, Shape::List(_) | Shape::Record(_)) => Value::Map(fields),
        schema => one("anyOf", Value::List(vec![schema, one("type", Value::text("null"))])),
    };
    let Value::Map(mut fields) = schema else { return schema };
    fields.retain(|(name, _)| name != "description");
    fields.insert(0, ("description".to_owned(), Value::text(key.description)));
    Value::Map(fields)
}
