//! The rules, in tables.
