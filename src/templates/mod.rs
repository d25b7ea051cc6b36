//! The shipped templates, and how a node's config is made from one.

mod fill;

#[cfg(test)]
mod tests;

pub use fill::{Values, fill};

/// Name and text of each template, sorted by name.
static TABLE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// Names of the shipped templates; `NAME-admin` is the admin config that goes with `NAME`, `main` the main config.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

/// The text of a shipped template.
pub fn get(name: &str) -> Option<&'static str> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
