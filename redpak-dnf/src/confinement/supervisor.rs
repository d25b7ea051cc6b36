//! The process that waits outside, and the first process of the new process namespace.

use std::fmt;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::exit;

use anyhow::Result;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, kill, pthread_sigmask, sigaction};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pipe};

use crate::terminal;

/// What the confined process says to the one that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Message {
    /// Files are about to change: whatever signal comes, the transaction finishes.
    Changing = b'x',
    /// The rpmdb shows what was planned, or nothing was changed.
    InOrder = b'i',
    /// rpm failed, and some packages came or went all the same.
    NeedsState = b's',
    /// The command did what it was asked for.
    Complete = b'c',
}

/// The end of a pipe to the supervisor.
#[derive(Debug)]
pub struct Supervisor(OwnedFd);

impl Supervisor {
    /// Says something.
    pub fn tell(&self, message: Message) {
        // It may be that nobody listens any more.
        let _ = nix::unistd::write(&self.0, &[message as u8]);
    }
}

/// How the confined process ended.
#[derive(Debug)]
pub struct Ended {
    said: Vec<u8>,
    /// Whether its exit status is one of success.
    pub is_success: bool,
}

impl Ended {
    /// Whether it said this.
    pub fn has_said(&self, message: Message) -> bool {
        self.said.contains(&(message as u8))
    }
}

/// Signals that would end a program.
const ENDING: [Signal; 4] = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM];

/// Signals that a process has from itself, by abort(3) or a limit of time on the processor.
const OWN: [Signal; 2] = [Signal::SIGABRT, Signal::SIGXCPU];

/// Signals that would end this process wait until this is dropped.
#[derive(Debug)]
pub struct HeldSignals {
    before: SigSet,
}

impl HeldSignals {
    /// Holds them.
    pub fn hold() -> Result<Self> {
        let ending: SigSet = ENDING.into_iter().collect();
        let mut before = SigSet::empty();
        pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&ending), Some(&mut before))?;
        Ok(Self { before })
    }
}

impl Drop for HeldSignals {
    fn drop(&mut self) {
        // Only an unknown way of changing the mask fails.
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&self.before), None);
    }
}

/// What ends a program does not end this process from here on.
pub fn block_ending_signals() -> Result<()> {
    let signals: SigSet = ENDING.into_iter().collect();
    Ok(pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&signals), None)?)
}

/// The first process of a namespace does not get signals that it has no handler for: without one, abort(3) ends as a segmentation
/// fault there, and time on the processor has no limit.
extern "C" fn end_by(signal: libc::c_int) {
    #[allow(unsafe_code, reason = "the one way out of a signal handler")]
    // SAFETY: _exit(2) is safe in signal handlers.
    unsafe {
        libc::_exit(128 + signal)
    }
}

/// Forks. The child returns; the parent waits for it and ends as it ends.
///
/// Before the transaction runs, a signal to the parent kills the child at once: nothing has been changed. Later the
/// child finishes, as librpm itself would insist.
///
/// `end` is called in the parent when the child has ended, whatever came of it.
pub fn split(end: impl FnOnce(&Ended) -> Result<()>) -> Result<Supervisor> {
    let (told, tell) = pipe()?;
    let mut signals = SigSet::empty();
    ENDING
        .into_iter()
        .chain([Signal::SIGCHLD])
        .for_each(|signal| signals.add(signal));
    let mut before = SigSet::empty();
    pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&signals), Some(&mut before))?;
    // Who has blocked a signal does not want to be ended by it, and one may be pending.
    ENDING
        .into_iter()
        .filter(|signal| before.contains(*signal))
        .for_each(|signal| signals.remove(signal));
    #[allow(unsafe_code, reason = "the first process of the new namespace must be a child")]
    // SAFETY: the process has one thread, so the child may do anything.
    let forked = unsafe { fork() }?;
    match forked {
        ForkResult::Child => {
            drop(told);
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            // Nobody inside types into the caller's terminal (TIOCSTI) or signals the caller's process group.
            nix::unistd::setsid()?;
            pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
            let end = SigAction::new(SigHandler::Handler(end_by), SaFlags::empty(), SigSet::empty());
            for signal in OWN {
                #[allow(unsafe_code, reason = "the handler of a signal")]
                // SAFETY: the handler calls nothing but _exit(2).
                unsafe { sigaction(signal, &end) }?;
            }
            Ok(Supervisor(close_on_exec(tell)?))
        }
        ForkResult::Parent { child } => {
            drop(tell);
            let status = supervise(child, &signals, &told);
            // The kernel has killed whatever the child left behind: it was the first process of its namespace.
            let ended = end(&status.ended(told)).map_err(|error| terminal::tell(format_args!("{error:#}")));
            exit(if ended.is_ok() {
                status.code()
            } else {
                status.code().max(1)
            })
        }
    }
}

fn close_on_exec(descriptor: OwnedFd) -> Result<OwnedFd> {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    fcntl(&descriptor, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(descriptor)
}

/// What became of the child.
enum Status {
    Exited(i32),
    /// The supervisor killed it, because it got this signal itself.
    Stopped(Signal),
    /// It did not come to its end: an assertion of a library, memory that ran out, a signal from somebody.
    Died(Signal),
}

impl Status {
    fn code(&self) -> i32 {
        match self {
            Self::Exited(status) => *status,
            Self::Stopped(signal) | Self::Died(signal) => 128 + *signal as i32,
        }
    }

    /// All that it said; a death is reported.
    fn ended(&self, told: OwnedFd) -> Ended {
        let mut said = Vec::new();
        // Whoever could write has ended.
        let _ = std::fs::File::from(told).read_to_end(&mut said);
        let is_success = self.code() == 0;
        let ended = Ended { said, is_success };
        if let Self::Died(signal) = self {
            let changed = ended.has_said(Message::Changing);
            eprintln!(
                "{}",
                Death {
                    signal: *signal,
                    changed
                }
            );
        }
        ended
    }
}

fn supervise(child: Pid, signals: &SigSet, told: &OwnedFd) -> Status {
    loop {
        match signals.wait() {
            Ok(Signal::SIGCHLD) => {}
            Ok(signal) if !is_running(told) => {
                let _ = kill(child, Signal::SIGKILL);
                let _ = waitpid(child, None);
                return Status::Stopped(signal);
            }
            Ok(_) | Err(_) => continue,
        }
        match waitpid(child, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(_, status)) => return ended_with(status),
            Ok(WaitStatus::Signaled(_, signal, _)) => return Status::Died(signal),
            Ok(_) => {}
            Err(_) => return Status::Exited(1),
        }
    }
}

/// The first process of a namespace cannot die of these signals: its exit status says so instead, as a shell's does.
fn ended_with(status: i32) -> Status {
    let own = OWN.into_iter().find(|signal| 128 + *signal as i32 == status);
    own.map_or(Status::Exited(status), Status::Died)
}

struct Death {
    signal: Signal,
    changed: bool,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redwrap-dnf died of {}", self.signal)?;
        f.write_str(if self.changed {
            " in the middle of the transaction; the next command repairs the node"
        } else {
            " before anything was changed; caches that it was reading are made anew by the next command"
        })?;
        if self.signal == Signal::SIGXCPU {
            f.write_str("; metadata took more time on the processor than 20 minutes, or than `ulimit -t` allows")?;
        }
        Ok(())
    }
}

/// Files are changing: something has come through the pipe, or its other end has been closed.
fn is_running(told: &OwnedFd) -> bool {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    let mut descriptors = [PollFd::new(told.as_fd(), PollFlags::POLLIN)];
    matches!(poll(&mut descriptors, PollTimeout::ZERO), Ok(1))
}

/// Kills every other process of the namespace: what a scriptlet has left behind. libdnf5 would wait for it, as long as it
/// keeps the pipe open that its output goes to.
pub fn end_others() {
    const EVERYBODY: Pid = Pid::from_raw(-1);
    if Pid::this() != Pid::from_raw(1) {
        return;
    }
    let _ = kill(EVERYBODY, Signal::SIGKILL);
    // They have become children of this process; librpm waits for its own before it tells of their end.
    while let Ok(status) = waitpid(EVERYBODY, Some(WaitPidFlag::WNOHANG)) {
        if status == WaitStatus::StillAlive {
            return;
        }
    }
}

/// Runs `body` in a child process of its own and waits; false when it failed, which the child has told.
///
/// What confines a process cannot be undone in it, so that what comes after starts from here.
///
/// Signals that end a program wait meanwhile: the child gets those of the terminal itself, and decides.
pub fn in_child(body: impl FnOnce() -> Result<()>) -> Result<bool> {
    let _held = HeldSignals::hold()?;
    #[allow(unsafe_code, reason = "confinement lasts as long as the process")]
    // SAFETY: the process has one thread, so the child may do anything.
    let forked = unsafe { fork() }?;
    match forked {
        ForkResult::Child => {
            // Nobody holds the lock for it any more when the command is killed.
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            let ending: SigSet = ENDING.into_iter().collect();
            pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&ending), None)?;
            let failed = body()
                .map_err(|error| terminal::tell(format_args!("{error:#}")))
                .is_err();
            exit(i32::from(failed))
        }
        ForkResult::Parent { child } => Ok(waitpid(child, None)? == WaitStatus::Exited(child, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_stands_for_the_signals_that_a_first_process_ignores() {
        for signal in OWN {
            assert!(matches!(ended_with(128 + signal as i32), Status::Died(died) if died == signal));
        }
        for status in [0, 1, 100, 128, 255] {
            assert!(matches!(ended_with(status), Status::Exited(same) if same == status));
        }
    }

    #[test]
    fn a_death_is_told_with_what_it_means() {
        let text = |signal, changed| Death { signal, changed }.to_string();
        let of_time = text(Signal::SIGXCPU, false);
        assert!(
            of_time.contains("20 minutes") && of_time.contains("before anything was changed"),
            "{of_time}"
        );
        let other = text(Signal::SIGSEGV, true);
        assert!(
            !other.contains("20 minutes") && other.contains("repairs the node"),
            "{other}"
        );
    }
}
