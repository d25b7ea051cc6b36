//! The direct backend: the launcher makes the namespaces itself, without a program in between.
//!
//! Three processes take part. The *launcher* opens what is mounted and waits. Where the program is somebody else or joins
//! namespaces, an *intermediate* process of its own becomes that and ends. The *first* process of the sandbox builds the new
//! root, gives up its rights and becomes the program, or the init that waits for it. It does what bwrap(1) does with the
//! same plan: the tests of launches run with both.

mod first;
mod init;
mod old_root;
mod privileges;
mod program;
mod report;
mod root;
mod start;

use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;

use nix::fcntl::{OFlag, openat};
use nix::sched::{CloneFlags, setns};
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use redpak::display;
use redpak::plan::Plan;
use redpak_host::report::os;

use self::first::First;
use self::report::{Maps, Message, Reader};
use super::prepare::descriptors::Descriptors;
use super::prepare::identity::{self, Identity};
use super::prepare::pipe;
use super::{Backend, Error, Exit};
use crate::control_group::Groups;
use crate::supervise::{self, Reaped, Receiver, Signals, Status};
use crate::sys::Forked;
use crate::{output, sys};

/// Starts programs by itself.
#[derive(Debug)]
pub struct Direct {
    /// Tell no warnings.
    pub quiet: bool,
}

impl Backend for Direct {
    fn carry_out(&self, plan: &Plan) -> Result<Exit, Error> {
        let descriptors = Descriptors::open_checked(plan)?;
        let groups = Groups::make(&plan.preparation.control_groups)?;
        let identity = Identity::of(&plan.preparation, groups.program_procs()?)?;
        let (reports, report) = Reader::new()?;
        let (alive, lifeline) = pipe()?;
        let signals = supervise::block_signals().map_err(Error::system("block signals"))?;
        let first = First {
            plan,
            descriptors: &descriptors,
            signals_before: &signals.before,
            report,
            alive,
            launcher_maps: identity.changes_user(),
        };
        let pid = start::start(first, &identity, &lifeline)?;
        drop((descriptors, identity));
        reports.do_not_wait()?;
        let sandbox = Sandbox {
            first: pid,
            plan,
            reports,
            lifeline,
            above: RefCell::default(),
        };
        let exit = sandbox.wait(&signals)?;
        for limit in groups.reached() {
            output::warning(self.quiet, &limit);
        }
        Ok(exit)
    }
}

/// A sandbox as the launcher sees it.
struct Sandbox<'a> {
    first: Pid,
    plan: &'a Plan,
    reports: Reader,
    /// Its other end tells the first process that the launcher lives.
    lifeline: OwnedFd,
    /// The user namespace that the launcher has mapped: that of the sandbox's root.
    above: RefCell<Option<OwnedFd>>,
}

impl Sandbox<'_> {
    fn wait(&self, signals: &Signals) -> Result<Exit, Error> {
        let failed = Error::system("wait for the program");
        let receiver = || Receiver {
            first: Some(self.first),
            has_init: self.plan.has_init(),
            monitor: None,
            is_in_other_session: self.plan.is_in_other_session(),
        };
        loop {
            if let Some(exit) = self.heard()? {
                return Ok(exit);
            }
            while let Some(reaped) = supervise::reap().map_err(Error::system("wait for the program"))? {
                let status = match reaped {
                    Reaped::Child(pid, status) if pid == self.first => status,
                    Reaped::Child(..) => continue,
                    Reaped::None => return Ok(Exit::Failed),
                };
                // What it said last counts more than how it ended.
                return Ok(self.heard()?.unwrap_or(match status {
                    Status::Exit(status) => Exit::Program(status),
                    Status::Signal(signal) => Exit::from_signal(signal),
                }));
            }
            if let Err(error) = signals.wait(self.reports.watched(), receiver) {
                return Err(failed(error));
            }
        }
    }

    /// What the messages that have come mean; `None` while nothing is decided.
    fn heard(&self) -> Result<Option<Exit>, Error> {
        while let Some(message) = self.reports.next() {
            match message {
                Message::Started(_) => {}
                Message::Map(maps) => {
                    if let Err(error) = self.map(maps) {
                        supervise::kill_all(&[self.first], Signal::SIGKILL);
                        return Err(Error::system("map the user namespace")(error));
                    }
                }
                Message::Failed { step, errno } => {
                    return Err(identity::error(&step, io::Error::from_raw_os_error(errno)));
                }
                Message::NotExecuted(errno) => return Ok(Some(self.not_executed(errno))),
                Message::Ended(status) => return Ok(Some(Exit::Program(status))),
            }
        }
        Ok(None)
    }

    /// Maps the user namespace of the first process, which runs as another user than root and so cannot do it itself
    /// without letting that user look into it.
    fn map(&self, maps: Maps) -> io::Result<()> {
        let proc = sys::open_proc("/proc", OFlag::O_PATH | OFlag::O_DIRECTORY)?;
        let process = self.first.to_string();
        let write = || sys::write_id_maps(&proc, &process, maps.uid, maps.gid);
        match self.above.take() {
            None => {
                write()?;
                let own = format!("{process}/ns/user");
                let own = openat(&proc, own.as_str(), OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
                self.above.replace(Some(own));
            }
            Some(above) => within(&above, write)?,
        }
        nix::unistd::write(&self.lifeline, b"m").map(drop)?;
        Ok(())
    }

    fn not_executed(&self, errno: i32) -> Exit {
        let name = self.plan.program.first().cloned().unwrap_or_default();
        let reason = io::Error::from_raw_os_error(errno);
        output::failure(&format!("cannot execute {}: {}", display::os(&name), os(&reason)));
        match errno {
            libc::ENOENT | libc::ENOTDIR => Exit::NotFound,
            _ => Exit::NotExecutable,
        }
    }
}

/// Maps may be written from the namespace itself and the one right above: a process goes there and does it.
fn within(above: &OwnedFd, write: impl Fn() -> io::Result<()>) -> io::Result<()> {
    match sys::fork_single_threaded()? {
        Forked::Child => {
            let written = setns(above, CloneFlags::CLONE_NEWUSER)
                .map_err(io::Error::from)
                .and_then(|()| write());
            sys::exit_now(written.map_or_else(|error| error.raw_os_error().unwrap_or(libc::EIO), |()| 0))
        }
        // Error numbers are below 256.
        Forked::Parent(pid) => match waitpid(pid, None)? {
            WaitStatus::Exited(_, 0) => Ok(()),
            WaitStatus::Exited(_, errno) => Err(io::Error::from_raw_os_error(errno)),
            _ => Err(io::Error::from_raw_os_error(libc::EINTR)),
        },
    }
}
