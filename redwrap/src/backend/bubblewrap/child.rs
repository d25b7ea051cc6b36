//! Between fork and exec: the launcher's child becomes what the plan says, then bubblewrap.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};

use nix::sched::setns;
use nix::sys::signal::{SigmaskHow, sigprocmask};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Pid, Uid};
use redpak::plan::{Account, Namespace, Preparation};

use super::error::Error;
use super::{namespace, pipe, signal_scope};
use crate::supervise::Signals;
use crate::sys::{self, Forked};

const KEEP_SIGNALS: &str = "keep signals inside";

/// Everything that the child needs, made before the fork.
#[derive(Debug)]
pub struct Exec {
    /// bubblewrap.
    pub program: CString,
    /// Its name and arguments.
    pub words: Vec<CString>,
    /// Its environment.
    pub environment: Vec<CString>,
    /// Descriptors that stay open.
    pub keep: Vec<i32>,
    /// Who and where the program is.
    pub identity: Identity,
    /// `cgroup.procs` of the program's control group.
    pub group: Option<OwnedFd>,
}

/// The parts of a preparation that the child carries out, opened and looked up.
#[derive(Debug)]
pub struct Identity {
    join: Vec<(Namespace, OwnedFd)>,
    new_time_namespace: bool,
    account: Option<Account>,
    smack: Option<Vec<u8>>,
    umask: Option<u32>,
    confines_signals: bool,
}

impl Identity {
    /// Looks up and opens what a preparation names.
    ///
    /// # Errors
    /// When a namespace cannot be opened, or only root could become who is asked for.
    pub fn of(preparation: &Preparation) -> Result<Self, Error> {
        let join = preparation
            .join
            .iter()
            .map(|(kind, path)| Ok((*kind, namespace::open(path)?)));
        Ok(Self {
            join: join.collect::<Result<_, Error>>()?,
            new_time_namespace: preparation.new_time_namespace,
            account: account(preparation)?,
            smack: preparation
                .smack
                .as_ref()
                .map(|label| label.as_encoded_bytes().to_vec()),
            umask: preparation.umask,
            confines_signals: preparation.confine_signals,
        })
    }
}

/// Who to become; nobody when that is who the caller is.
fn account(preparation: &Preparation) -> Result<Option<Account>, Error> {
    let (uid, gid) = (Uid::effective().as_raw(), Gid::effective().as_raw());
    let wanted = match (&preparation.user, preparation.group) {
        (None, None) => return Ok(None),
        (Some(user), group) => Account {
            gid: group.unwrap_or(user.gid),
            ..user.clone()
        },
        (None, Some(group)) => Account {
            uid,
            gid: group,
            groups: vec![group],
        },
    };
    if uid == 0 {
        Ok(Some(wanted))
    } else if (wanted.uid, wanted.gid) == (uid, gid) {
        Ok(None)
    } else {
        Err(Error::NotRoot {
            what: format!("user {} with group {}", wanted.uid, wanted.gid),
        })
    }
}

/// Forks and executes bubblewrap; its process id.
///
/// # Errors
/// When it could not be executed, with the step that failed.
pub fn start(exec: &Exec, signals: &Signals) -> Result<Pid, Error> {
    let (reader, writer) = pipe()?;
    match sys::fork_single_threaded().map_err(Error::system("fork"))? {
        Forked::Child => {
            let Err((step, source)) = become_bubblewrap(exec, signals);
            let report = format!("{}\n{step}", source.raw_os_error().unwrap_or(libc::EIO));
            // The parent is told over the pipe; when it is gone nobody is left to tell.
            let _ = nix::unistd::write(&writer, report.as_bytes());
            sys::exit_now(i32::from(crate::backend::Exit::OWN_FAILURE))
        }
        Forked::Parent(pid) => {
            drop(writer);
            let mut report = String::new();
            let _ = File::from(reader).read_to_string(&mut report);
            if report.is_empty() {
                Ok(pid)
            } else {
                Err(failure(pid, &report))
            }
        }
    }
}

fn failure(pid: Pid, report: &str) -> Error {
    let _ = nix::sys::wait::waitpid(pid, None);
    let (errno, step) = report.split_once('\n').unwrap_or(("5", "start bubblewrap"));
    let source = io::Error::from_raw_os_error(errno.parse().unwrap_or(libc::EIO));
    let hint = match source.raw_os_error() {
        Some(libc::EPERM) => "; this takes root, or a user namespace that may",
        Some(libc::EOPNOTSUPP) if step == KEEP_SIGNALS => signal_scope::HINT,
        _ => "",
    };
    Error::Child {
        step: step.to_owned(),
        source,
        hint,
    }
}

type Failed = (&'static str, io::Error);

fn at<T>(step: &'static str, result: Result<T, impl Into<io::Error>>) -> Result<T, Failed> {
    result.map_err(|error| (step, error.into()))
}

fn become_bubblewrap(exec: &Exec, signals: &Signals) -> Result<std::convert::Infallible, Failed> {
    if let Some(group) = &exec.group {
        at("enter the control group", nix::unistd::write(group, b"0"))?;
    }
    take_identity(&exec.identity)?;
    at("close descriptors", sys::close_others_on_exec())?;
    for fd in &exec.keep {
        at("keep descriptors", sys::keep_on_exec(*fd))?;
    }
    at("restore SIGPIPE", sys::restore_sigpipe())?;
    at(
        "restore signals",
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&signals.before), None),
    )?;
    at(
        "execute bubblewrap",
        sys::execve(&exec.program, &exec.words, &exec.environment),
    )
}

fn take_identity(identity: &Identity) -> Result<(), Failed> {
    for (kind, file) in &identity.join {
        at(namespace::step(*kind), setns(file.as_fd(), namespace::flag(*kind)))?;
    }
    if identity.new_time_namespace {
        new_time_namespace()?;
    }
    if let Some(label) = &identity.smack {
        at("set the SMACK label", sys::write_proc("/proc/self/attr/current", label))?;
    }
    if let Some(account) = &identity.account {
        let groups: Vec<Gid> = account.groups.iter().copied().map(Gid::from_raw).collect();
        let (uid, gid) = (Uid::from_raw(account.uid), Gid::from_raw(account.gid));
        at("set the groups", nix::unistd::setgroups(&groups))?;
        at("set the group", nix::unistd::setresgid(gid, gid, gid))?;
        at("set the user", nix::unistd::setresuid(uid, uid, uid))?;
    }
    if identity.confines_signals {
        at(KEEP_SIGNALS, signal_scope::enter())?;
    }
    if let Some(mask) = identity.umask {
        umask(Mode::from_bits_truncate(mask));
    }
    Ok(())
}

/// Takes CAP_SYS_ADMIN, which an unprivileged caller has in a user namespace of its own, where it stays who it is.
fn new_time_namespace() -> Result<(), Failed> {
    let (uid, gid) = (Uid::effective(), Gid::effective());
    if uid.is_root() {
        return at("make a time namespace", sys::unshare_time(false));
    }
    at("write the id maps", sys::make_dumpable())?;
    at("make a time namespace", sys::unshare_time(true))?;
    at("write setgroups", sys::write_proc("/proc/self/setgroups", b"deny"))?;
    at(
        "write gid_map",
        sys::write_proc("/proc/self/gid_map", format!("{gid} {gid} 1").as_bytes()),
    )?;
    at(
        "write uid_map",
        sys::write_proc("/proc/self/uid_map", format!("{uid} {uid} 1").as_bytes()),
    )
}
