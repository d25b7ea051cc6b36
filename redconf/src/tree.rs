//! `redconf tree`: the nodes above and below a path.

use std::path::{Path, PathBuf};

use anyhow::Result;
use redpak::display;
use redpak::node::{Node, State};
use redpak::yaml::Value;
use redpak_host::family::{self, Descendants, FamilyError, FamilyErrors};
use redpak_host::report::chain;

use crate::arguments::{Global, Place};
use crate::output::{self, Format};
use crate::style::Style;
use crate::{packages, run};

/// A directory of the tree, and what lies below it.
#[derive(Debug)]
struct Branch {
    path: PathBuf,
    /// `None`: it is no node, only the place that was asked for.
    node: Option<Result<Node, FamilyErrors>>,
    packages: Option<u64>,
    children: Vec<Branch>,
}

/// Draws the tree.
pub fn run(global: &Global, place: &Place) -> Result<()> {
    let path = family::resolve(&run::path(global, place)?)?;
    let (paths, below) = paths(&path)?;
    output::warn(global, below.unreadable.iter().map(|error| chain(error)));
    let root = grow(paths, global)?;
    let text = Format::of(global).text(&root.value()).unwrap_or_else(|| {
        let mut drawing = Drawing {
            text: String::new(),
            asked: path,
            style: Style::of(&std::io::stdout()),
        };
        drawing.root(&root);
        drawing.text
    });
    output::print(&text)
}

/// The path, the nodes that enclose it and those below it, sorted, so that parents come before their children.
fn paths(path: &Path) -> Result<(Vec<PathBuf>, Descendants)> {
    let mut paths = family::enclosing(path)?;
    let below = family::descendants(path)?;
    paths.extend(below.nodes.iter().cloned());
    if paths.is_empty() {
        return Err(FamilyError::NotANode {
            path: path.to_path_buf(),
            above: None,
        }
        .into());
    }
    paths.push(path.to_path_buf());
    paths.sort();
    paths.dedup();
    Ok((paths, below))
}

fn grow(paths: Vec<PathBuf>, global: &Global) -> Result<Branch> {
    let numbers = packages::count(&paths);
    let mut branches = Vec::new();
    for path in paths {
        let node = family::is_node(&path)?.then(|| family::node::load(&path, global.admin.is_some()));
        if let Some(Ok(node)) = &node {
            run::tell_source(global, &node.config);
        }
        let packages = numbers.get(&path).copied();
        branches.push(Branch {
            path,
            node,
            packages,
            children: Vec::new(),
        });
    }
    Ok(nest(branches))
}

/// Puts each branch into the nearest one that its path lies in; the first holds all.
fn nest(mut branches: Vec<Branch>) -> Branch {
    while branches.len() > 1 {
        let Some(last) = branches.pop() else { break };
        let parent = branches
            .iter()
            .rposition(|branch| last.path.starts_with(&branch.path))
            .unwrap_or(0);
        branches[parent].children.insert(0, last);
    }
    branches.remove(0)
}

impl Branch {
    /// `{path, alias, name, info, state, realpath, timestamp, packages, problems, children}`; what is unknown is left
    /// out, and a directory that is no node has only its path and its children.
    fn value(&self) -> Value {
        let mut fields = vec![("path".to_owned(), Value::Text(display::path(&self.path)))];
        let mut put = |key: &str, value: Option<Value>| fields.extend(value.map(|value| (key.to_owned(), value)));
        if let Some(Ok(node)) = &self.node {
            let headers = &node.config.config.headers;
            put("alias", Some(Value::text(headers.alias.as_str())));
            put("name", headers.name.as_ref().map(|name| Value::text(&name.value)));
            put("info", headers.info.as_ref().map(|info| Value::text(&info.value)));
            put("state", Some(Value::text(node.status.state.word())));
            put("realpath", Some(Value::Text(display::path(&node.status.realpath.0))));
            put(
                "timestamp",
                node.status.timestamp.as_ref().map(|time| Value::Integer(time.value)),
            );
        }
        put(
            "packages",
            self.packages
                .and_then(|number| i64::try_from(number).ok())
                .map(Value::Integer),
        );
        if let Some(Err(errors)) = &self.node {
            put(
                "problems",
                Some(Value::List(
                    errors.0.iter().map(|error| Value::Text(chain(error))).collect(),
                )),
            );
        }
        put(
            "children",
            Some(Value::List(self.children.iter().map(Self::value).collect())),
        );
        Value::Map(fields)
    }
}

struct Drawing {
    text: String,
    asked: PathBuf,
    style: Style,
}

impl Drawing {
    fn root(&mut self, root: &Branch) {
        self.line("", &display::path(&root.path), root);
        self.children(root, "");
    }

    fn children(&mut self, branch: &Branch, indent: &str) {
        let last = branch.children.len().saturating_sub(1);
        for (index, child) in branch.children.iter().enumerate() {
            let (fork, deeper) = if index == last {
                ("└── ", "    ")
            } else {
                ("├── ", "│   ")
            };
            let name = child.path.strip_prefix(&branch.path).unwrap_or(&child.path);
            self.line(&format!("{indent}{fork}"), &display::path(name), child);
            self.children(child, &format!("{indent}{deeper}"));
        }
    }

    fn line(&mut self, start: &str, name: &str, branch: &Branch) {
        let name = if branch.path == self.asked {
            self.style.strong(name)
        } else {
            name.to_owned()
        };
        let about = self.about(branch);
        self.text.push_str(&format!("{start}{name} {about}\n"));
        if let Some(Err(errors)) = &branch.node {
            let indent: String = start
                .chars()
                .map(|c| if c == '├' || c == '│' { '│' } else { ' ' })
                .collect();
            for error in &errors.0 {
                self.text.push_str(&format!("{indent}  {}\n", chain(error)));
            }
        }
    }

    /// Alias, state and packages.
    fn about(&self, branch: &Branch) -> String {
        let Some(node) = &branch.node else {
            return self.style.faint("(no node)");
        };
        let Ok(node) = node else {
            return self.style.error("broken");
        };
        let state = node.status.state.value;
        let state = match state {
            State::Enable => self.style.good(state.word()),
            State::Disable | State::Unknown => self.style.warning(state.word()),
            State::Error => self.style.error(state.word()),
        };
        format!("({}) {state}{}", node.alias(), packages::text(branch.packages))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(path: &str) -> Branch {
        Branch {
            path: path.into(),
            node: None,
            packages: None,
            children: Vec::new(),
        }
    }

    #[test]
    fn branches_are_nested_under_the_nearest_above() {
        let paths = ["/p", "/p/a", "/p/a/x/b", "/p/a/x/b/c", "/p/ab"];
        let root = nest(paths.map(branch).into());
        let mut drawing = Drawing {
            text: String::new(),
            asked: "/p/a".into(),
            style: Style::PLAIN,
        };
        drawing.root(&root);
        let expected = "/p (no node)
├── a (no node)
│   └── x/b (no node)
│       └── c (no node)
└── ab (no node)
";
        assert_eq!(drawing.text, expected);
    }
}
