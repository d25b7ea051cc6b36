//! What the machine says: gathered once, given to the pure core as values.
//!
//! [`resolve`] merges a family with the facts that its texts are expanded with; [`gather`] answers what the launch plan
//! asks. A caller that makes no plan needs the first alone.

mod account;
mod builtins;
mod cgroup;
mod exports;
mod places;
#[cfg(test)]
mod tests;
mod trust;

use std::path::{Path, PathBuf};

use redpak::expand::{Builtins, Environment, NoCommands, Runner};
use redpak::merge::{self, Accounts, Finding, Merged, Places, Surroundings};
use redpak::node::Family;
use redpak::plan::{Account, Facts, Kind, Questions, Request};

use crate::command::Shell;
pub use account::{account_of, group, user};
pub use cgroup::{mount_point, own_cgroup};
pub use exports::reached;
pub use places::{OwnPlaces, own_places, rpmdirs};
pub use trust::Commands;

/// A merged family and what it was merged with.
#[derive(Debug)]
pub struct Resolved {
    /// The merged configuration.
    pub merged: Merged,
    /// Facts that its texts were expanded with.
    pub builtins: Builtins,
    /// The caller's environment.
    pub environment: Environment,
    /// Runs its commands, as the user that may.
    pub commands: Commands,
}

/// The caller's environment.
pub fn environment() -> Environment {
    std::env::vars_os().collect()
}

/// Merges a family: first who the program runs as, then all else with that user's ids.
///
/// `root` is the core OS's (`--root`), `request` what the command line says about user and group.
///
/// # Errors
/// Everything that breaks a rule, cannot be expanded, or names a user or group that does not exist.
pub fn resolve(family: &Family, admin: bool, request: &Request, root: &Path) -> Result<Resolved, Vec<Finding>> {
    let environment = environment();
    let caller = rustix::process::geteuid().as_raw();
    let mut builtins = builtins::gather(&account::caller(), root);
    // Nobody has said yet who commands run as, and root does not run them for whoever wrote the config.
    let mut early: Box<dyn Runner> = if caller == 0 {
        Box::new(NoCommands)
    } else {
        Box::new(Shell::default())
    };
    let accounts = merge::accounts(family, admin, surroundings(&builtins, &environment, early.as_mut()))?;
    let target =
        account::target(&accounts, request).map_err(|(key, message)| vec![finding(&accounts, key, message)])?;
    if let Some(target) = &target {
        builtins = builtins::gather(target, root);
    }
    let mut commands = Commands::new(caller, target);
    let merged = merge::merge(family, admin, surroundings(&builtins, &environment, &mut commands))?;
    Ok(Resolved {
        merged,
        builtins,
        environment,
        commands,
    })
}

/// Where the family's leaf keeps its own data. Commands in these texts are refused: whoever manages a node runs nothing of it.
///
/// # Errors
/// Everything that breaks a rule or cannot be expanded.
pub fn places(family: &Family, root: &Path) -> Result<Places, Vec<Finding>> {
    let (builtins, environment) = (builtins::gather(&account::caller(), root), environment());
    merge::places(family, false, surroundings(&builtins, &environment, &mut NoCommands))
}

/// Stands for the output of every command: checks may not run what a config that they distrust asks for.
const UNRUN: &str = "/output-of-a-command";

/// Merges a family without running its commands or looking up its users, for checks; its ids are the caller's.
///
/// # Errors
/// Everything that breaks a rule or cannot be expanded.
pub fn merge_unrun(family: &Family, admin: bool, root: &Path) -> Result<Merged, Vec<Finding>> {
    let (builtins, environment) = (builtins::gather(&account::caller(), root), environment());
    let mut placeholder = |_: &redpak::expand::Command| Ok(UNRUN.as_bytes().to_vec());
    merge::merge(family, admin, surroundings(&builtins, &environment, &mut placeholder))
}

/// The facts of [`gather`] without any that a command or the user database would have to tell.
pub fn gather_unrun(questions: &Questions) -> Facts {
    let sources = questions.sources.iter().map(|path| (path.clone(), kind(path)));
    let outputs = questions
        .commands
        .iter()
        .map(|command| (command.clone(), Ok(UNRUN.as_bytes().to_vec())));
    Facts {
        uid: rustix::process::geteuid().as_raw(),
        environment: environment(),
        sources: sources.collect(),
        outputs: outputs.collect(),
        own_cgroup: questions.own_cgroup.then(|| Ok(PathBuf::from(cgroup::USUAL))),
        time_namespaces: true,
        smack: true,
        ..Facts::default()
    }
}

fn surroundings<'a>(
    builtins: &'a Builtins,
    environment: &'a Environment,
    runner: &'a mut dyn Runner,
) -> Surroundings<'a> {
    Surroundings {
        builtins,
        environment,
        runner,
    }
}

fn finding(accounts: &Accounts, key: &str, message: String) -> Finding {
    let tag = if key == "set-user" {
        &accounts.user
    } else {
        &accounts.group
    };
    Finding {
        key: key.to_owned(),
        message,
        places: tag.iter().map(|entry| entry.origin.clone()).collect(),
    }
}

/// Answers the questions of the launch plan: kinds of sources, outputs of commands, ids, what the kernel can do.
pub fn gather(resolved: &mut Resolved, questions: &Questions) -> Facts {
    let Resolved {
        commands, environment, ..
    } = resolved;
    let sources = questions.sources.iter().map(|path| (path.clone(), kind(path)));
    let outputs = questions
        .commands
        .iter()
        .map(|command| (command.clone(), commands.run(command)));
    Facts {
        uid: rustix::process::geteuid().as_raw(),
        environment: environment.clone(),
        sources: sources.collect(),
        outputs: outputs.collect(),
        user: questions
            .user
            .as_ref()
            .map(|name| user(name, questions.group.as_deref())),
        group: questions.group.as_ref().map(|name| group(name)),
        own_cgroup: questions.own_cgroup.then(own_cgroup),
        time_namespaces: Path::new("/proc/self/ns/time").exists(),
        smack: Path::new("/sys/fs/smackfs").exists(),
    }
}

/// What a path outside is, symlinks followed.
pub fn kind(path: &Path) -> Kind {
    use rustix::fs::FileType;
    match rustix::fs::stat(path) {
        Err(_) => Kind::Missing,
        Ok(status) => match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => Kind::Directory,
            FileType::RegularFile => Kind::File,
            _ => Kind::Special,
        },
    }
}

/// Owner of a file, `None` when it is not there.
fn owner(path: &PathBuf) -> Option<u32> {
    rustix::fs::stat(path).ok().map(|status| status.st_uid)
}

/// The group that an account runs with.
fn identity(account: &Account) -> crate::command::Identity {
    let Account { uid, gid, groups } = account.clone();
    crate::command::Identity { uid, gid, groups }
}
