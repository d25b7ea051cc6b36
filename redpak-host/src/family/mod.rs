//! From a redpath to the family it names.

mod descendants;
mod discover;
mod error;
pub mod main_config;
pub mod node;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use redpak::node::{Family, Node};

pub use descendants::{Descendants, MAX_DEPTH, MAX_ENTRIES, descendants, descendants_outside};
pub use discover::{enclosing, is_node, lineage, resolve};
pub(crate) use error::collect;
pub use error::{FamilyError, FamilyErrors};

/// Whether admin configs count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Admin {
    /// They do not, and are not read.
    #[default]
    Off,
    /// They do.
    On,
    /// They do, with this file as redmain's.
    File(PathBuf),
}

/// Which family to read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The terminal node.
    pub redpath: PathBuf,
    /// Root of the core OS: `/`, or a root file system that is being built.
    pub root: PathBuf,
    /// Main config instead of the system node's or the core OS's.
    pub main: Option<PathBuf>,
    /// Whether admin configs count.
    pub admin: Admin,
}

impl Request {
    /// The family of a redpath on the running system, in normal mode.
    pub fn new(redpath: impl Into<PathBuf>) -> Self {
        Self {
            redpath: redpath.into(),
            root: PathBuf::from("/"),
            main: None,
            admin: Admin::Off,
        }
    }
}

/// Reads a family, each of its files once.
///
/// # Errors
/// All that is wrong with any of its files.
pub fn load(request: &Request) -> Result<Family, FamilyErrors> {
    let lineage = lineage(&resolve(&request.redpath)?)?;
    let mut errors = Vec::new();
    let read = |path: &PathBuf| node::load(path, request.admin != Admin::Off);
    let nodes: Vec<_> = lineage
        .iter()
        .filter_map(|path| collect(read(path), &mut errors))
        .collect();
    // An oldest node that cannot be read might be the system node: then no other redmain is looked for.
    let complete = nodes.len() == lineage.len();
    let system = request.main.is_none() && nodes.first().is_some_and(is_system);
    let main = if system || !complete && request.main.is_none() {
        Some(None)
    } else {
        collect(main_config::main(request), &mut errors)
    };
    let main_admin = collect(main_config::admin(request, system), &mut errors);
    match (main, main_admin) {
        (Some(main), Some(main_admin)) if errors.is_empty() => Ok(Family {
            nodes,
            system,
            main,
            main_admin,
        }),
        _ => Err(FamilyErrors(errors)),
    }
}

fn is_system(oldest: &Node) -> bool {
    main_config::is_system(&oldest.status)
}

/// The path that a node has on the machine whose root this is: where the node will be, seen from there.
pub fn on_target(path: &Path, root: &Path) -> PathBuf {
    match path.strip_prefix(root) {
        Ok(relative) => Path::new("/").join(relative),
        Err(_) => path.to_path_buf(),
    }
}
