//! Kills the program when the launcher dies, whatever killed it (`die-with-parent`).
//!
//! bubblewrap's own `--die-with-parent` ties the program to bubblewrap's monitor, which a Ctrl-C on the terminal kills: a
//! program that handles SIGINT would be killed with it. So a small process of ours, out of reach of the terminal's
//! signals, holds the sandbox back until it knows its first process, and kills that when the launcher's end of a pipe closes.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, setsid};
use serde::Deserialize;

use super::with_number;
use crate::backend::Error;
use crate::backend::prepare::pipe;
use crate::sys::{self, Forked};

/// The guard, while bubblewrap's ends of its pipes are still open here.
#[derive(Debug)]
pub struct Guard {
    running: Running,
    /// bubblewrap writes the first process's id here (`--info-fd`).
    info: OwnedFd,
    /// bubblewrap waits for a byte from here (`--block-fd`).
    block: OwnedFd,
}

/// The guard at work. Ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    pid: Pid,
    lifeline: Option<OwnedFd>,
}

#[derive(Debug, Deserialize)]
struct Info {
    #[serde(rename = "child-pid")]
    child: i32,
}

impl Guard {
    /// Forks it.
    ///
    /// # Errors
    /// When processes or descriptors run out.
    pub fn start() -> Result<Self, Error> {
        let (watch, lifeline) = pipe()?;
        let (info_reader, info) = pipe()?;
        let (block, block_writer) = pipe()?;
        match sys::fork_single_threaded().map_err(Error::system("fork"))? {
            Forked::Parent(pid) => Ok(Self {
                running: Running {
                    pid,
                    lifeline: Some(lifeline),
                },
                info,
                block,
            }),
            Forked::Child => {
                drop((lifeline, info, block));
                watch_over(&watch, info_reader, block_writer);
                sys::exit_now(0)
            }
        }
    }

    /// bubblewrap's options.
    pub fn options(&self) -> Vec<OsString> {
        with_number("--info-fd", &self.info)
            .into_iter()
            .chain(with_number("--block-fd", &self.block))
            .collect()
    }

    /// Descriptors that bubblewrap must have.
    pub fn kept(&self) -> [i32; 2] {
        [self.info.as_raw_fd(), self.block.as_raw_fd()]
    }

    /// Gives up bubblewrap's ends, once it has them.
    pub fn reading(self) -> Running {
        self.running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.lifeline = None;
        // Fails when the supervision reaped it already.
        let _ = waitpid(self.pid, None);
    }
}

fn watch_over(watch: &OwnedFd, info: OwnedFd, block: OwnedFd) {
    // Out of the terminal's reach. Fails only for a group leader, which a fresh child is not.
    let _ = setsid();
    sys::close_standard();
    let mut text = String::new();
    // bubblewrap closes its end after one object; one that dies before closes it too.
    let _ = File::from(info).read_to_string(&mut text);
    let Some(first) = serde_json::from_str::<Info>(&text)
        .ok()
        .and_then(|info| sys::pidfd_open(Pid::from_raw(info.child)).ok())
    else {
        return;
    };
    let mut ends = [PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
    let is_alone = poll(&mut ends, PollTimeout::ZERO).is_ok_and(|ready| ready > 0);
    if !is_alone {
        let _ = File::from(block).write_all(b"x");
        while poll(&mut ends, PollTimeout::NONE).is_err() {}
    }
    let _ = sys::pidfd_send_signal(first.as_fd(), libc::SIGKILL);
}
