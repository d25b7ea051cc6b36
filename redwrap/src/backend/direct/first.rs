//! The first process of the sandbox: builds the new root, gives up its rights, becomes the program or its init.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd as _, AsRawFd, OwnedFd};
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Pid, chdir, getppid, setsid};
use redpak::display;
use redpak::plan::{Namespace, Operation, Plan, Step};
use rustix::thread::CapabilitySet;

use super::old_root::OldRoot;
use super::privileges::{self, Privileges};
use super::report::{Maps, Message, send};
use super::root::NewRoot;
use super::{init, program};
use crate::backend::Exit;
use crate::backend::prepare::descriptors::Descriptors;
use crate::backend::prepare::terminal_filter;
use crate::sys::{self, sandbox};

/// What the first process needs, made before it.
#[derive(Debug)]
pub struct First<'a> {
    /// What it sets up.
    pub plan: &'a Plan,
    /// What it mounts.
    pub descriptors: &'a Descriptors,
    /// Signals that were blocked when the launcher was started.
    pub signals_before: &'a SigSet,
    /// Where it tells the launcher.
    pub report: OwnedFd,
    /// Ends when the launcher does; a byte says that the user namespace is mapped.
    pub alive: OwnedFd,
    /// The launcher maps the user namespace.
    pub launcher_maps: bool,
}

/// What the process that made it was.
#[derive(Debug)]
pub struct Before {
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its effective capabilities.
    pub capabilities: CapabilitySet,
    /// The new process is in a user namespace of its own.
    pub in_user_namespace: bool,
}

/// A step that failed, in words, and the kernel's reason.
pub type Failed = (String, io::Error);

impl First<'_> {
    /// Goes on as the first process. `lifeline` is closed here: it is the launcher's alone.
    pub fn run(self, before: &Before, lifeline: &OwnedFd) -> ! {
        sys::close_in_child(lifeline);
        let Err((step, error)) = self.set_up(before);
        self.fail(&step, &error)
    }

    /// Tells the launcher why nothing comes of it, and ends.
    pub fn fail(&self, step: &str, error: &io::Error) -> ! {
        send(&self.report, &Message::failed(step, error));
        sys::exit_now(i32::from(Exit::OWN_FAILURE))
    }

    fn set_up(&self, before: &Before) -> Result<std::convert::Infallible, Failed> {
        // It may have been undone for the maps of a time namespace's user namespace.
        at("hide from others", sys::make_undumpable())?;
        let came_from = std::env::current_dir().ok();
        let proc = at(
            "open /proc",
            sys::open_proc("/proc", OFlag::O_PATH | OFlag::O_DIRECTORY),
        )?;
        if before.in_user_namespace {
            // Root of this one builds the sandbox.
            let maps = Maps {
                uid: (0, before.uid),
                gid: (0, before.gid),
            };
            self.map(before, &proc, maps)?;
        }
        if self.has(|operation| *operation == Operation::Unshare(Namespace::Network)) {
            at("bring the loopback device up", sandbox::bring_loopback_up())?;
        }
        if let Some(name) = self.last(|operation| match operation {
            Operation::Hostname(name) => Some(name),
            _ => None,
        }) {
            at("set the host name", nix::unistd::sethostname(name))?;
        }
        let mask = umask(Mode::empty());
        let locks = self.build_root()?;
        if before.in_user_namespace {
            // Whatever the program may do, it does in this one: the mounts belong to the one above, and stay as they are.
            at("make the program's user namespace", unshare(CloneFlags::CLONE_NEWUSER))?;
            self.map(before, &proc, self.maps_inside(before))?;
        }
        drop(proc);
        // No path of the plan leads to what the caller left open, or to what was mounted.
        sys::close_all_but(vec![0, 1, 2, self.report.as_raw_fd(), self.alive.as_raw_fd()]);
        umask(mask);
        let privileges = Privileges::of(self.plan, before);
        privileges.restrict()?;
        let mut environment = self.plan.environment(std::env::vars_os());
        environment.insert("PWD".into(), self.change_directory(came_from, &environment)?.into());
        if self.plan.is_in_other_session() {
            at("start a session", setsid())?;
        }
        let locks = init::take(&locks)?;
        at(
            "filter system calls",
            sandbox::filter_system_calls(&terminal_filter::program()),
        )?;
        if self.plan.dies_with_launcher() {
            self.die_with_launcher()?;
        }
        if self.plan.has_init() {
            self.start_program(&privileges, environment, &locks)
        } else {
            self.execute(&privileges, environment)
        }
    }

    fn has(&self, wanted: impl Fn(&Operation) -> bool) -> bool {
        self.plan.steps.iter().any(|step| wanted(&step.operation))
    }

    fn last<'a, T>(&'a self, wanted: impl Fn(&'a Operation) -> Option<T>) -> Option<T> {
        self.plan.steps.iter().rev().find_map(|step| wanted(&step.operation))
    }

    /// The ids of the program, in the namespace of the sandbox's root.
    fn maps_inside(&self, before: &Before) -> Maps {
        let uid = self.last(|operation| match operation {
            Operation::Uid(id) => Some(*id),
            _ => None,
        });
        let gid = self.last(|operation| match operation {
            Operation::Gid(id) => Some(*id),
            _ => None,
        });
        Maps {
            uid: (uid.unwrap_or(before.uid), 0),
            gid: (gid.unwrap_or(before.gid), 0),
        }
    }

    /// Maps this process's user namespace. `proc` is /proc, whatever the root is.
    fn map(&self, before: &Before, proc: &OwnedFd, maps: Maps) -> Result<(), Failed> {
        let step = "map the user namespace";
        if self.launcher_maps {
            send(&self.report, &Message::Map(maps));
            let mut byte = [0];
            return match nix::unistd::read(&self.alive, &mut byte) {
                Ok(1) => Ok(()),
                _ => Err((step.to_owned(), Errno::EPIPE.into())),
            };
        }
        // The maps of a process that cannot be dumped belong to root; what is in its memory is the caller's own.
        if before.uid != 0 {
            at(step, sys::make_dumpable())?;
        }
        let written = sys::write_id_maps(proc, "self", maps.uid, maps.gid);
        at(step, sys::make_undumpable())?;
        at(step, written)
    }

    /// Builds the new root and makes it this process's; the files that are locked.
    fn build_root(&self) -> Result<Vec<PathBuf>, Failed> {
        let mut root = NewRoot::new(OldRoot::of(self.plan, self.descriptors)?)?;
        for (index, step) in self.plan.steps.iter().enumerate() {
            at_step(step, root.apply(index, &step.operation, self.descriptors.of(index)))?;
        }
        root.enter()
    }

    /// Where the program starts: `chdir`, or where the caller is, or HOME, or the root.
    fn change_directory(
        &self,
        came_from: Option<PathBuf>,
        environment: &BTreeMap<OsString, OsString>,
    ) -> Result<PathBuf, Failed> {
        let wanted = self.last(|operation| match operation {
            Operation::ChangeDirectory(path) => Some(path),
            _ => None,
        });
        if let Some(path) = wanted {
            at(&format!("change to the directory {}", display::path(path)), chdir(path))?;
            return Ok(path.clone());
        }
        let home = environment.get(OsStr::new("HOME")).map(PathBuf::from);
        let mut places = [came_from, home].into_iter().flatten();
        Ok(places
            .find(|place| chdir(place).is_ok())
            .unwrap_or_else(|| PathBuf::from("/")))
    }

    /// Whatever ends the launcher ends this process, and with an init all others.
    fn die_with_launcher(&self) -> Result<(), Failed> {
        at("die with the launcher", nix::sys::prctl::set_pdeathsig(Signal::SIGKILL))?;
        let mut ends = [PollFd::new(self.alive.as_fd(), PollFlags::POLLIN)];
        let is_alone = poll(&mut ends, PollTimeout::ZERO).is_ok_and(|ready| ready > 0);
        if is_alone {
            sys::exit_now(i32::from(Exit::OWN_FAILURE));
        }
        Ok(())
    }

    /// Starts the program; this process goes on as init and does not return.
    fn start_program(
        &self,
        privileges: &Privileges,
        environment: BTreeMap<OsString, OsString>,
        locks: &[OwnedFd],
    ) -> Result<std::convert::Infallible, Failed> {
        let init = Pid::this();
        let mut environment = Some(environment);
        let mut run = || {
            let Err((step, error)) = self.become_program(init, privileges, environment.take().unwrap_or_default());
            self.fail(&step, &error)
        };
        let program = at("start the program", sandbox::spawn_sharing_memory(&mut run))?;
        let kept = locks.iter().chain([&self.report]).map(AsRawFd::as_raw_fd).collect();
        sys::close_all_but(kept);
        sandbox::forget_environment();
        privileges::give_up_all()?;
        init::wait(program, &self.report)
    }

    /// The new process beside init.
    fn become_program(
        &self,
        init: Pid,
        privileges: &Privileges,
        environment: BTreeMap<OsString, OsString>,
    ) -> Result<std::convert::Infallible, Failed> {
        if self.plan.dies_with_launcher() {
            at("die with init", nix::sys::prctl::set_pdeathsig(Signal::SIGKILL))?;
            if getppid() != init {
                sys::exit_now(i32::from(Exit::OWN_FAILURE));
            }
        }
        self.execute(privileges, environment)
    }

    fn execute(
        &self,
        privileges: &Privileges,
        environment: BTreeMap<OsString, OsString>,
    ) -> Result<std::convert::Infallible, Failed> {
        privileges.keep_across_exec()?;
        at("restore SIGPIPE", sys::restore_sigpipe())?;
        at(
            "restore signals",
            sigprocmask(SigmaskHow::SIG_SETMASK, Some(self.signals_before), None),
        )?;
        let error = program::execute(&self.plan.program, environment);
        send(
            &self.report,
            &Message::NotExecuted(error.raw_os_error().unwrap_or(libc::EIO)),
        );
        sys::exit_now(i32::from(Exit::OWN_FAILURE))
    }
}

/// Names the step of a failure.
///
/// # Errors
/// `result`'s.
pub fn at<T>(step: &str, result: Result<T, impl Into<io::Error>>) -> Result<T, Failed> {
    result.map_err(|error| (step.to_owned(), error.into()))
}

/// As [`at`], of a step of the plan.
///
/// # Errors
/// `result`'s.
pub fn at_step<T>(step: &Step, result: io::Result<T>) -> Result<T, Failed> {
    result.map_err(|error| (format!("{} ({})", what(&step.operation), step.origin), error))
}

/// What a step does, for messages.
fn what(operation: &Operation) -> String {
    match operation {
        Operation::Bind { source, mount, .. } => {
            format!("mount {} at {}", display::path(&source.path), display::path(mount))
        }
        Operation::Symlink { mount, .. } => format!("make the link {}", display::path(mount)),
        Operation::File { mount, .. } => format!("make the file {}", display::path(mount)),
        Operation::Directory(path) => format!("make the directory {}", display::path(path)),
        Operation::Tmpfs(mount) => format!("mount a tmpfs at {}", display::path(mount)),
        Operation::Devfs(mount) => format!("mount devices at {}", display::path(mount)),
        Operation::Procfs(mount) => format!("mount the processes at {}", display::path(mount)),
        Operation::Mqueue(mount) => format!("mount message queues at {}", display::path(mount)),
        _ => String::from("set the sandbox up"),
    }
}
