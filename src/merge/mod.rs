//! Merging the configs of a family: one small function per rule, each result with where it came from.

mod accumulate;
mod capability;
mod cgroup;
mod column;
mod environ;
mod exports;
mod finding;
#[cfg(test)]
pub(crate) mod fixture;
mod history;
mod layer;
mod list;
mod model;
mod nearest;
mod output;
mod roots;
mod share;
mod tags;
mod unique;

#[cfg(test)]
mod tests;

use std::path::{Component, Path, PathBuf};

pub use finding::{Entry, Finding, Origin};
pub use model::{
    Accounts, ExportRoots, Merged, MergedCapability, MergedCgroup, MergedExport, MergedNode, MergedTags,
    MergedVariable, Places, ShareState, Shares, Target, VariableValue,
};

use crate::expand::{Builtins, Environment, Expander, NodeVariables, Runner};
use crate::node::Family;
use layer::{Layer, layers};

/// What the expansion of a family's texts needs besides the configs.
pub struct Surroundings<'a> {
    /// Facts about the process and the machine.
    pub builtins: &'a Builtins,
    /// The launcher's environment.
    pub environment: &'a Environment,
    /// Runs the commands of `$(…)`.
    pub runner: &'a mut dyn Runner,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("builtins", self.builtins)
            .finish_non_exhaustive()
    }
}

/// What is collected while the rules are applied.
struct Context<'a> {
    expander: Expander<'a>,
    warnings: Vec<Finding>,
    errors: Vec<Finding>,
}

/// Merges the configs of a family; admin configs count in admin mode alone.
///
/// # Errors
/// Everything that breaks a rule or cannot be expanded, each with the places that it concerns.
pub fn merge(family: &Family, admin: bool, surroundings: Surroundings<'_>) -> Result<Merged, Vec<Finding>> {
    let layers = layers(family, admin);
    let mut context = Context::new(family, surroundings);
    aliases(&layers, &mut context);
    let tags = tags::merge(&layers, &mut context);
    let exports = exports::merge(&layers, &mut context);
    let environ = environ::merge(&layers, &mut context);
    let Context { warnings, errors, .. } = context;
    if !errors.is_empty() {
        return Err(errors);
    }
    let nodes = family.nodes.iter().map(MergedNode::of).collect();
    Ok(Merged {
        admin,
        nodes,
        tags,
        exports,
        environ,
        warnings,
    })
}

/// Merges only what decides the user that the program runs as: `UID`, `GID` and `USER` follow from it, and the rest of
/// the merge from them. In these texts they are still those of the launcher.
///
/// # Errors
/// As [`merge`].
pub fn accounts(family: &Family, admin: bool, surroundings: Surroundings<'_>) -> Result<Accounts, Vec<Finding>> {
    let layers = layers(family, admin);
    let mut context = Context::new(family, surroundings);
    let accounts = tags::accounts(&layers, &mut context);
    if context.errors.is_empty() {
        Ok(accounts)
    } else {
        Err(context.errors)
    }
}

/// Merges only what places a node's own data, for programs that work on a node and start nothing in it.
///
/// # Errors
/// As [`merge`].
pub fn places(family: &Family, admin: bool, surroundings: Surroundings<'_>) -> Result<Places, Vec<Finding>> {
    let layers = layers(family, admin);
    let mut context = Context::new(family, surroundings);
    let places = tags::places(&layers, &mut context);
    if context.errors.is_empty() {
        Ok(places)
    } else {
        Err(context.errors)
    }
}

/// An alias is unique within its redpath: mounts and variables are named after it.
fn aliases(layers: &[Layer<'_>], context: &mut Context<'_>) {
    let nodes: Vec<_> = layers
        .iter()
        .filter(|layer| layer.node.is_some() && !layer.admin)
        .collect();
    for (index, layer) in nodes.iter().enumerate() {
        let alias = &layer.config.headers.alias;
        let mut above = nodes[..index].iter().map(|layer| (layer, &layer.config.headers.alias));
        if let Some((other, first)) = above.find(|(_, known)| known.value == alias.value) {
            let message = format!(
                "'{}' is the alias of an ancestor too; give each node of a redpath its own",
                alias.value
            );
            context
                .errors
                .push(Finding::new("alias", message, layer.origin(alias.at)).and(other.origin(first.at)));
        }
    }
}

impl<'a> Context<'a> {
    fn new(family: &Family, surroundings: Surroundings<'a>) -> Self {
        let Surroundings {
            builtins,
            environment,
            runner,
        } = surroundings;
        let leaf = family.leaf().map(NodeVariables::of_node).unwrap_or_default();
        let expander = Expander::new(builtins, environment, leaf, runner);
        Self {
            expander,
            warnings: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Expands a text of a layer; an error is noted under its key.
    fn expand(
        &mut self,
        key: &str,
        text: &crate::location::Located<String>,
        layer: &Layer<'_>,
    ) -> Option<std::ffi::OsString> {
        let expanded = self.expander.expand(text, &layer.variables);
        self.noted(key, expanded, text.at, layer)
    }

    fn noted<T>(
        &mut self,
        key: &str,
        result: Result<T, crate::expand::ExpandError>,
        at: crate::location::Location,
        layer: &Layer<'_>,
    ) -> Option<T> {
        result
            .map_err(|error| self.errors.push(Finding::new(key, error.to_string(), layer.origin(at))))
            .ok()
    }

    fn error(&mut self, key: &str, message: impl Into<String>, origin: Origin) {
        self.errors.push(Finding::new(key, message, origin));
    }
}

/// A path with `//`, `.` and a trailing `/` taken out; `..` stays, since only the kernel knows where it leads.
pub fn clean(path: &Path) -> PathBuf {
    path.components().collect()
}

/// Longest path that the kernel takes: PATH_MAX less the NUL at the end.
const MAX_PATH: usize = 4095;

/// What keeps the kernel from taking a path, wherever it leads.
fn too_long(path: &Path) -> Option<String> {
    (path.as_os_str().len() > MAX_PATH).then(|| format!("the path is longer than {MAX_PATH} bytes"))
}

/// Whether a path may be a place in the sandbox: absolute, and without a way back up.
fn is_place(path: &Path) -> bool {
    path.is_absolute() && !path.components().any(|part| part == Component::ParentDir)
}
