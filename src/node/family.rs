//! A node and its family, as read from the file system by others.

use std::path::PathBuf;

use crate::config::Source;
use crate::node::{Alias, Status};

/// A node with what its files say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Directory of the node, absolute.
    pub path: PathBuf,
    /// Its status file.
    pub status: Status,
    /// Its normal config.
    pub config: Source,
    /// Its admin config, if it has one.
    pub admin: Option<Source>,
}

impl Node {
    /// The alias that its normal config gives it.
    pub fn alias(&self) -> &Alias {
        &self.config.config.headers.alias
    }
}

/// The leaf and its ancestors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The nodes, oldest first; the leaf is the last and always there.
    pub nodes: Vec<Node>,
    /// The oldest node is the system node, and so redmain: its tags have the lowest priority. Then `main` is `None`.
    pub system: bool,
    /// The main config file, redmain where there is no system node.
    pub main: Option<Source>,
    /// Admin config of redmain (`--admin=FILE`, else the one beside the main config).
    pub main_admin: Option<Source>,
}

impl Family {
    /// The terminal node; `None` only for a family without nodes, which no reader makes.
    pub fn leaf(&self) -> Option<&Node> {
        self.nodes.last()
    }
}
