//! Who and where the program is: what a forked child of the launcher becomes before the namespaces are made.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

use nix::fcntl::OFlag;
use nix::sched::setns;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Uid};
use redpak::plan::{Account, Namespace, Preparation};

use super::{namespace, signal_scope};
use crate::backend::Error;
use crate::sys;

/// The parts of a preparation that the child carries out, opened and looked up.
#[derive(Debug)]
pub struct Identity {
    join: Vec<(Namespace, OwnedFd)>,
    new_time_namespace: bool,
    account: Option<Account>,
    smack: Option<Vec<u8>>,
    umask: Option<u32>,
    confines_signals: bool,
    /// `cgroup.procs` of the program's control group.
    group: Option<OwnedFd>,
}

impl Identity {
    /// Looks up and opens what a preparation names.
    ///
    /// # Errors
    /// When a namespace cannot be opened, or only root could become who is asked for.
    pub fn of(preparation: &Preparation, group: Option<OwnedFd>) -> Result<Self, Error> {
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
            group,
        })
    }

    /// Nothing of a process changes but its umask.
    pub const fn is_the_launchers(&self) -> bool {
        self.join.is_empty()
            && !self.new_time_namespace
            && self.account.is_none()
            && self.smack.is_none()
            && !self.confines_signals
            && self.group.is_none()
    }

    /// The program becomes somebody else than the launcher.
    pub const fn changes_user(&self) -> bool {
        self.account.is_some()
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

/// The step of a launch that makes its namespaces, for messages.
pub const MAKE_NAMESPACES: &str = "make the namespaces";

/// A step that failed, and the kernel's reason.
pub type Failed = (&'static str, io::Error);

/// Names the step of a failure.
///
/// # Errors
/// `result`'s.
pub fn at<T>(step: &'static str, result: Result<T, impl Into<io::Error>>) -> Result<T, Failed> {
    result.map_err(|error| (step, error.into()))
}

/// The error that the launcher tells of a failed step, with what to do about it.
pub fn error(step: &str, source: io::Error) -> Error {
    let hint = match source.raw_os_error() {
        Some(libc::ENOSYS) => "; this takes Linux 5.12, --backend=bubblewrap less",
        Some(libc::EPERM | libc::EACCES) if step == MAKE_NAMESPACES => {
            "; user namespaces are not for everybody here, --backend=bubblewrap may be allowed to make them"
        }
        Some(libc::EPERM) => "; this takes root, or a user namespace that may",
        Some(libc::EOPNOTSUPP) if step == signal_scope::STEP => signal_scope::HINT,
        _ => "",
    };
    Error::Child {
        step: step.to_owned(),
        source,
        hint,
    }
}

/// Joins, becomes and confines itself as `identity` says. In a forked child alone: there is no way back.
///
/// # Errors
/// The step that failed.
pub fn take(identity: &Identity) -> Result<(), Failed> {
    if let Some(group) = &identity.group {
        at("enter the control group", nix::unistd::write(group, b"0"))?;
    }
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
        at(signal_scope::STEP, signal_scope::enter())?;
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
    at(
        "write the id maps",
        sys::open_proc("/proc", OFlag::O_PATH | OFlag::O_DIRECTORY).and_then(|proc| {
            sys::write_id_maps(
                &proc,
                "self",
                (uid.as_raw(), uid.as_raw()),
                (gid.as_raw(), gid.as_raw()),
            )
        }),
    )
}
