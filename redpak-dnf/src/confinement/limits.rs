//! Limits of a command until packages are unpacked: hostile metadata may take neither all memory nor the processor for ever, or leave files
//! that others can write.

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, rlim_t, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::stat::{Mode, umask};

/// The data segment, see setrlimit(2). The largest repositories there are, with all lists of files, take a third of it.
const MEMORY: u64 = 2 << 30;

/// For repositories and the solver.
pub fn tighten() -> Result<()> {
    let before = umask(Mode::empty());
    umask(before | Mode::S_IWGRP | Mode::S_IWOTH);
    limit(|soft, _| soft.min(MEMORY))
}

/// For the run: what scriptlets need is not ours to know.
pub fn loosen() -> Result<()> {
    limit(|soft, hard| if soft == MEMORY { hard } else { soft })
}

fn limit(change: impl Fn(u64, u64) -> u64) -> Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_DATA).context("cannot read the limit of memory")?;
    setrlimit(Resource::RLIMIT_DATA, change(soft, hard), hard).context("cannot limit the memory")
}

/// The largest file that loading repositories may make: parsed metadata are as large as what hostile ones unpack to.
const CACHE_FILE: rlim_t = 1 << 30;

/// A limit of the size of files, which lasts as long as this.
#[derive(Debug)]
pub struct FileSize {
    before: (rlim_t, rlim_t),
    signal: SigAction,
}

impl FileSize {
    /// Sets it. Writing more fails from now on instead of ending the process.
    pub fn limit() -> Result<Self> {
        let before = getrlimit(Resource::RLIMIT_FSIZE).context("cannot read the limit of files")?;
        let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
        #[allow(unsafe_code, reason = "the disposition of a signal")]
        // SAFETY: no handler is set.
        let signal = unsafe { sigaction(Signal::SIGXFSZ, &ignore) }?;
        let (soft, hard) = before;
        setrlimit(Resource::RLIMIT_FSIZE, soft.min(CACHE_FILE), hard).context("cannot limit the size of files")?;
        Ok(Self { before, signal })
    }
}

impl Drop for FileSize {
    fn drop(&mut self) {
        // It was in force before, so that nothing speaks against it.
        let _ = setrlimit(Resource::RLIMIT_FSIZE, self.before.0, self.before.1);
        #[allow(unsafe_code, reason = "the disposition of a signal")]
        // SAFETY: it was in force before.
        let _ = unsafe { sigaction(Signal::SIGXFSZ, &self.signal) };
    }
}

/// The longest that loading or resolving may keep the processor busy, in seconds. The largest repositories there are, with all lists of
/// files, take some ten on a desktop, and some hundred on a slow board. Waiting for servers does not count.
const PROCESSOR_TIME: rlim_t = 1200;

/// A limit of the time on the processor, which lasts as long as this. Whoever exceeds it dies of SIGXCPU.
#[derive(Debug)]
pub struct ProcessorTime {
    before: (rlim_t, rlim_t),
}

impl ProcessorTime {
    /// Sets it, unless a lower one is in force.
    pub fn limit() -> Result<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF).context("cannot read the time on the processor")?;
        let used = rlim_t::try_from(usage.user_time().tv_sec() + usage.system_time().tv_sec()).unwrap_or(0);
        let before = getrlimit(Resource::RLIMIT_CPU).context("cannot read the limit of time on the processor")?;
        let (soft, hard) = before;
        setrlimit(Resource::RLIMIT_CPU, soft.min(used + PROCESSOR_TIME), hard)
            .context("cannot limit the time on the processor")?;
        Ok(Self { before })
    }
}

impl Drop for ProcessorTime {
    fn drop(&mut self) {
        // It was in force before, so that nothing speaks against it.
        let _ = setrlimit(Resource::RLIMIT_CPU, self.before.0, self.before.1);
    }
}
