//! Destinations of libdnf5's log.

use std::ffi::{OsStr, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use dnf5_sys as raw;

use super::callbacks::Panic;
use super::strings::view;

number_enum! {
    /// How bad a message is.
    pub enum LogLevel {
        /// libdnf5 cannot go on.
        Critical = RDNF5_LOG_CRITICAL,
        /// Something failed.
        Error = RDNF5_LOG_ERROR,
        /// Something is odd.
        Warning = RDNF5_LOG_WARNING,
        /// Worth knowing.
        Notice = RDNF5_LOG_NOTICE,
        /// What is going on.
        Info = RDNF5_LOG_INFO,
        /// For the developers of libdnf5.
        Debug = RDNF5_LOG_DEBUG,
        /// Even more of it.
        Trace = RDNF5_LOG_TRACE,
    }
    else Trace
}

/// Takes libdnf5's log messages, from any of its threads.
pub trait Logger: Send + Sync {
    /// Takes one message, which has no newline at its end.
    fn write(&self, level: LogLevel, message: &OsStr);
}

/// The first panic in a logger of a base; it goes on at the end of the base's next long call.
pub(crate) type LoggerPanic = Arc<Mutex<Option<Panic>>>;

struct LoggerState {
    logger: Box<dyn Logger>,
    panic: LoggerPanic,
}

/// Hands a logger over to the shim, which calls `release` when it no longer needs it.
pub(crate) fn into_raw(logger: Box<dyn Logger>, panic: LoggerPanic) -> raw::Rdnf5Logger {
    let state = Box::new(LoggerState { logger, panic });
    raw::Rdnf5Logger {
        user: Box::into_raw(state).cast(),
        write: Some(write),
        release: Some(release),
    }
}

/// # Safety
/// As C callback of [`into_raw`] only.
unsafe extern "C" fn write(user: *mut c_void, level: u32, message: raw::Rdnf5Bytes) {
    // SAFETY: `user` is the state that into_raw() made and release() has not freed; it is only shared, and `Sync`.
    let state = unsafe { &*user.cast::<LoggerState>() };
    let mut panic = state.panic.lock().unwrap_or_else(PoisonError::into_inner);
    if panic.is_some() {
        return;
    }
    // SAFETY: the bytes live until this function returns.
    let message = unsafe { view(message) };
    let result = catch_unwind(AssertUnwindSafe(|| {
        state.logger.write(LogLevel::from_number(level), message)
    }));
    *panic = result.err();
}

/// # Safety
/// As C callback of [`into_raw`] only.
unsafe extern "C" fn release(user: *mut c_void) {
    // SAFETY: the pointer of into_raw(), given back once.
    let state = unsafe { Box::from_raw(user.cast::<LoggerState>()) };
    // A logger whose destructor panics must not take libdnf5 along.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(state)));
}
