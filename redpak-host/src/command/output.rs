//! Reading both outputs of a command at once, until a deadline.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags};

use crate::command::{CommandError, Limits};

/// How much of standard error is kept: the end, where the reason stands.
const STDERR: usize = 2048;

/// What a command printed.
#[derive(Debug, Default)]
pub(super) struct Printed {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Reads until both outputs are closed by everyone who has them.
pub(super) fn collect(child: &mut Child, deadline: Instant, limits: &Limits) -> Result<Printed, CommandError> {
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let mut printed = Printed::default();
    while stdout.is_some() || stderr.is_some() {
        let fds = [stdout.as_ref().map(AsFd::as_fd), stderr.as_ref().map(AsFd::as_fd)];
        let [out, err] = match ready(fds, deadline).map_err(CommandError::Read)? {
            Some(ready) => ready,
            None => {
                return Err(CommandError::TimedOut {
                    limit: limits.time,
                    stderr: printed.stderr,
                });
            }
        };
        if out {
            read(&mut stdout, &mut printed.stdout).map_err(CommandError::Read)?;
        }
        if err {
            read(&mut stderr, &mut printed.stderr).map_err(CommandError::Read)?;
            let surplus = printed.stderr.len().saturating_sub(STDERR);
            printed.stderr.drain(..surplus);
        }
        if printed.stdout.len() > limits.output {
            return Err(CommandError::TooLong(limits.output));
        }
    }
    Ok(printed)
}

/// Waits for the end of a command without reaping it.
pub(super) fn wait(child: &Child, deadline: Instant, limits: &Limits) -> Result<(), CommandError> {
    let fail = |error: Errno| CommandError::Wait(error.into());
    let pid = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or(Errno::SRCH)
        .map_err(fail)?;
    let process = rustix::process::pidfd_open(pid, PidfdFlags::empty()).map_err(fail)?;
    match ready([Some(process.as_fd()), None], deadline).map_err(CommandError::Wait)? {
        Some(_) => Ok(()),
        None => Err(CommandError::TimedOut {
            limit: limits.time,
            stderr: Vec::new(),
        }),
    }
}

/// Which of two descriptors can be read without waiting; `None` at the deadline.
fn ready(fds: [Option<BorrowedFd<'_>>; 2], deadline: Instant) -> io::Result<Option<[bool; 2]>> {
    let mut polled: Vec<_> = fds
        .iter()
        .flatten()
        .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
        .collect();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match poll(&mut polled, Some(&timespec(left))) {
            Ok(0) if left.is_zero() => return Ok(None),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let mut answers = polled.iter().map(|fd| !fd.revents().is_empty());
    Ok(Some(fds.map(|fd| fd.is_some() && answers.next().unwrap_or_default())))
}

fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    }
}

/// Reads what is there; at the end the source is closed.
fn read<R: Read>(source: &mut Option<R>, into: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    let Some(reader) = source else { return Ok(()) };
    match reader.read(&mut buffer) {
        Ok(0) => *source = None,
        Ok(count) => into.extend_from_slice(&buffer[..count]),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
