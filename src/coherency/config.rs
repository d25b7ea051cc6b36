//! `config-merge`: the configs of the family obey the rules of the merge.

use crate::coherency::{Id, Outcome, Violation};
use crate::merge::{Finding, Merged};
use crate::node::Family;

/// Judges the result of [`merge`](crate::merge::merge).
pub fn config_merge(family: &Family, merged: &Result<Merged, Vec<Finding>>) -> Outcome {
    match merged {
        Ok(_) => Outcome::of(Vec::new()),
        Err(errors) => Outcome::of(errors.iter().map(|error| violation(family, error)).collect()),
    }
}

/// The node is the one whose config would have to change; the main config belongs to none and stands for itself.
fn violation(family: &Family, error: &Finding) -> Violation {
    let place = error.places.first();
    let node = place
        .and_then(|place| family.nodes.get(place.node?))
        .map(|node| node.path.clone());
    let path = node
        .or_else(|| place.map(|place| place.file.clone()))
        .unwrap_or_default();
    Violation::error(Id::ConfigMerge, path, error.to_string())
}
