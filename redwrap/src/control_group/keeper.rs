//! Removes the groups when the launch is over, whatever ended the launcher: a process of ours that waits for that.

use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, pipe2, setsid};

use super::Made;
use crate::sys::{self, Forked};

/// How long the launcher waits for its groups to go: the kernel lets go of an ended process within that.
const PATIENCE_MS: u16 = 500;
/// How often to look whether processes are left where the kernel does not tell.
const INTERVAL_MS: u16 = 1000;

/// The process, while the launcher lives.
#[derive(Debug)]
pub struct Keeper {
    pid: Pid,
    process: Option<OwnedFd>,
    lifeline: Option<OwnedFd>,
}

impl Keeper {
    /// Forks it.
    ///
    /// # Errors
    /// When processes or descriptors run out.
    pub fn start(made: &Made) -> std::io::Result<Self> {
        let (watch, lifeline) = pipe2(OFlag::O_CLOEXEC)?;
        match sys::fork_single_threaded()? {
            Forked::Parent(pid) => Ok(Self {
                pid,
                process: sys::pidfd_open(pid).ok(),
                lifeline: Some(lifeline),
            }),
            Forked::Child => {
                // Out of the terminal's reach. Fails only for a group leader, which a fresh child is not.
                let _ = setsid();
                let mut needed = made.descriptors();
                needed.push(watch.as_raw_fd());
                sys::close_all_but(needed);
                keep(&watch, made);
                sys::exit_now(0)
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.lifeline = None;
        if let Some(process) = &self.process {
            // Processes that outlive the launcher keep their groups, and the keeper: it is not waited for then.
            let _ = poll(
                &mut [PollFd::new(process.as_fd(), PollFlags::POLLIN)],
                PollTimeout::from(PATIENCE_MS),
            );
        }
        let _ = waitpid(self.pid, Some(WaitPidFlag::WNOHANG));
    }
}

fn keep(watch: &OwnedFd, made: &Made) {
    let mut ends = [PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
    while poll(&mut ends, PollTimeout::NONE).is_err() {}
    loop {
        // Opened before it is read: a change between reading and waiting is then told by the wait.
        let events = made.program.open_events();
        if made.program.number("cgroup.events", "populated") != Some(1) {
            break;
        }
        let mut changes: Vec<_> = events
            .iter()
            .map(|file| PollFd::new(file.as_fd(), PollFlags::POLLPRI))
            .collect();
        let _ = poll(&mut changes, PollTimeout::from(INTERVAL_MS));
    }
    made.remove();
}
