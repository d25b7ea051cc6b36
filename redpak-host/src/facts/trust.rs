//! Whose commands run as whom.
//!
//! Nobody's config may run commands with more rights than its owner has. A caller who is not root runs them as itself.
//! Root runs them as the user that the program is going to be; where that is root too, as the owner of the leaf and
//! its configs when that is somebody else: the leaf's texts can end up in an ancestor's command, so it counts for all.

use std::ffi::OsStr;
use std::path::PathBuf;

use redpak::expand::{Command, Runner};
use redpak::plan::Account;

use super::account::account_of;
use super::{identity, owner};
use crate::command::{Identity, Shell};

/// Runs the commands of a family.
#[derive(Debug, Clone)]
pub struct Commands {
    is_root: bool,
    target: Option<Account>,
}

/// Whoever owns one of these can write the commands of a node. Paths of the command's own environment.
const NODES: [&str; 2] = ["LEAF_PATH", "NODE_PATH"];
const FILES: [&str; 2] = ["REDNODE_CONF", "REDNODE_ADMIN"];

impl Commands {
    /// For a caller with this user id, and a program that runs as `target` or as the caller.
    pub fn new(caller: u32, target: Option<Account>) -> Self {
        Self {
            is_root: caller == 0,
            target,
        }
    }

    fn identity(&self, command: &Command) -> Option<Identity> {
        if !self.is_root {
            return None;
        }
        match &self.target {
            Some(target) if target.uid != 0 => Some(identity(target)),
            _ => writer(command).map(|uid| identity(&account_of(uid))),
        }
    }
}

impl Runner for Commands {
    fn run(&mut self, command: &Command) -> Result<Vec<u8>, String> {
        let identity = self.identity(command);
        Shell {
            identity,
            ..Shell::default()
        }
        .run(command)
    }
}

/// The first owner that is not root.
fn writer(command: &Command) -> Option<u32> {
    let value = |name: &&str| {
        let mut variables = command.environment.iter();
        variables
            .find(|(key, _)| key == OsStr::new(name))
            .map(|(_, value)| PathBuf::from(value))
    };
    let nodes = NODES.iter().filter_map(value).flat_map(|node| [node.join("etc"), node]);
    let mut owners = nodes
        .chain(FILES.iter().filter_map(value))
        .filter_map(|path| owner(&path));
    owners.find(|uid| *uid != 0)
}
