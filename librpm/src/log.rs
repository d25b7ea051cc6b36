//! librpm's log, caught instead of printed.
//!
//! librpm reports why something failed by its log alone, and by default writes it to stderr. While a call of this
//! crate runs, the records are kept for the error it returns. Outside of such calls librpm logs as it always does.
#![allow(unsafe_code, reason = "the log callback is called by C with a pointer of ours")]

use std::cell::RefCell;
use std::ffi::{OsString, c_int, c_void};

use rpm_sys as raw;

use crate::c_string;

/// How serious a log record is, as in syslog(3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Emergencies, alerts, critical conditions and errors: something failed.
    Error,
    /// Something is odd.
    Warning,
    /// Everything else.
    Notice,
}

/// One message of librpm.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogRecord {
    /// How serious it is.
    pub level: Level,
    /// The message as librpm made it, with its line end.
    pub message: OsString,
}

impl LogRecord {
    /// The message on one line, for people.
    pub fn text(&self) -> String {
        let text = self.message.to_string_lossy();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Where the records go, and how many captures are running.
#[derive(Debug, Default)]
pub(crate) struct LogBuffer {
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<LogRecord>,
    depth: usize,
}

impl LogBuffer {
    /// Runs `call` and returns what librpm logged meanwhile, beside its result.
    ///
    /// The callback is set anew each time, because libdnf5 sets and clears it as well. The buffer must stay where it
    /// is during the call, which the borrow guarantees.
    pub(crate) fn capture<T>(&self, call: impl FnOnce() -> T) -> (T, Vec<LogRecord>) {
        let capture = Capture::begin(self);
        let result = call();
        (result, capture.records())
    }
}

/// The errors that librpm has logged since it was taken into use, oldest first: it keeps them, whoever listens.
pub(crate) fn errors() -> Vec<String> {
    const UP_TO_ERRORS: u32 = (1 << (raw::RPMLOG_ERR + 1)) - 1;
    let (mut text, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: both live until the stream is closed.
    let stream = unsafe { libc::open_memstream(&raw mut text, &raw mut size) };
    if stream.is_null() {
        return Vec::new();
    }
    // SAFETY: the stream is open, and closed once; it leaves a string for free(3) then.
    let text = unsafe {
        raw::rpmlogPrintByMask(stream.cast(), UP_TO_ERRORS);
        libc::fclose(stream);
        c_string::take(text)
    };
    let text = text.unwrap_or_default();
    text.to_string_lossy()
        .lines()
        .map(|line| line.trim().to_owned())
        .collect()
}

/// A running capture; ends on every way out.
struct Capture<'b> {
    buffer: &'b LogBuffer,
    first_record: usize,
}

impl<'b> Capture<'b> {
    fn begin(buffer: &'b LogBuffer) -> Self {
        let mut state = buffer.state.borrow_mut();
        state.depth += 1;
        if state.depth == 1 {
            let data: *const LogBuffer = buffer;
            // SAFETY: the buffer outlives the capture, and dropping the capture clears the callback again.
            unsafe { raw::rpmlogSetCallback(Some(record), data.cast_mut().cast()) };
        }
        Self {
            buffer,
            first_record: state.records.len(),
        }
    }

    fn records(&self) -> Vec<LogRecord> {
        self.buffer.state.borrow().records[self.first_record..].to_vec()
    }
}

impl Drop for Capture<'_> {
    fn drop(&mut self) {
        let mut state = self.buffer.state.borrow_mut();
        state.depth -= 1;
        if state.depth == 0 {
            state.records.clear();
            // SAFETY: no callback is always allowed.
            unsafe { raw::rpmlogSetCallback(None, std::ptr::null_mut()) };
        }
    }
}

/// Called by librpm for each message that its mask lets through. 0 tells it that nothing is left to do.
unsafe extern "C" fn record(record: raw::rpmlogRec, data: raw::rpmlogCallbackData) -> c_int {
    let data: *const c_void = data;
    // SAFETY: `data` is the buffer that `Capture::begin` gave, which lives until the callback is cleared.
    let buffer = unsafe { &*data.cast::<LogBuffer>() };
    // SAFETY: librpm passes a valid record, whose message is a C string that lives as long as the record.
    let (message, priority) = unsafe {
        (
            c_string::copy(raw::rpmlogRecMessage(record)),
            raw::rpmlogRecPriority(record),
        )
    };
    // Nothing of ours logs while the state is borrowed; were it otherwise, losing a message beats a panic inside C.
    if let (Some(message), Ok(mut state)) = (message, buffer.state.try_borrow_mut()) {
        state.records.push(LogRecord {
            level: level(priority),
            message,
        });
    }
    0
}

fn level(priority: raw::rpmlogLvl) -> Level {
    match priority {
        0..=raw::RPMLOG_ERR => Level::Error,
        raw::RPMLOG_WARNING => Level::Warning,
        _ => Level::Notice,
    }
}
