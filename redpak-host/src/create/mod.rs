//! Making nodes, and refreshing them.
//!
//! All or nothing: a node that is not kept ([`Creation::keep`]) is taken away again, with every directory that was made
//! for it and nothing else. The status file, whose presence makes a directory a node, is written last.

mod alias;
mod error;
mod plan;
mod system;
mod template;
#[cfg(test)]
mod tests;
mod undo;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use redpak::node::{Alias, State, Status, files};

use crate::dir::{Dir, PathError};
use crate::family::{self, main_config, node};
use crate::write::Existing;
pub use error::CreateError;
use plan::Plan;
pub use system::{SystemPlace, create_system, system_place};
pub use template::Template;
pub use undo::Creation;

/// What to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNode {
    /// Directory of the node, absolute; it may exist and need not be empty.
    pub path: PathBuf,
    /// Its alias; else the one that the config has, else made of the directory's name.
    pub alias: Option<Alias>,
    /// Its config; else template `leaf`, or with `update` the config that it has.
    pub config: Option<Template>,
    /// Its admin config; else the one that goes with the config's template.
    pub admin: Option<Template>,
    /// The directory may be a node already: what is named here is written anew, and its status.
    pub update: bool,
    /// Root of the core OS that the node is for.
    pub root: PathBuf,
    /// Where rpm looks for its database on that system; `None`: look into its macro files.
    pub rpmdb: Option<PathBuf>,
}

impl NewNode {
    /// A leaf on the running system.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            alias: None,
            config: None,
            admin: None,
            update: false,
            root: PathBuf::from("/"),
            rpmdb: None,
        }
    }
}

/// Directories that every node has, beside those that its files need.
const DIRECTORIES: [&str; 3] = ["etc", files::REPOSITORIES, files::RPMDB];

/// Makes a node, or refreshes one. It lasts when it is kept.
///
/// # Errors
/// When it cannot be made; then nothing of it is left.
pub fn create(new: &NewNode) -> Result<Creation, CreateError> {
    let path = place(&new.path)?;
    let ancestors = match path.parent() {
        Some(parent) => family::enclosing(parent)?,
        None => Vec::new(),
    };
    let is_node = family::is_node(&path)?;
    if is_node && !new.update {
        return Err(CreateError::IsNode(path));
    }
    let plan = Plan::new(new, &path, is_node, ancestors.is_empty())?;
    alias::check_unique(&path, &plan.alias, &ancestors)?;
    let mut creation = Creation::new(path);
    write(&mut creation, &plan)?;
    Ok(creation)
}

/// The real path of a directory that may have to be made.
fn place(path: &Path) -> Result<PathBuf, CreateError> {
    if !path.is_absolute() {
        return Err(CreateError::Relative(path.to_path_buf()));
    }
    for existing in path.ancestors() {
        match std::fs::canonicalize(existing) {
            Ok(real) => {
                let missing = path.strip_prefix(existing).unwrap_or(Path::new(""));
                let is_plain = |part| matches!(part, std::path::Component::Normal(_));
                if !missing.components().all(is_plain) {
                    return Err(CreateError::NoWay(path.to_path_buf()));
                }
                return Ok(real.join(missing).components().collect());
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // A dangling symlink is there, and making directories would not go through it.
                if existing.is_symlink() {
                    return Err(PathError::new("follow", existing, error).into());
                }
            }
            Err(error) => return Err(PathError::new("find", existing, error).into()),
        }
    }
    Err(CreateError::Relative(path.to_path_buf()))
}

fn write(creation: &mut Creation, plan: &Plan) -> Result<(), CreateError> {
    let path = creation.path().to_path_buf();
    creation.make_directories_to(&path)?;
    let dir = Dir::open(&path)?;
    for directory in DIRECTORIES {
        creation.make_directory(&dir, Path::new(directory))?;
    }
    for file in &plan.files {
        creation.write(&dir, Path::new(file.name), file.text.as_bytes(), file.existing)?;
    }
    let existing = if plan.is_node {
        Existing::Replace
    } else {
        Existing::Keep
    };
    creation.write(
        &dir,
        Path::new(files::STATUS),
        plan.status.to_yaml().as_bytes(),
        existing,
    )
}

/// The status of a node that is written now.
fn status(new: &NewNode, path: &Path, is_system: bool) -> Status {
    let info = if is_system {
        format!("{}, top of the tree", main_config::SYSTEM_NODE)
    } else {
        String::new()
    };
    let (mut state, mut info) = (State::Enable, info);
    if let Ok(old) = Dir::open(path).map_err(Into::into).and_then(|dir| node::status(&dir)) {
        // Whoever switched a node off wants it to stay so; all other states are what a refresh ends.
        if old.state.value == State::Disable {
            state = State::Disable;
        }
        info = old.info.map_or(info, |old| old.value);
    }
    Status::new(state, &family::on_target(path, &new.root), now(), &info)
}

/// Milliseconds since the epoch; a clock before it counts as the epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
