//! Between fork and exec: the launcher's child becomes what the plan says, then bubblewrap.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read as _};

use nix::sys::signal::{SigmaskHow, sigprocmask};
use nix::unistd::Pid;

use crate::backend::Error;
use crate::backend::prepare::identity::{self, Failed, Identity, at};
use crate::backend::prepare::pipe;
use crate::supervise::Signals;
use crate::sys::{self, Forked};

/// Everything that the child needs, made before the fork.
#[derive(Debug)]
pub struct Exec {
    /// bubblewrap.
    pub program: CString,
    /// Its name and arguments.
    pub words: Vec<CString>,
    /// Its environment.
    pub environment: Vec<CString>,
    /// Descriptors that stay open.
    pub keep: Vec<i32>,
    /// Who and where the program is.
    pub identity: Identity,
}

/// Forks and executes bubblewrap; its process id.
///
/// # Errors
/// When it could not be executed, with the step that failed.
pub fn start(exec: &Exec, signals: &Signals) -> Result<Pid, Error> {
    let (reader, writer) = pipe()?;
    match sys::fork_single_threaded().map_err(Error::system("fork"))? {
        Forked::Child => {
            let Err((step, source)) = become_bubblewrap(exec, signals);
            let report = format!("{}\n{step}", source.raw_os_error().unwrap_or(libc::EIO));
            // The parent is told over the pipe; when it is gone nobody is left to tell.
            let _ = nix::unistd::write(&writer, report.as_bytes());
            sys::exit_now(i32::from(crate::backend::Exit::OWN_FAILURE))
        }
        Forked::Parent(pid) => {
            drop(writer);
            let mut report = String::new();
            let _ = File::from(reader).read_to_string(&mut report);
            if report.is_empty() {
                Ok(pid)
            } else {
                Err(failure(pid, &report))
            }
        }
    }
}

fn failure(pid: Pid, report: &str) -> Error {
    let _ = nix::sys::wait::waitpid(pid, None);
    let (errno, step) = report.split_once('\n').unwrap_or(("5", "start bubblewrap"));
    let source = io::Error::from_raw_os_error(errno.parse().unwrap_or(libc::EIO));
    identity::error(step, source)
}

fn become_bubblewrap(exec: &Exec, signals: &Signals) -> Result<std::convert::Infallible, Failed> {
    identity::take(&exec.identity)?;
    at("close descriptors", sys::close_others_on_exec())?;
    for fd in &exec.keep {
        at("keep descriptors", sys::keep_on_exec(*fd))?;
    }
    at("restore SIGPIPE", sys::restore_sigpipe())?;
    at(
        "restore signals",
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&signals.before), None),
    )?;
    at(
        "execute bubblewrap",
        sys::execve(&exec.program, &exec.words, &exec.environment),
    )
}
