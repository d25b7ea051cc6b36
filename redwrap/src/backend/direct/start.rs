//! From the launcher to the first process of the sandbox.

use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use redpak::plan::{Namespace, Operation, Plan};
use rustix::thread::{CapabilitySet, capabilities};

use super::first::{Before, First};
use super::report::{Message, Reader, send};
use crate::backend::Error;
use crate::backend::prepare::identity::{self, Failed, Identity, at};
use crate::sys::{self, Forked, sandbox};

/// Starts the first process; its id. `lifeline` is the launcher's end, which no other process may hold.
///
/// # Errors
/// When it could not be started, with the step that failed.
pub fn start(first: First<'_>, identity: &Identity, lifeline: &OwnedFd) -> Result<Pid, Error> {
    if identity.is_the_launchers() {
        return match enter(&first, identity, false) {
            Ok(Made::First(before)) => first.run(&before, lifeline),
            Ok(Made::Other(pid)) => Ok(pid),
            Err((step, source)) => Err(identity::error(step, source)),
        };
    }
    // A pipe of its own: the first process may say something before its id is known.
    let (made, maker) = Reader::new()?;
    match sys::fork_single_threaded().map_err(Error::system("fork"))? {
        Forked::Child => match enter(&first, identity, true) {
            Ok(Made::First(before)) => first.run(&before, lifeline),
            Ok(Made::Other(pid)) => {
                send(&maker, &Message::Started(pid.as_raw()));
                sys::exit_now(0)
            }
            Err((step, source)) => {
                send(&maker, &Message::failed(step, &source));
                sys::exit_now(i32::from(crate::backend::Exit::OWN_FAILURE))
            }
        },
        Forked::Parent(intermediate) => {
            drop((first, maker));
            let message = made.next();
            let _ = waitpid(intermediate, None);
            match message {
                Some(Message::Started(pid)) => Ok(Pid::from_raw(pid)),
                Some(Message::Failed { step, errno }) => {
                    Err(identity::error(&step, std::io::Error::from_raw_os_error(errno)))
                }
                _ => Err(Error::system("start the sandbox")(std::io::Error::other(
                    "the process that makes its namespaces was killed",
                ))),
            }
        }
    }
}

enum Made {
    /// This is the new process.
    First(Before),
    /// This is the old one.
    Other(Pid),
}

/// Becomes who the program is, then makes the namespaces with a new process in them.
fn enter(first: &First<'_>, identity: &Identity, is_intermediate: bool) -> Result<Made, Failed> {
    if is_intermediate {
        identity::take(identity)?;
    }
    let rights = at("read the capabilities", capabilities(None))?;
    let before = Before {
        uid: nix::unistd::geteuid().as_raw(),
        gid: nix::unistd::getegid().as_raw(),
        capabilities: rights.effective,
        // Whoever may not mount does it in a user namespace, whatever the plan says of that.
        in_user_namespace: has(first.plan, Namespace::User) || !rights.effective.contains(CapabilitySet::SYS_ADMIN),
    };
    let flags = flags(first.plan, before.in_user_namespace);
    match sandbox::clone_into(flags, is_intermediate) {
        Ok(Forked::Child) => {
            // The new process must not return as the launcher.
            if !is_intermediate && let Err((step, source)) = identity::take(identity) {
                first.fail(step, &source);
            }
            Ok(Made::First(before))
        }
        Ok(Forked::Parent(pid)) => Ok(Made::Other(pid)),
        Err(error) if error.raw_os_error() == Some(Errno::ENOSPC as i32) => Err((
            "make the namespaces, there are too many (see /proc/sys/user/max_*_namespaces)",
            error,
        )),
        Err(error) => Err((identity::MAKE_NAMESPACES, error)),
    }
}

fn has(plan: &Plan, kind: Namespace) -> bool {
    plan.steps.iter().any(|step| step.operation == Operation::Unshare(kind))
}

fn flags(plan: &Plan, in_user_namespace: bool) -> CloneFlags {
    let mut flags = CloneFlags::CLONE_NEWNS;
    if in_user_namespace {
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    for step in &plan.steps {
        flags |= match &step.operation {
            Operation::Unshare(Namespace::Cgroup) => CloneFlags::CLONE_NEWCGROUP,
            Operation::Unshare(Namespace::Network) => CloneFlags::CLONE_NEWNET,
            Operation::Unshare(Namespace::Pid) => CloneFlags::CLONE_NEWPID,
            Operation::Unshare(Namespace::Ipc) => CloneFlags::CLONE_NEWIPC,
            Operation::Unshare(Namespace::Uts) | Operation::Hostname(_) => CloneFlags::CLONE_NEWUTS,
            _ => CloneFlags::empty(),
        };
    }
    flags
}
