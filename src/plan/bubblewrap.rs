//! The plan as arguments of bubblewrap, see bwrap(1).

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::plan::{Content, Namespace, Operation, Plan, Step};

/// Most arguments that bubblewrap reads, those behind `--args` included (`MAX_ARGS` in its source).
pub const MAX_ARGUMENTS: usize = 9000;

/// The command line of bubblewrap without its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// Options and operands; may be handed over through `--args FD`.
    pub options: Vec<OsString>,
    /// `--`, the program and its arguments.
    pub program: Vec<OsString>,
}

/// Why a plan cannot be given to bubblewrap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// More than it reads.
    #[error(
        "the plan needs {0} arguments and bubblewrap reads {MAX_ARGUMENTS}; export directories instead of single files"
    )]
    TooMany(usize),
    /// A file without a descriptor that holds its content.
    #[error("no descriptor is given for the content of step {0}")]
    NoDescriptor(usize),
}

/// The arguments for a plan. `descriptors` maps the index of a step to the descriptor that was opened for it: the source
/// of a bind, the content of a file. A bind without one names its path, a file of an open descriptor its number.
///
/// # Errors
/// Too many arguments, or a file without a descriptor.
pub fn bubblewrap(plan: &Plan, descriptors: &BTreeMap<usize, i32>) -> Result<Arguments, ArgumentError> {
    let mut options = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let Step { operation, .. } = step;
        let words = with_descriptor(operation, descriptors.get(&index).copied());
        options.extend(words.ok_or(ArgumentError::NoDescriptor(index))?);
    }
    let program = std::iter::once(OsString::from("--"))
        .chain(plan.program.iter().cloned())
        .collect::<Vec<_>>();
    let count = options.len() + program.len();
    if count > MAX_ARGUMENTS {
        Err(ArgumentError::TooMany(count))
    } else {
        Ok(Arguments { options, program })
    }
}

/// Number of arguments that a plan needs.
pub(super) fn count(plan: &Plan) -> usize {
    let options: usize = plan.steps.iter().map(|step| words(&step.operation).len()).sum();
    options + 1 + plan.program.len()
}

fn with_descriptor(operation: &Operation, descriptor: Option<i32>) -> Option<Vec<OsString>> {
    match (operation, descriptor) {
        (Operation::Bind { mount, writable, .. }, Some(descriptor)) => {
            let option = if *writable { "--bind-fd" } else { "--ro-bind-fd" };
            Some(vec![option.into(), descriptor.to_string().into(), mount.into()])
        }
        (
            Operation::File {
                content: Content::Bytes(_),
                ..
            },
            None,
        ) => None,
        (Operation::File { mount, .. }, Some(descriptor)) => {
            Some(vec!["--file".into(), descriptor.to_string().into(), mount.into()])
        }
        (operation, _) => Some(words(operation)),
    }
}

/// An operation with its paths, as it is printed: `FD` stands for descriptors that are opened at launch.
pub(super) fn words(operation: &Operation) -> Vec<OsString> {
    match operation {
        Operation::Bind {
            source,
            mount,
            writable,
        } => {
            let option = if *writable { "--bind" } else { "--ro-bind" };
            vec![option.into(), source.path.clone().into(), mount.into()]
        }
        Operation::Symlink { target, mount } => vec!["--symlink".into(), target.into(), mount.into()],
        Operation::File {
            content: Content::Bytes(_),
            mount,
        } => vec!["--file".into(), "FD".into(), mount.into()],
        Operation::File {
            content: Content::Descriptor(number),
            mount,
        } => {
            vec!["--file".into(), number.to_string().into(), mount.into()]
        }
        Operation::Directory(mount) => vec!["--dir".into(), mount.into()],
        Operation::Tmpfs(mount) => vec!["--tmpfs".into(), mount.into()],
        Operation::Devfs(mount) => vec!["--dev".into(), mount.into()],
        Operation::Procfs(mount) => vec!["--proc".into(), mount.into()],
        Operation::Mqueue(mount) => vec!["--mqueue".into(), mount.into()],
        Operation::LockFile(mount) => vec!["--lock-file".into(), mount.into()],
        Operation::ClearEnvironment => vec!["--clearenv".into()],
        Operation::SetEnvironment { key, value } => vec!["--setenv".into(), key.clone(), value.clone()],
        Operation::UnsetEnvironment(key) => vec!["--unsetenv".into(), key.clone()],
        Operation::AddCapability(name) => vec!["--cap-add".into(), name.into()],
        Operation::DropCapability(name) => vec!["--cap-drop".into(), name.into()],
        Operation::Hostname(name) => vec!["--unshare-uts".into(), "--hostname".into(), name.clone()],
        Operation::ChangeDirectory(path) => vec!["--chdir".into(), path.into()],
        Operation::DieWithParent => vec!["--die-with-parent".into()],
        Operation::NewSession => vec!["--new-session".into()],
        Operation::Unshare(namespace) => unshare(*namespace).map(OsString::from).into_iter().collect(),
        Operation::ShareNetwork => vec!["--share-net".into()],
        Operation::Uid(id) => vec!["--uid".into(), id.to_string().into()],
        Operation::Gid(id) => vec!["--gid".into(), id.to_string().into()],
    }
}

/// bubblewrap has no option for time namespaces: the launcher makes those itself.
const fn unshare(namespace: Namespace) -> Option<&'static str> {
    Some(match namespace {
        Namespace::User => "--unshare-user",
        Namespace::Cgroup => "--unshare-cgroup",
        Namespace::Network => "--unshare-net",
        Namespace::Pid => "--unshare-pid",
        Namespace::Ipc => "--unshare-ipc",
        Namespace::Uts => "--unshare-uts",
        Namespace::Time => return None,
    })
}
