//! The init of a sandbox: holds its locks, reaps its processes, tells the program's status.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use redpak::display;

use super::first::{Failed, at};
use super::report::{Message, send};
use crate::backend::Exit;
use crate::sys;

/// Takes a read lock of each file, inside; held while this process lives, see fcntl_locking(2).
///
/// # Errors
/// When one is not there, or somebody holds it for writing.
pub fn take(files: &[PathBuf]) -> Result<Vec<OwnedFd>, Failed> {
    let lock = |path: &PathBuf| {
        let step = format!("lock {}", display::path(path));
        let file = at(&step, File::open(path))?;
        at(&step, fcntl(&file, FcntlArg::F_SETLK(&whole_file())))?;
        Ok(OwnedFd::from(file))
    };
    files.iter().map(lock).collect()
}

const fn whole_file() -> libc::flock {
    libc::flock {
        l_type: libc::F_RDLCK as i16,
        l_whence: libc::SEEK_SET as i16,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

/// Waits for all processes. The launcher hears of the program as soon as that ends; others may go on.
pub fn wait(program: Pid, report: &OwnedFd) -> ! {
    let mut status = Exit::OWN_FAILURE;
    loop {
        let (pid, exit) = match waitpid(None, None) {
            // The low eight bits are all that a status has.
            Ok(WaitStatus::Exited(pid, code)) => (pid, Exit::Program(code as u8)),
            Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, Exit::from_signal(signal as i32)),
            Ok(_) | Err(Errno::EINTR) => continue,
            // No process is left.
            Err(_) => sys::exit_now(i32::from(status)),
        };
        if pid == program {
            status = exit.status();
            send(report, &Message::Ended(status));
        }
    }
}
