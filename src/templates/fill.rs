//! Filling in a template.

use std::path::Path;

use crate::display;
use crate::node::{Alias, files};
use crate::yaml::quoted;

/// Ends a line that counts only where the source of its export is there.
const IF_PRESENT: &str = "# if present";

/// What a template leaves open.
pub struct Values<'a> {
    /// Alias of the node.
    pub alias: &'a Alias,
    /// Long name of the node.
    pub name: &'a str,
    /// Free text.
    pub info: &'a str,
    /// Debian's name of the architecture's library directory, for example `x86_64-linux-gnu`.
    pub multiarch: &'a str,
    /// Where rpm looks for its database on the system that the node is for (`%_dbpath`).
    pub rpmdb: &'a Path,
    /// Whether a path exists on that system; a link counts, wherever it leads.
    pub exists: &'a dyn Fn(&Path) -> bool,
}

impl std::fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values")
            .field("alias", self.alias)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The config of a node. A template without any of the words is left as it is, but for lines whose source is missing.
pub fn fill(template: &str, values: &Values<'_>) -> String {
    let mut text = String::with_capacity(template.len());
    for line in template.lines() {
        if is_missing(line, values) {
            text.push_str("  # not on this system: ");
            text.push_str(line.trim_start());
        } else {
            text.push_str(&fill_line(line, values));
        }
        text.push('\n');
    }
    text
}

fn fill_line(line: &str, values: &Values<'_>) -> String {
    let mut line = line.replace("\"@ALIAS@\"", values.alias.as_str());
    for (word, value) in [("\"@NAME@\"", values.name), ("\"@INFO@\"", values.info)] {
        // Characters that no config may hold would make the node unusable.
        line = line.replace(word, &quoted(&value.replace(display::is_deceptive, " ")));
    }
    let multiarch: String = values
        .multiarch
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    line = line.replace("@MULTIARCH@", &multiarch);
    let default = format!("mount: /{},", files::RPMDB);
    line.replace(&default, &format!("mount: {},", quoted(&display::path(values.rpmdb))))
}

fn is_missing(line: &str, values: &Values<'_>) -> bool {
    let Some(entry) = line.trim_end().strip_suffix(IF_PRESENT) else {
        return false;
    };
    mount(entry).is_some_and(|mount| !(values.exists)(Path::new(mount)))
}

/// The mount of an export in flow style, where it is the source too.
fn mount(entry: &str) -> Option<&str> {
    let (_, rest) = entry.split_once("mount: ")?;
    let (mount, _) = rest.split_once(['}', ','])?;
    mount.starts_with('/').then_some(mount)
}
