//! Waits for the program and passes signals on to it.
//!
//! bubblewrap's monitor stands between: a terminal's Ctrl-C reaches it together with the program and kills it, while the
//! program may handle it. The launcher is a subreaper, so the first process of the sandbox then becomes its child and its
//! status is still known.

use std::fs;
use std::io;
use std::os::fd::AsFd as _;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Signals that are for the program. Stop signals keep their effect on the launcher, as job control wants it.
const PASSED_ON: [Signal; 8] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
    Signal::SIGWINCH,
];

/// `si_code` of signals that the kernel sends, such as those of a terminal to its foreground group (asm-generic/siginfo.h).
const SI_KERNEL: i32 = 0x80;

/// Signals arrive through a descriptor from now on.
#[derive(Debug)]
pub struct Signals {
    /// Signals blocked when the launcher was started; the program gets the same.
    pub before: SigSet,
    descriptor: SignalFd,
}

/// What is told about the sandbox by whoever starts it.
pub trait Report {
    /// The first process of the sandbox, once it is known.
    fn child(&self) -> Option<Pid>;
    /// The program's status, once it has ended.
    fn exit_code(&self) -> Option<i32>;
}

/// What is waited for.
#[derive(Debug)]
pub struct Target<'a, R> {
    /// bubblewrap's monitor.
    pub monitor: Pid,
    /// Children of the launcher that belong to no sandbox.
    pub helpers: &'a [Pid],
    /// What bubblewrap tells.
    pub status: &'a R,
    /// The first process of the sandbox is an init and the program its child.
    pub has_init: bool,
    /// Signals of the terminal do not reach the program by themselves.
    pub is_in_other_session: bool,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// bubblewrap failed before the program.
    NotStarted,
    /// The program's status.
    Status(u8),
    /// The signal that ended it.
    Signal(i32),
}

/// Blocks the signals that are passed on, and SIGCHLD.
///
/// # Errors
/// When descriptors run out.
pub fn block_signals() -> io::Result<Signals> {
    let mut set = SigSet::empty();
    PASSED_ON
        .into_iter()
        .chain([Signal::SIGCHLD])
        .for_each(|signal| set.add(signal));
    let mut before = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&set), Some(&mut before))?;
    let descriptor = SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
    Ok(Signals { before, descriptor })
}

/// Waits until the program has ended.
///
/// # Errors
/// When the kernel refuses to wait.
pub fn wait<R: Report>(target: &Target<'_, R>, signals: &Signals) -> io::Result<Ended> {
    let mut monitor_died_of = None;
    loop {
        while let Some(ended) = reap()? {
            match ended {
                Reaped::Child(pid, status) if pid == target.monitor => match status {
                    // Killed before it told of the sandbox's first process, which waits for its word and has become our child.
                    Status::Signal(signal) if target.status.child().is_none() => {
                        let orphans = children(Pid::this())
                            .into_iter()
                            .filter(|pid| !target.helpers.contains(pid));
                        kill_all(&orphans.collect::<Vec<_>>(), Signal::SIGKILL);
                        return Ok(Ended::Signal(signal));
                    }
                    Status::Signal(signal) => monitor_died_of = Some(signal),
                    Status::Exit(code) => {
                        return Ok(match target.status.exit_code() {
                            Some(_) => Ended::Status(code),
                            None => Ended::NotStarted,
                        });
                    }
                },
                Reaped::Child(pid, status) if monitor_died_of.is_some() && Some(pid) == target.status.child() => {
                    return Ok(status.into());
                }
                Reaped::Child(..) => {}
                Reaped::None => return Ok(monitor_died_of.map_or(Ended::NotStarted, Ended::Signal)),
            }
        }
        let mut ready = [PollFd::new(signals.descriptor.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ready, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        while let Some(signal) = signals.descriptor.read_signal()? {
            pass_on(target, signal.ssi_signo, signal.ssi_code);
        }
    }
}

enum Reaped {
    Child(Pid, Status),
    /// No child is left.
    None,
}

#[derive(Clone, Copy)]
enum Status {
    Exit(u8),
    Signal(i32),
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        match status {
            Status::Exit(code) => Self::Status(code),
            Status::Signal(signal) => Self::Signal(signal),
        }
    }
}

/// The next child that has ended, `None` when all that are left still run.
fn reap() -> io::Result<Option<Reaped>> {
    match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
        Ok(WaitStatus::StillAlive) => Ok(None),
        // The low eight bits are all that a status has.
        Ok(WaitStatus::Exited(pid, code)) => Ok(Some(Reaped::Child(pid, Status::Exit(code as u8)))),
        Ok(WaitStatus::Signaled(pid, signal, _)) => Ok(Some(Reaped::Child(pid, Status::Signal(signal as i32)))),
        Ok(_) | Err(Errno::EINTR) => reap(),
        Err(Errno::ECHILD) => Ok(Some(Reaped::None)),
        Err(errno) => Err(errno.into()),
    }
}

fn pass_on<R: Report>(target: &Target<'_, R>, number: u32, code: i32) {
    let Some(signal) = i32::try_from(number)
        .ok()
        .and_then(|number| Signal::try_from(number).ok())
    else {
        return;
    };
    let came_from_terminal = code == SI_KERNEL && !target.is_in_other_session;
    if signal == Signal::SIGCHLD || came_from_terminal {
        return;
    }
    let child = target.status.child();
    let program = if target.has_init {
        child.and_then(first_child)
    } else {
        child
    };
    // An init without a child is still setting up: the sandbox ends with it.
    match program.or(child) {
        Some(pid) if program.is_none() && signal != Signal::SIGWINCH => kill_all(&[pid], Signal::SIGKILL),
        Some(pid) => kill_all(&[pid], signal),
        None if signal != Signal::SIGWINCH => kill_all(&[target.monitor], signal),
        None => {}
    }
}

/// A process that has just ended is no error.
fn kill_all(processes: &[Pid], signal: Signal) {
    for pid in processes {
        let _ = kill(*pid, signal);
    }
}

fn first_child(pid: Pid) -> Option<Pid> {
    children(pid).first().copied()
}

/// The children of a process, see proc_pid_task_tid_children(5); none when it has ended.
pub fn children(pid: Pid) -> Vec<Pid> {
    let numbers = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let numbers = numbers.split_whitespace().filter_map(|number| number.parse().ok());
    numbers.map(Pid::from_raw).collect()
}
