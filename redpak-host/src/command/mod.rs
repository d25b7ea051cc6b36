//! Commands of a config, `$(…)` and Execfd: run under `/bin/sh`, within limits, with nothing of ours in their hands.
//!
//! They get a clean environment, an empty standard input and no open descriptor; they cannot gain privileges, run in a
//! process group of their own, and have an end: of time, of output, and together with us. Run by root for another
//! user they are that user and have no network.

mod error;
mod output;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redpak::expand;
use rustix::process::{Gid, Pid, Signal, Uid};

pub use error::CommandError;

/// How long a command may take and how much it may print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time until the whole process group is killed.
    pub time: Duration,
    /// Most bytes on standard output.
    pub output: usize,
}

impl Default for Limits {
    /// A launch takes milliseconds: who waits ten seconds waits for something that hangs.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            output: 1 << 20,
        }
    }
}

/// Who a command runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
}

/// Runs commands.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// Limits of each command.
    pub limits: Limits,
    /// Another user than the caller; only root may have that.
    pub identity: Option<Identity>,
}

/// Where programs are looked for; the caller's own `PATH` must not decide what a config does.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Shell {
    /// Runs a command line and returns what it prints on standard output, all of it.
    ///
    /// # Errors
    /// When it cannot be started, fails, takes too long or prints too much.
    pub fn output(&self, command: &expand::Command) -> Result<Vec<u8>, CommandError> {
        let deadline = Instant::now() + self.limits.time;
        let mut group = Group(self.start(command).map_err(CommandError::Start)?);
        let printed = output::collect(&mut group.0, deadline, &self.limits)?;
        output::wait(&group.0, deadline, &self.limits)?;
        // Whoever is left of the group goes before its leader is reaped: until then its number is not used again.
        group.kill();
        let status = group.0.wait().map_err(CommandError::Wait)?;
        if status.success() {
            Ok(printed.stdout)
        } else {
            Err(CommandError::Failed {
                status,
                stderr: printed.stderr,
            })
        }
    }

    fn start(&self, command: &expand::Command) -> std::io::Result<Child> {
        let mut shell = Command::new("/bin/sh");
        shell
            .args([OsStr::new("-c"), &command.text])
            .env_clear()
            .env("PATH", PATH)
            .envs(command.environment.iter().map(|(key, value)| (key, value)))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        confine(&mut shell, self.identity.clone().map(Credentials::from));
        shell.spawn()
    }
}

impl expand::Runner for Shell {
    fn run(&mut self, command: &expand::Command) -> Result<Vec<u8>, String> {
        self.output(command).map_err(|error| crate::report::chain(&error))
    }
}

/// An identity in the kernel's types.
struct Credentials {
    uid: Uid,
    gid: Gid,
    groups: Vec<Gid>,
}

impl From<Identity> for Credentials {
    fn from(identity: Identity) -> Self {
        Self {
            uid: Uid::from_raw(identity.uid),
            gid: Gid::from_raw(identity.gid),
            groups: identity.groups.into_iter().map(Gid::from_raw).collect(),
        }
    }
}

/// What a command gives up between fork and exec.
#[allow(unsafe_code)] // the closure runs in a forked process
fn confine(shell: &mut Command, credentials: Option<Credentials>) {
    // SAFETY: the closure only makes system calls on values that were made before the fork; it neither allocates nor
    // takes a lock.
    unsafe {
        shell.pre_exec(move || {
            close_descriptors()?;
            if let Some(credentials) = &credentials {
                become_user(credentials)?;
            }
            // Changing credentials clears this one, so it comes after.
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            rustix::thread::set_no_new_privs(true)?;
            Ok(())
        });
    }
}

/// Descriptors that the caller left open must not reach a command; they are closed when it is executed.
#[allow(unsafe_code)] // the system call has no safe wrapper
fn close_descriptors() -> std::io::Result<()> {
    let flags = libc::CLOSE_RANGE_CLOEXEC as libc::c_int;
    // SAFETY: the flag only marks descriptors, none is closed under its owner.
    match unsafe { libc::close_range(3, libc::c_uint::MAX, flags) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

#[allow(unsafe_code)] // leaving a namespace can break what other threads rely on
fn become_user(to: &Credentials) -> std::io::Result<()> {
    let network = rustix::thread::UnshareFlags::NEWNET;
    // SAFETY: the forked process has a single thread, and none of its descriptors refers to the network.
    unsafe { rustix::thread::unshare_unsafe(network)? };
    rustix::thread::set_thread_groups(&to.groups)?;
    rustix::thread::set_thread_res_gid(to.gid, to.gid, to.gid)?;
    rustix::thread::set_thread_res_uid(to.uid, to.uid, to.uid)?;
    Ok(())
}

/// The process group of a command; nobody of it is left when it is dropped.
struct Group(Child);

impl Group {
    fn kill(&mut self) {
        if let Some(leader) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // Nobody left to kill is what is wanted.
            let _ = rustix::process::kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // After it was reaped the number may be another's.
        if let Ok(None) = self.0.try_wait() {
            self.kill();
            let _ = self.0.wait();
        }
    }
}
