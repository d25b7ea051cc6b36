//! Waits for bubblewrap and what it started.
//!
//! bubblewrap's monitor stands between: a terminal's Ctrl-C reaches it together with the program and kills it, while the
//! program may handle it. The launcher is a subreaper, so the first process of the sandbox then becomes its child and its
//! status is still known.

use std::io;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use crate::supervise::{Ended, Reaped, Receiver, Signals, Status, children, kill_all, reap};

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

impl<R: Report> Target<'_, R> {
    fn receiver(&self) -> Receiver {
        Receiver {
            first: self.status.child(),
            has_init: self.has_init,
            monitor: Some(self.monitor),
            is_in_other_session: self.is_in_other_session,
        }
    }
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
        signals.wait(None, || target.receiver())?;
    }
}
