//! Aliases: which one a node gets, and that no other node of its redpath has it.

use std::path::{Path, PathBuf};

use redpak::config::{self, Source};
use redpak::node::Alias;

use crate::create::CreateError;
use crate::dir::Dir;
use crate::family::{self, FamilyErrors, node};

/// An alias made of the name of a directory.
pub(super) fn of_path(path: &Path) -> Alias {
    Alias::from_name(&path.file_name().unwrap_or_default().to_string_lossy())
}

/// Refuses an alias that a node above or below has.
pub(super) fn check_unique(path: &Path, alias: &Alias, ancestors: &[PathBuf]) -> Result<(), CreateError> {
    for ancestor in ancestors {
        // A broken ancestor would break every node below it, so it is told now.
        let config = node::config(&Dir::open(ancestor)?)?;
        if config.config.headers.alias.value == *alias {
            return Err(CreateError::AliasTaken {
                alias: alias.clone(),
                by: ancestor.clone(),
            });
        }
    }
    if !path.exists() {
        return Ok(());
    }
    let below = family::descendants(path)?.nodes;
    match below.into_iter().find(|node| has(node, alias)) {
        Some(by) => Err(CreateError::AliasTaken {
            alias: alias.clone(),
            by,
        }),
        None => Ok(()),
    }
}

/// A node below that cannot be read is another matter.
fn has(path: &Path, alias: &Alias) -> bool {
    let config = Dir::open(path)
        .map_err(FamilyErrors::from)
        .and_then(|dir| node::config(&dir));
    config.is_ok_and(|source| source.config.headers.alias.value == *alias)
}

/// A config with another alias, everything else as it was written, comments included.
pub(super) fn replace(text: &str, mut source: Source, alias: &Alias) -> String {
    let edited = edit(text, &source, alias);
    source.config.headers.value.alias.value = alias.clone();
    match config::parse(&edited, &source.file) {
        Ok(edited_source) if edited_source.config == source.config => edited,
        // An alias written in some other way, as a YAML anchor for example: the config is printed anew.
        _ => source.config.to_yaml(),
    }
}

/// Replaces the word at the place where the alias is written.
fn edit(text: &str, source: &Source, alias: &Alias) -> String {
    let at = source.config.headers.alias.at;
    let mut edited = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 != at.line {
            edited.push_str(line);
            continue;
        }
        let start = line
            .char_indices()
            .nth(at.column - 1)
            .map_or(line.len(), |(start, _)| start);
        let (before, rest) = line.split_at(start);
        let old = source.config.headers.alias.as_str();
        let after = [format!("\"{old}\""), format!("'{old}'"), old.to_owned()]
            .iter()
            .find_map(|written| rest.strip_prefix(written.as_str()))
            .unwrap_or(rest);
        // Quoted, since an alias of digits and colons is something else in YAML.
        edited.push_str(&format!("{before}\"{alias}\"{after}"));
    }
    edited
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> String {
        let source = config::parse(text, Path::new("x.yaml")).unwrap();
        replace(text, source, &"new".parse().unwrap())
    }

    #[test]
    fn only_the_alias_changes() {
        for (text, expected) in [
            (
                "# top\nheaders:\n  alias: old # why\nconfig: {umask: 022}\n",
                "# top\nheaders:\n  alias: \"new\" # why\nconfig: {umask: 022}\n",
            ),
            (
                "headers: {alias: 'old', name: old}\n",
                "headers: {alias: \"new\", name: old}\n",
            ),
            (
                "headers: {name: old, alias: \"old\"}",
                "headers: {name: old, alias: \"new\"}",
            ),
        ] {
            assert_eq!(replaced(text), expected);
        }
    }

    #[test]
    fn an_alias_that_is_written_in_another_way_is_replaced_all_the_same() {
        let text = "headers: {name: &a old, alias: *a}\nconfig: {umask: \"022\"}\n";
        let config = config::parse(&replaced(text), Path::new("x.yaml")).unwrap().config;
        assert_eq!(config.headers.alias.as_str(), "new");
        assert_eq!(config.headers.name.as_ref().unwrap().value, "old");
        assert_eq!(config.tags.unwrap().umask.as_ref().unwrap().value, "022");
    }

    #[test]
    fn a_directory_gives_its_name() {
        assert_eq!(of_path(Path::new("/a/my app é")).as_str(), "my_app__");
        assert_eq!(of_path(Path::new("/")).as_str(), "_");
    }
}
