//! Waits for children and passes signals on to the program.

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};

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

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The sandbox was not set up, or the program not found.
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

/// What waiting for any child gave.
#[derive(Debug, Clone, Copy)]
pub enum Reaped {
    /// This child has ended.
    Child(Pid, Status),
    /// No child is left.
    None,
}

/// How a process ended.
#[derive(Debug, Clone, Copy)]
pub enum Status {
    /// With this status.
    Exit(u8),
    /// By this signal.
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
///
/// # Errors
/// When the kernel refuses to wait.
pub fn reap() -> io::Result<Option<Reaped>> {
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

/// Where signals go.
#[derive(Debug, Clone, Copy)]
pub struct Receiver {
    /// The first process of the sandbox, once it is known.
    pub first: Option<Pid>,
    /// The first process is an init and the program its child.
    pub has_init: bool,
    /// Who sets the sandbox up, where that is another process.
    pub monitor: Option<Pid>,
    /// Signals of the terminal do not reach the program by themselves.
    pub is_in_other_session: bool,
}

impl Signals {
    /// Waits until a signal has come or `others` can be read, and passes on what has come.
    ///
    /// # Errors
    /// When the kernel refuses to wait.
    pub fn wait(&self, others: Option<BorrowedFd<'_>>, receiver: impl Fn() -> Receiver) -> io::Result<()> {
        let watched = |fd| PollFd::new(fd, PollFlags::POLLIN);
        let mut ready: Vec<_> = [Some(self.descriptor.as_fd()), others]
            .into_iter()
            .flatten()
            .map(watched)
            .collect();
        match poll(&mut ready, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        while let Some(signal) = self.descriptor.read_signal()? {
            pass_on(receiver(), signal.ssi_signo, signal.ssi_code);
        }
        Ok(())
    }
}

fn pass_on(receiver: Receiver, number: u32, code: i32) {
    let Some(signal) = i32::try_from(number)
        .ok()
        .and_then(|number| Signal::try_from(number).ok())
    else {
        return;
    };
    let came_from_terminal = code == SI_KERNEL && !receiver.is_in_other_session;
    if signal == Signal::SIGCHLD || came_from_terminal {
        return;
    }
    let program = if receiver.has_init {
        receiver.first.and_then(first_child)
    } else {
        receiver.first
    };
    // An init without a child is still setting up: the sandbox ends with it.
    match program.or(receiver.first) {
        Some(pid) if program.is_none() && signal != Signal::SIGWINCH => kill_all(&[pid], Signal::SIGKILL),
        Some(pid) => kill_all(&[pid], signal),
        None if signal != Signal::SIGWINCH => kill_all(receiver.monitor.as_slice(), signal),
        None => {}
    }
}

/// Sends a signal to each. A process that has just ended is no error.
pub fn kill_all(processes: &[Pid], signal: Signal) {
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
