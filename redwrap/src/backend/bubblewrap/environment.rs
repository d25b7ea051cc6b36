//! The environment that bubblewrap itself is started with.
//!
//! bubblewrap changes its environment and the kernel goes on showing the one that it was started with: its init is process 1
//! of the sandbox, and whoever is inside reads `/proc/1/environ`. So bubblewrap is given what the program may have, and
//! nothing that a config sets, which would steer it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use redpak::plan::{Operation, Plan};

/// `KEY=VALUE` of what is left of `callers` when the plan inherits it; nothing when it starts empty.
pub fn of(plan: &Plan, callers: impl Iterator<Item = (OsString, OsString)>) -> Vec<OsString> {
    if plan
        .steps
        .iter()
        .any(|step| step.operation == Operation::ClearEnvironment)
    {
        return Vec::new();
    }
    let changed: BTreeSet<&OsStr> = plan.steps.iter().filter_map(|step| key(&step.operation)).collect();
    callers
        .filter(|(key, _)| !changed.contains(key.as_os_str()))
        .map(|(mut pair, value)| {
            pair.push("=");
            pair.push(value);
            pair
        })
        .collect()
}

fn key(operation: &Operation) -> Option<&OsStr> {
    match operation {
        Operation::SetEnvironment { key, .. } | Operation::UnsetEnvironment(key) => Some(key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redpak::plan::{Preparation, Step};

    fn left(operations: Vec<Operation>) -> Vec<OsString> {
        let origin = String::new;
        let plan = Plan {
            preparation: Preparation::default(),
            steps: operations
                .into_iter()
                .map(|operation| Step {
                    operation,
                    origin: origin(),
                })
                .collect(),
            program: vec!["true".into()],
        };
        let callers = [("A", "1"), ("B", "2"), ("C", "3")];
        of(
            &plan,
            callers.into_iter().map(|(key, value)| (key.into(), value.into())),
        )
    }

    #[test]
    fn what_the_program_does_not_get_is_not_shown() {
        let changes = vec![
            Operation::UnsetEnvironment("A".into()),
            Operation::SetEnvironment {
                key: "B".into(),
                value: "new".into(),
            },
        ];
        assert_eq!(left(changes.clone()), ["C=3"]);
        assert_eq!(left(vec![]).len(), 3);
        assert!(left([vec![Operation::ClearEnvironment], changes].concat()).is_empty());
    }
}
