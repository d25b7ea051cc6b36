//! The environment of the program.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use crate::expand::Command;
use crate::merge::{Entry, MergedVariable, Origin, VariableValue};
use crate::plan::Operation;
use crate::plan::build::Builder;

/// Adds the variables; they start from nothing unless `inherit-env`.
pub fn add(builder: &mut Builder<'_>) {
    match &builder.merged.tags.inherit_env {
        Some(entry) if entry.value => {}
        Some(entry) => builder.step(Operation::ClearEnvironment, &entry.origin),
        None => builder.step_because(Operation::ClearEnvironment, "the environment starts empty"),
    }
    for entry in &builder.merged.environ {
        if let Some(operation) = operation(builder, entry) {
            builder.step(operation, &entry.origin);
        }
    }
}

fn operation(builder: &mut Builder<'_>, entry: &Entry<MergedVariable>) -> Option<Operation> {
    let key = OsString::from(&entry.value.key);
    let value = match &entry.value.value {
        VariableValue::Text(text) => text.clone(),
        VariableValue::Command(command) => command_value(builder, &entry.value.key, command, &entry.origin)?,
        VariableValue::Inherit => builder.facts.environment.get(&key)?.clone(),
        VariableValue::Remove => return Some(Operation::UnsetEnvironment(key)),
    };
    Some(Operation::SetEnvironment { key, value })
}

fn command_value(builder: &mut Builder<'_>, key: &str, command: &Command, origin: &Origin) -> Option<OsString> {
    let mut bytes = builder.output(key, command, origin)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    if bytes.contains(&0) {
        builder.error(
            key,
            "the command printed a NUL byte, which no variable can hold",
            origin,
        );
        return None;
    }
    Some(OsString::from_vec(bytes))
}

/// Adds PATH and LD_LIBRARY_PATH, where a node sets them.
pub fn add_paths(builder: &mut Builder<'_>) {
    let tags = &builder.merged.tags;
    for (key, entries) in [("PATH", &tags.path), ("LD_LIBRARY_PATH", &tags.ldpath)] {
        if let Some(first) = entries.first() {
            let operation = Operation::SetEnvironment {
                key: key.into(),
                value: joined(entries),
            };
            builder.step(operation, &first.origin);
        }
    }
}

fn joined(entries: &[Entry<PathBuf>]) -> OsString {
    let parts: Vec<&[u8]> = entries
        .iter()
        .map(|entry| OsStr::as_bytes(entry.value.as_os_str()))
        .collect();
    OsString::from_vec(parts.join(&b':'))
}

impl Builder<'_> {
    /// What a command printed; a failure is noted.
    pub(super) fn output(&mut self, key: &str, command: &Command, origin: &Origin) -> Option<Vec<u8>> {
        match self.facts.outputs.get(command) {
            Some(Ok(bytes)) => return Some(bytes.clone()),
            Some(Err(reason)) => {
                let error = crate::expand::ExpandError::Command {
                    command: command.text.clone(),
                    reason: reason.clone(),
                };
                self.error(key, error.to_string(), origin);
            }
            None => self.error(key, "the output of the command was not gathered", origin),
        }
        None
    }
}
