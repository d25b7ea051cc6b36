//! The variables that every config knows.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::config::Headers;
use crate::node::{Node, files};

/// Names of all built-in variables.
pub const VARIABLES: [&str; 24] = [
    "NODE_ALIAS",
    "NODE_NAME",
    "NODE_PATH",
    "NODE_INFO",
    "LEAF_ALIAS",
    "LEAF_NAME",
    "LEAF_PATH",
    "LEAF_INFO",
    "UID",
    "GID",
    "PID",
    "USER",
    "LOGNAME",
    "HOSTNAME",
    "TODAY",
    "UUID",
    "NODE_PREFIX",
    "CGROUPS_MOUNT_POINT",
    "REDNODE_CONF",
    "REDNODE_ADMIN",
    "REDNODE_STATUS",
    "REDNODE_VARDIR",
    "REDNODE_REPODIR",
    "REDNODE_LOCK",
];

/// Facts about the process and the machine, gathered once by the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Builtins {
    /// `UID`: user id that the program will run with.
    pub uid: u32,
    /// `GID`: group id that the program will run with.
    pub gid: u32,
    /// `PID`: process id of the launcher.
    pub pid: u32,
    /// `USER` and `LOGNAME`: name of that user.
    pub user: OsString,
    /// `HOSTNAME`: name of the machine.
    pub hostname: OsString,
    /// `TODAY`: date and time of the start.
    pub today: OsString,
    /// `UUID`: random, one for each start.
    pub uuid: OsString,
    /// `NODE_PREFIX`: the root that `--root` names, empty without it.
    pub prefix: OsString,
    /// `CGROUPS_MOUNT_POINT`: where the cgroup v2 tree is mounted.
    pub cgroups_mount_point: OsString,
}

/// What `NODE_…`, `LEAF_…` and `REDNODE_…` stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeVariables {
    alias: OsString,
    name: OsString,
    info: OsString,
    path: OsString,
    config: OsString,
    admin: OsString,
}

/// A value of a variable, and whether it is a text of a config or of the environment that may name others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A fact: a dollar sign in it is just that.
    Fact(OsString),
    /// A header of the node or of the leaf, expanded in that node.
    Header(&'a OsStr, &'a NodeVariables),
}

impl NodeVariables {
    /// The variables of a node.
    pub fn of_node(node: &Node) -> Self {
        let mut variables = Self::of_headers(&node.config.config.headers, &node.path);
        variables.config = node.config.file.clone().into_os_string();
        if let Some(admin) = &node.admin {
            variables.admin = admin.file.clone().into_os_string();
        }
        variables
    }

    /// The variables of a config that belongs to no node, its path being the root of the core OS.
    pub fn of_headers(headers: &Headers, path: &Path) -> Self {
        let text = |field: &Option<crate::location::Located<String>>| {
            field.as_ref().map(|text| text.value.clone().into()).unwrap_or_default()
        };
        Self {
            alias: headers.alias.as_str().into(),
            name: text(&headers.name),
            info: text(&headers.info),
            path: path.into(),
            config: path.join(files::CONFIG).into(),
            admin: path.join(files::ADMIN).into(),
        }
    }

    fn file(&self, name: &str) -> Found<'_> {
        Found::Fact(Path::new(&self.path).join(name).into_os_string())
    }

    fn node(&self, name: &str) -> Option<Found<'_>> {
        Some(match name {
            "ALIAS" => Found::Fact(self.alias.clone()),
            "PATH" => Found::Fact(self.path.clone()),
            "NAME" => Found::Header(&self.name, self),
            "INFO" => Found::Header(&self.info, self),
            _ => return None,
        })
    }

    fn rednode(&self, name: &str) -> Option<Found<'_>> {
        Some(match name {
            "CONF" => Found::Fact(self.config.clone()),
            "ADMIN" => Found::Fact(self.admin.clone()),
            "STATUS" => self.file(files::STATUS),
            "VARDIR" => self.file(files::RPMDB),
            "REPODIR" => self.file(files::REPOSITORIES),
            "LOCK" => self.file(files::LOCK),
            _ => return None,
        })
    }
}

impl Builtins {
    /// The value of a built-in for an entry of `node`.
    pub(super) fn find<'a>(&self, name: &str, node: &'a NodeVariables, leaf: &'a NodeVariables) -> Option<Found<'a>> {
        let number = |number: u32| Found::Fact(number.to_string().into());
        Some(match name {
            "UID" => number(self.uid),
            "GID" => number(self.gid),
            "PID" => number(self.pid),
            "USER" | "LOGNAME" => Found::Fact(self.user.clone()),
            "HOSTNAME" => Found::Fact(self.hostname.clone()),
            "TODAY" => Found::Fact(self.today.clone()),
            "UUID" => Found::Fact(self.uuid.clone()),
            "NODE_PREFIX" => Found::Fact(self.prefix.clone()),
            "CGROUPS_MOUNT_POINT" => Found::Fact(self.cgroups_mount_point.clone()),
            _ => {
                let (whose, what) = name.split_once('_')?;
                return match whose {
                    "NODE" => node.node(what),
                    "LEAF" => leaf.node(what),
                    "REDNODE" => node.rednode(what),
                    _ => None,
                };
            }
        })
    }
}
