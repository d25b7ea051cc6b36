//! What will be written, all of it known and checked before anything is.

use std::path::{Path, PathBuf};

use redpak::config::{self, Source};
use redpak::node::{Alias, Status, files};

use crate::create::template::{Filling, Template};
use crate::create::{CreateError, NewNode, alias, status};
use crate::dir::Dir;
use crate::family::node;
use crate::write::Existing;

/// A file of the node.
#[derive(Debug)]
pub(super) struct File {
    /// Relative to the node.
    pub name: &'static str,
    pub text: String,
    pub existing: Existing,
}

#[derive(Debug)]
pub(super) struct Plan {
    pub alias: Alias,
    pub files: Vec<File>,
    pub status: Status,
    /// It was a node before.
    pub is_node: bool,
}

/// A config that lies in the directory.
struct Found {
    /// Its name, that of older configs included.
    name: &'static str,
    file: PathBuf,
    bytes: Vec<u8>,
}

/// Default when nothing is asked for.
const LEAF: &str = "leaf";
/// Its nodes are system nodes, where nothing is above them.
const ROOT: &str = "root";

impl Plan {
    pub fn new(new: &NewNode, path: &Path, is_node: bool, topmost: bool) -> Result<Self, CreateError> {
        let dir = path.exists().then(|| Dir::open(path)).transpose()?;
        let config = find(dir.as_ref(), files::CONFIG, files::CONFIG_LEGACY)?;
        let admin = find(dir.as_ref(), files::ADMIN, files::ADMIN_LEGACY)?;
        let (alias, config_file) = main_file(new, path, config.as_ref())?;
        let has_config = config.is_some();
        let admin_file = admin_file(new, path, admin.as_ref(), has_config, &alias)?;
        let is_system = topmost && matches!(&new.config, Some(Template::Named(name)) if name == ROOT);
        Ok(Self {
            alias,
            files: admin_file.into_iter().chain(config_file).collect(),
            status: status(new, path, is_system),
            is_node,
        })
    }
}

fn find(dir: Option<&Dir>, name: &'static str, legacy: &'static str) -> Result<Option<Found>, CreateError> {
    let Some(dir) = dir else { return Ok(None) };
    let found = node::either_bytes(dir, name, legacy)?;
    Ok(found.map(|(file, bytes)| {
        let name = if file == dir.join(name) { name } else { legacy };
        Found { name, file, bytes }
    }))
}

fn parse(text: &str, file: &Path) -> Result<Source, CreateError> {
    config::parse(text, file).map_err(CreateError::Config)
}

/// The node's alias, and its normal config where that is to be written.
fn main_file(new: &NewNode, path: &Path, found: Option<&Found>) -> Result<(Alias, Option<File>), CreateError> {
    match (found, &new.config) {
        (Some(found), None) => kept(new, found),
        (Some(found), Some(_)) if !new.update => Err(CreateError::ConfigExists(found.file.clone())),
        (found, template) => {
            let kept = found.and_then(|found| config::parse_bytes(&found.bytes, &found.file).ok());
            let kept = kept.map(|source| source.config.headers.alias.value.clone());
            let leaf = Template::Named(LEAF.into());
            let template = template.as_ref().unwrap_or(&leaf);
            made(
                new,
                path,
                template,
                kept,
                found.map_or(files::CONFIG, |found| found.name),
            )
        }
    }
}

/// The config that lies there is used as it is, but for an alias that an update asks for.
fn kept(new: &NewNode, found: &Found) -> Result<(Alias, Option<File>), CreateError> {
    let source = config::parse_bytes(&found.bytes, &found.file).map_err(CreateError::Config)?;
    let alias = source.config.headers.alias.value.clone();
    match &new.alias {
        Some(asked) if *asked != alias && !new.update => Err(CreateError::OtherAlias {
            file: found.file.clone(),
            found: alias,
            asked: asked.clone(),
        }),
        Some(asked) if *asked != alias => {
            let text = alias::replace(&String::from_utf8_lossy(&found.bytes), source, asked);
            Ok((
                asked.clone(),
                Some(File {
                    name: found.name,
                    text,
                    existing: Existing::Replace,
                }),
            ))
        }
        _ => Ok((alias, None)),
    }
}

fn made(
    new: &NewNode,
    path: &Path,
    template: &Template,
    kept: Option<Alias>,
    name: &'static str,
) -> Result<(Alias, Option<File>), CreateError> {
    let default = kept.unwrap_or_else(|| alias::of_path(path));
    let wanted = new.alias.clone().unwrap_or(default);
    let text = Filling::new(new, path, &wanted).fill(template)?;
    let source = parse(&text.text, &text.file)?;
    let found = source.config.headers.alias.value.clone();
    // A file of the user's that has an alias of its own keeps it, unless another one is asked for.
    let (alias, text) = match &new.alias {
        Some(asked) if *asked != found => (asked.clone(), alias::replace(&text.text, source, asked)),
        _ => (found, text.text),
    };
    Ok((
        alias,
        Some(File {
            name,
            text,
            existing: existing(new),
        }),
    ))
}

fn existing(new: &NewNode) -> Existing {
    if new.update { Existing::Replace } else { Existing::Keep }
}

/// The admin config, where one is to be written.
fn admin_file(
    new: &NewNode,
    path: &Path,
    found: Option<&Found>,
    has_config: bool,
    alias: &Alias,
) -> Result<Option<File>, CreateError> {
    let template = match (&new.admin, &new.config) {
        (Some(template), _) => Some(template.clone()),
        // A config that lies there comes with the admin config that lies there, or with none.
        (None, None) if has_config => None,
        (None, None) => Some(Template::Named(format!("{LEAF}-admin"))),
        (None, Some(config)) => config.admin(&new.root)?,
    };
    match (found, template) {
        (None, None) => Ok(None),
        (Some(found), None) => same_alias(new, found, alias),
        (Some(found), Some(_)) if !new.update && new.admin.is_some() => {
            Err(CreateError::ConfigExists(found.file.clone()))
        }
        (Some(found), Some(_)) if !new.update => same_alias(new, found, alias),
        (found, Some(template)) => {
            let text = Filling::new(new, path, alias).fill(&template)?;
            let source = parse(&text.text, &text.file)?;
            let text = alias::replace(&text.text, source, alias);
            let name = found.map_or(files::ADMIN, |found| found.name);
            Ok(Some(File {
                name,
                text,
                existing: existing(new),
            }))
        }
    }
}

/// An admin config that stays has the alias of its node; an update puts that right.
fn same_alias(new: &NewNode, found: &Found, alias: &Alias) -> Result<Option<File>, CreateError> {
    let source = config::parse_bytes(&found.bytes, &found.file).map_err(CreateError::Config)?;
    if !new.update || source.config.headers.alias.value == *alias {
        return Ok(None);
    }
    let text = alias::replace(&String::from_utf8_lossy(&found.bytes), source, alias);
    Ok(Some(File {
        name: found.name,
        text,
        existing: Existing::Replace,
    }))
}
