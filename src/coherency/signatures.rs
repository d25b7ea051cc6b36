//! `signatures`: with gpgcheck, every package is signed by a key of its node or of an ancestor.

use crate::coherency::packages::violation;
use crate::coherency::{Id, Level, Outcome};
use crate::display;

/// What is known about the signatures over a package's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// Good, by a key of the node or an ancestor.
    Good,
    /// There is none.
    Unsigned,
    /// No key of the node or an ancestor made it.
    UnknownKey,
    /// Good, but the key has expired, was revoked, or is not meant for signing.
    NotTrusted,
    /// Wrong, in librpm's words.
    Wrong(String),
}

/// A package by the indexes of its level and in it, and its signature.
pub type PackageSignature = (usize, usize, Signature);

/// Judges the packages of the nodes.
pub fn signatures(family: &[Level], found: &[PackageSignature]) -> Outcome {
    let violations = found.iter().filter_map(|(level, package, signature)| {
        let reason = match signature {
            Signature::Good => return None,
            Signature::Unsigned => "is not signed, and gpgcheck is on".into(),
            Signature::UnknownKey => "is signed by a key that neither the node nor an ancestor has".into(),
            Signature::NotTrusted => "is signed by a key that has expired, was revoked or is not meant for that".into(),
            Signature::Wrong(reason) => format!("has a wrong signature: {}", display::text(reason)),
        };
        let level = &family[*level];
        Some(violation(Id::Signatures, level, &level.packages[*package], reason))
    });
    Outcome::of(violations.collect())
}
