//! `exports`: what the family exports is there, and nothing leaves its node through a link.

use crate::coherency::{Id, Outcome, Severity, Violation};
use crate::display;
use crate::merge::{Entry, Merged, MergedExport, Target};

/// What is at the source of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// It is there, or a launch makes it: a directory in a node of the family.
    There,
    /// It is missing; a launch leaves it out.
    Missing,
    /// The way leads out of the node that it is in, or to where no ancestor allows it; with the reason.
    Refused(String),
    /// It cannot be looked at, with the reason.
    Untold(String),
}

/// Judges the exports that have a source outside, each by what [`Reached`] says of it.
pub fn exports(merged: &Merged, reached: impl Fn(&Entry<MergedExport>) -> Reached) -> Outcome {
    let with_source = merged
        .exports
        .iter()
        .filter(|entry| matches!(entry.value.target, Target::Path(_)));
    let (mut violations, mut untold) = (Vec::new(), Vec::new());
    for entry in with_source {
        let Target::Path(source) = &entry.value.target else {
            continue;
        };
        let (mount, source) = (display::path(&entry.value.mount), display::path(source));
        let place = &entry.origin;
        let (severity, reason) = match reached(entry) {
            Reached::There => continue,
            Reached::Missing => {
                let reason = format!("{place}: the source {source} of {mount} does not exist, it is left out");
                (Severity::Warning, reason)
            }
            Reached::Refused(reason) => (
                Severity::Error,
                format!("{place}: the source {source} of {mount}: {reason}"),
            ),
            Reached::Untold(reason) => {
                untold.push(format!(
                    "{place}: the source {source} of {mount} cannot be looked at: {reason}"
                ));
                continue;
            }
        };
        let node = place
            .node
            .and_then(|node| merged.nodes.get(node))
            .map(|node| &node.path);
        violations.push(Violation {
            severity,
            ..Violation::error(Id::Exports, node.unwrap_or(&place.file), reason)
        });
    }
    match (Outcome::of(violations), untold.is_empty()) {
        (Outcome::Holds { .. }, false) => Outcome::CouldNotTell {
            reason: untold.join("; "),
        },
        (outcome, _) => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::fixture::{family, merge};

    #[test]
    fn what_an_export_reaches_decides() {
        let config = "exports: [{mode: Public, mount: /in, path: /srv/x}, {mode: Tmpfs, mount: /tmp}]";
        let merged = merge(&family(&[config]), false).unwrap();
        let place = "/pool/n0/redpack.yaml:2:11";
        let judge = |reached: Reached| exports(&merged, |_| reached.clone());
        let violation = |severity, reason: &str| Violation {
            severity,
            ..Violation::error(
                Id::Exports,
                "/pool/n0",
                format!("{place}: the source /srv/x of /in{reason}"),
            )
        };
        assert_eq!(judge(Reached::There), Outcome::Holds { warnings: Vec::new() });
        let missing = violation(Severity::Warning, " does not exist, it is left out");
        assert_eq!(
            judge(Reached::Missing),
            Outcome::Holds {
                warnings: vec![missing]
            }
        );
        let refused = violation(Severity::Error, ": a link leads out");
        assert_eq!(
            judge(Reached::Refused("a link leads out".into())),
            Outcome::Violated(vec![refused])
        );
        let reason = format!("{place}: the source /srv/x of /in cannot be looked at: Permission denied");
        assert_eq!(
            judge(Reached::Untold("Permission denied".into())),
            Outcome::CouldNotTell { reason }
        );
    }
}
