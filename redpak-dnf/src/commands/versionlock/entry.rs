//! Entries of `versionlock.toml` in JSON, with the names that they have there.

use serde::Serialize;

use libdnf5::{VersionlockCondition, VersionlockPackage};

/// An entry.
#[derive(Debug, Serialize)]
pub struct Entry<'e> {
    name: &'e str,
    comment: &'e str,
    conditions: Vec<Condition<'e>>,
}

#[derive(Debug, Serialize)]
struct Condition<'e> {
    key: &'e str,
    comparator: &'e str,
    value: &'e str,
}

impl<'e> From<&'e VersionlockPackage> for Entry<'e> {
    fn from(package: &'e VersionlockPackage) -> Self {
        Self {
            name: &package.name,
            comment: &package.comment,
            conditions: package.conditions.iter().map(Condition::from).collect(),
        }
    }
}

impl<'e> From<&'e VersionlockCondition> for Condition<'e> {
    fn from(condition: &'e VersionlockCondition) -> Self {
        Self {
            key: &condition.key,
            comparator: &condition.comparator,
            value: &condition.value,
        }
    }
}
