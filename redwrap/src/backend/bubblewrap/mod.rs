//! The bubblewrap backend: a plan becomes arguments and descriptors of bwrap(1).

mod child;
mod environment;
mod guard;
mod lookup;
mod status;
mod version;
mod wait;

pub use version::VersionError;

use std::ffi::OsString;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use nix::unistd::Pid;
use redpak::plan::{self, Operation, Plan};

use self::child::Exec;
use self::guard::Guard;
use self::status::Status;
use self::wait::Target;
use crate::backend::prepare::descriptors::Descriptors;
use crate::backend::prepare::identity::Identity;
use crate::backend::prepare::{c_string, memory_file, terminal_filter};
use crate::backend::{Backend, Error, Exit};
use crate::control_group::Groups;
use crate::supervise::{self, Ended};
use crate::{output, sys};

/// Starts programs with a bubblewrap.
#[derive(Debug)]
pub struct Bubblewrap {
    /// The program `bwrap`.
    pub path: PathBuf,
    /// The caller named it, and vouches for it.
    pub vouched: bool,
    /// Tell no warnings.
    pub quiet: bool,
}

impl Backend for Bubblewrap {
    fn carry_out(&self, plan: &Plan) -> Result<Exit, Error> {
        if let Some(warning) = version::check(&self.path, self.vouched)? {
            output::warning(self.quiet, &warning);
        }
        let own = without_own_steps(plan);
        let descriptors = Descriptors::open(&own)?.with_contents(&own)?;
        let arguments = plan::bubblewrap(&own, &descriptors.numbers())?;
        let filter = memory_file::sealed("redwrap-filter", &terminal_filter::bytes()).map_err(Error::MemoryFile)?;
        let groups = Groups::make(&plan.preparation.control_groups)?;
        let identity = Identity::of(&plan.preparation, groups.program_procs()?)?;
        let status = Status::new()?;
        sys::become_subreaper().map_err(Error::system("become a subreaper"))?;
        let guard = if plan.dies_with_launcher() {
            Some(Guard::start()?)
        } else {
            None
        };

        let mut options = arguments.options;
        options.extend(with_number("--add-seccomp-fd", &filter));
        options.extend(with_number("--json-status-fd", status.writer()));
        options.extend(guard.iter().flat_map(Guard::options));
        let options = memory_file::sealed("redwrap-arguments", &encode(&options)?).map_err(Error::MemoryFile)?;
        let mut words = vec![OsString::from("bwrap")];
        words.extend(with_number("--args", &options));
        words.extend(arguments.program);

        let mut kept: Vec<i32> = descriptors.numbers().into_values().collect();
        kept.extend([filter.as_raw_fd(), status.writer().as_raw_fd(), options.as_raw_fd()]);
        kept.extend(guard.iter().flat_map(Guard::kept));
        let exec = Exec {
            program: c_string(self.path.clone().into_os_string())?,
            words: words.into_iter().map(c_string).collect::<Result<_, _>>()?,
            environment: environment::of(plan, std::env::vars_os())
                .into_iter()
                .map(c_string)
                .collect::<Result<_, _>>()?,
            keep: kept,
            identity,
        };
        let helpers = supervise::children(Pid::this());
        let signals = supervise::block_signals().map_err(Error::system("block signals"))?;
        let monitor = child::start(&exec, &signals)?;
        let status = status.reading();
        drop((exec, descriptors, filter, options));
        let guard = guard.map(Guard::reading);
        let target = Target {
            monitor,
            helpers: &helpers,
            status: &status,
            has_init: plan.has_init(),
            is_in_other_session: plan.is_in_other_session(),
        };
        let ended = wait::wait(&target, &signals).map_err(Error::system("wait for the program"))?;
        drop(guard);
        for limit in groups.reached() {
            output::warning(self.quiet, &limit);
        }
        drop(groups);
        exit(&ended, plan)
    }
}

/// What the program's end means. bubblewrap says only in words whether it failed to set up or to execute the program.
fn exit(ended: &Ended, plan: &Plan) -> Result<Exit, Error> {
    match ended {
        Ended::Status(status) => Ok(Exit::Program(*status)),
        Ended::Signal(signal) => Ok(Exit::from_signal(*signal)),
        Ended::NotStarted => match lookup::program(plan) {
            lookup::Found::Executable => Err(Error::SetUp),
            lookup::Found::NotExecutable => Ok(Exit::NotExecutable),
            lookup::Found::Missing => Ok(Exit::NotFound),
        },
    }
}

/// The plan without the steps that the launcher sees to itself.
///
/// bubblewrap's own --die-with-parent kills the program when a Ctrl-C kills bubblewrap's monitor: see `guard`.
fn without_own_steps(plan: &Plan) -> Plan {
    let others = |step: &&plan::Step| step.operation != Operation::DieWithParent;
    Plan {
        steps: plan.steps.iter().filter(others).cloned().collect(),
        ..plan.clone()
    }
}

fn with_number(option: &str, fd: &OwnedFd) -> [OsString; 2] {
    [option.into(), fd.as_raw_fd().to_string().into()]
}

/// Words as bubblewrap's `--args` reads them: each ends with a NUL byte.
fn encode(words: &[OsString]) -> Result<Vec<u8>, Error> {
    match words.iter().find(|word| word.as_bytes().contains(&0)) {
        Some(word) => Err(Error::NulByte { word: word.clone() }),
        None => Ok(words
            .iter()
            .flat_map(|word| word.as_bytes().iter().copied().chain([0]))
            .collect()),
    }
}
