//! librpm's process-wide state as one value.
#![allow(unsafe_code, reason = "calls librpm's set-up and tear-down")]

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use rpm_sys as raw;

use crate::error::{Error, Result};
use crate::log::{self, Level, LogBuffer, LogRecord};
use crate::macros::Macros;

/// Whether an engine exists in this process.
static IN_USE: AtomicBool = AtomicBool::new(false);

/// librpm's configuration, macros and log: everything in it that belongs to the process.
///
/// There is at most one at a time. Every object of librpm borrows it, so none outlives it, and as it is neither `Send`
/// nor `Sync` all of librpm stays in one thread:
///
/// ```compile_fail
/// fn is_send<T: Send>() {}
/// is_send::<librpm::Engine>();
/// ```
#[derive(Debug)]
pub struct Engine {
    log: LogBuffer,
    one_thread: PhantomData<*mut ()>,
}

impl Engine {
    /// Takes librpm into use and reads its configuration, as every rpm program does.
    pub fn start() -> Result<Self> {
        if IN_USE.swap(true, Ordering::SeqCst) {
            return Err(Error::EngineInUse);
        }
        // From here on dropping the engine gives librpm back, on failure too.
        let engine = Self {
            log: LogBuffer::default(),
            one_thread: PhantomData,
        };
        // SAFETY: no other thread uses librpm, since this is the only engine; null means the default files and target.
        let (status, log) = engine.capture(|| unsafe { raw::rpmReadConfigFiles(std::ptr::null(), std::ptr::null()) });
        if status == 0 {
            Ok(engine)
        } else {
            Err(Error::Configuration { log })
        }
    }

    /// librpm's macros.
    pub fn macros(&self) -> Macros<'_> {
        Macros::new(self)
    }

    /// Runs `call` with librpm's log caught. Calls may nest; each gets all that was logged during its own time.
    pub fn capture<T>(&self, call: impl FnOnce() -> T) -> (T, Vec<LogRecord>) {
        self.log.capture(call)
    }

    /// The errors that librpm has logged so far, oldest first, also those that libdnf5 listened to.
    pub fn logged_errors(&self) -> Vec<String> {
        log::errors()
    }

    /// Runs `call`; false makes an error of `action` and the errors (else all messages) in the log.
    pub(crate) fn require(&self, action: impl FnOnce() -> String, call: impl FnOnce() -> bool) -> Result<()> {
        let (success, log) = self.capture(call);
        if success {
            Ok(())
        } else {
            Err(Error::Rpm {
                action: action(),
                log: errors_first(log),
            })
        }
    }
}

/// The errors in `log`; when there are none, all of it.
pub(crate) fn errors_first(log: Vec<LogRecord>) -> Vec<LogRecord> {
    if log.iter().any(|record| record.level == Level::Error) {
        return log.into_iter().filter(|record| record.level == Level::Error).collect();
    }
    log
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: everything that uses librpm borrows the engine, so nothing does any more; null is the global context.
        unsafe {
            raw::rpmFreeMacros(std::ptr::null_mut());
            raw::rpmFreeRpmrc();
            raw::rpmlogClose();
        }
        IN_USE.store(false, Ordering::SeqCst);
    }
}

/// librpm's version, that this program was built with.
pub fn version() -> String {
    // SAFETY: a constant C string with static lifetime.
    unsafe { std::ffi::CStr::from_ptr(rpm_sys::RPMVERSION) }
        .to_string_lossy()
        .into_owned()
}
