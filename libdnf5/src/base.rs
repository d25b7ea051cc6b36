//! libdnf5's central object.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::sync::PoisonError;

use dnf5_sys as raw;
use librpm::Engine;

use super::config::{Config, OptionPriority};
use super::error::{Error, Result};
use super::handle::Owned;
use super::logger::{self, LogLevel, Logger, LoggerPanic};
use super::repo_sack::RepoSack;
use super::strings::{bytes, bytes_list};
use super::vars::Vars;

/// An instance of libdnf5.
///
/// Its plugins are off: the `actions` plugin, for one, runs commands of the host. They are turned on with
/// `base.config().set("plugins", "1", OptionPriority::Runtime)` before [`setup`](Self::setup).
#[derive(Debug)]
pub struct Base<'e> {
    handle: Owned<raw::Rdnf5Base>,
    logger_panic: LoggerPanic,
    busy: Cell<bool>,
    engine: PhantomData<&'e Engine>,
}

impl<'e> Base<'e> {
    /// Makes an instance; fails with [`ErrorKind::Version`](super::ErrorKind::Version) when the loaded libdnf5 does not fit.
    pub fn new(_engine: &'e Engine) -> Result<Self> {
        let base = Self {
            handle: object!(rdnf5_base_new())?,
            logger_panic: LoggerPanic::default(),
            busy: Cell::new(false),
            engine: PhantomData,
        };
        base.config().set("plugins", "0", OptionPriority::Commandline)?;
        Ok(base)
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5Base {
        self.handle.raw()
    }

    /// Runs a call that takes callbacks. libdnf5 holds one set of them, so that such a call cannot be made from within another one.
    pub(crate) fn with_callbacks<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.busy.replace(true) {
            return Err(Error::argument("libdnf5 was called from inside one of its callbacks"));
        }
        let result = call();
        self.busy.set(false);
        self.resume_logger_panic();
        result
    }

    fn resume_logger_panic(&self) {
        let panic = self.logger_panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// The main options.
    pub fn config(&self) -> Config<'_> {
        Config::new(self)
    }

    /// The variables that repository files and options may use.
    pub fn vars(&self) -> Vars<'_> {
        Vars::new(self)
    }

    /// The repositories.
    pub fn repo_sack(&self) -> RepoSack<'_> {
        RepoSack::new(self)
    }

    /// Reads the main configuration file and its drop-ins, below the installroot unless `use_host_config` is set.
    pub fn load_config(&self) -> Result<()> {
        call!(rdnf5_base_load_config(self.raw()))
    }

    /// Loads plugins and variables, and fixes installroot and architecture. It reads librpm's configuration anew, which forgets every
    /// macro pushed before.
    pub fn setup(&self) -> Result<()> {
        self.with_callbacks(|| call!(rdnf5_base_setup(self.raw())))
    }

    /// Whether [`setup`](Self::setup) was done.
    pub fn is_initialized(&self) -> Result<bool> {
        value!(0_u8, rdnf5_base_is_initialized(self.raw())).map(|value| value != 0)
    }

    /// Tells plugins that the repositories are configured. [`RepoSack::load_repos`] does it too.
    pub fn notify_repos_configured(&self) -> Result<()> {
        call!(rdnf5_base_notify_repos_configured(self.raw()))
    }

    /// Turns plugins on or off by globs, before [`setup`](Self::setup); later requests win.
    pub fn enable_disable_plugins<S: AsRef<OsStr>>(&self, names: &[S], enable: bool) -> Result<()> {
        let names = bytes_list(names);
        call!(rdnf5_base_enable_disable_plugins(
            self.raw(),
            names.as_ptr(),
            names.len(),
            enable.into()
        ))
    }

    /// The names of the plugins that [`setup`](Self::setup) loaded.
    pub fn loaded_plugins(&self) -> Result<Vec<OsString>> {
        strings!(rdnf5_base_loaded_plugins_copy(self.raw()))
    }

    /// Adds a destination of log messages. When it panics it is not called any more, and the panic goes on at the end of the next call
    /// that loads, downloads or runs.
    pub fn add_logger(&self, logger: Box<dyn Logger>) -> Result<()> {
        let logger = logger::into_raw(logger, LoggerPanic::clone(&self.logger_panic));
        call!(rdnf5_base_add_logger(self.raw(), logger))
    }

    /// Logs to a rotated file in the configured `logdir`. After [`load_config`](Self::load_config).
    pub fn add_rotating_file_logger(&self, name: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_base_add_rotating_file_logger(self.raw(), bytes(name.as_ref())))
    }

    /// Writes a line to the log.
    pub fn log(&self, level: LogLevel, message: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_base_log(self.raw(), level.number(), bytes(message.as_ref())))
    }

    /// Takes libdnf5's own advisory lock on the installroot, shared or exclusive; false when another process has it and `block` is not
    /// set. Only plain dnf5 of 5.4 and later looks at it.
    pub fn lock_system_repo(&self, write: bool, block: bool) -> Result<bool> {
        value!(
            0_u8,
            rdnf5_base_lock_system_repo(self.raw(), write.into(), block.into())
        )
        .map(|value| value != 0)
    }

    /// Gives libdnf5's lock back.
    pub fn unlock_system_repo(&self) -> Result<()> {
        call!(rdnf5_base_unlock_system_repo(self.raw()))
    }
}
