//! A process that stays outside of the confinement, and does something when it is asked to.
//!
//! Who has entered a process namespace can fork no more when the first process of that namespace has ended, and only root may
//! leave it (pid_namespaces(7), setns(2)). So what comes after a confined process is the work of one that was forked before.

use std::fs::File;
use std::io::{Read, Write};
use std::process::exit;

use anyhow::{Context, Result};
use nix::fcntl::OFlag;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pipe2};

use super::supervisor;
use crate::terminal;

/// The process. It ends when this is dropped everywhere.
#[derive(Debug)]
pub struct Standby {
    order: File,
    process: Pid,
}

impl Standby {
    /// Forks it. It does nothing until it is asked.
    pub fn start(body: impl FnOnce() -> Result<()>) -> Result<Self> {
        let (wait, order) = pipe2(OFlag::O_CLOEXEC).context("cannot make a pipe")?;
        #[allow(unsafe_code, reason = "a process that stays outside")]
        // SAFETY: the process has one thread, so the child may do anything.
        let forked = unsafe { fork() }.context("cannot start a process")?;
        match forked {
            ForkResult::Child => {
                drop(order);
                exit(i32::from(!serve(File::from(wait), body)))
            }
            ForkResult::Parent { child } => Ok(Self {
                order: order.into(),
                process: child,
            }),
        }
    }

    /// Asks it and waits; false when it failed, which it has told.
    pub fn carry_out(mut self) -> Result<bool> {
        self.order
            .write_all(b"x")
            .context("cannot ask the process that waits")?;
        Ok(waitpid(self.process, None)? == WaitStatus::Exited(self.process, 0))
    }

    /// It is not needed. It holds the family's lock as long as it lives.
    pub fn dismiss(self) {
        drop(self.order);
        let _ = waitpid(self.process, None);
    }
}

/// Nobody asks where the pipe is closed. What it is asked for is the end of a transaction, which signals do not interrupt.
fn serve(mut wait: File, body: impl FnOnce() -> Result<()>) -> bool {
    let blocked = supervisor::block_ending_signals();
    match wait.read_exact(&mut [0]) {
        Ok(()) => blocked
            .and_then(|()| body())
            .map_err(|error| terminal::tell(format_args!("{error:#}")))
            .is_ok(),
        Err(_) => true,
    }
}
