//! Iterating over the headers of an rpmdb (`rpmdbMatchIterator`).
#![allow(unsafe_code, reason = "owns an rpmdbMatchIterator")]

use std::collections::VecDeque;
use std::ffi::CStr;
use std::ptr::{self, NonNull};

use rpm_sys as raw;

use crate::error::{Error, Result};
use crate::header::Header;
use crate::log::{Level, LogRecord};
use crate::transaction_set::TransactionSet;

/// Headers of an rpmdb, each one checked by librpm as the transaction set's flags say.
///
/// librpm skips damaged headers and merely logs that. Here each of them is an error in its place, and the iteration
/// goes on behind it.
#[derive(Debug)]
pub struct MatchIterator<'t, 'e> {
    set: &'t TransactionSet<'e>,
    /// None when librpm found nothing to iterate over.
    raw: Option<NonNull<raw::rpmdbMatchIterator_s>>,
    ready: VecDeque<Result<Header<'e>>>,
    ended: bool,
}

impl<'t, 'e> MatchIterator<'t, 'e> {
    /// No headers.
    pub(crate) fn empty(set: &'t TransactionSet<'e>) -> Self {
        Self {
            set,
            raw: None,
            ready: VecDeque::new(),
            ended: true,
        }
    }

    /// All headers, in the order of their numbers.
    pub(crate) fn all(set: &'t TransactionSet<'e>) -> Result<Self> {
        // SAFETY: the set is valid; no key means all.
        let start = || unsafe { raw::rpmtsInitIterator(set.as_raw(), raw::RPMDBI_PACKAGES, ptr::null(), 0) };
        let iterator = Self::start(set, start)?;
        if iterator.raw.is_none() {
            return Err(Error::Rpm {
                action: "cannot read the packages of an rpmdb".into(),
                log: Vec::new(),
            });
        }
        Ok(iterator)
    }

    /// The header with this number, if there is one.
    pub(crate) fn by_number(set: &'t TransactionSet<'e>, number: u32) -> Result<Self> {
        let key: *const u32 = &number;
        Self::start(set, || {
            // SAFETY: the set is valid; the key is a number of the length that is passed along, copied by librpm.
            unsafe { raw::rpmtsInitIterator(set.as_raw(), raw::RPMDBI_PACKAGES, key.cast(), size_of::<u32>()) }
        })
    }

    /// Headers found through one of the database's indexes; librpm compares the key with the index's type.
    pub(crate) fn by_key(set: &'t TransactionSet<'e>, index: raw::rpmDbiTag_e, key: &CStr) -> Result<Self> {
        Self::start(set, || {
            // SAFETY: the set is valid; length 0 lets librpm count the C string itself.
            unsafe { raw::rpmtsInitIterator(set.as_raw(), index, key.as_ptr().cast(), 0) }
        })
    }

    fn start(set: &'t TransactionSet<'e>, start: impl FnOnce() -> raw::rpmdbMatchIterator) -> Result<Self> {
        let (raw, log) = set.engine().capture(start);
        let raw = NonNull::new(raw);
        let errors: Vec<LogRecord> = errors(log);
        if !errors.is_empty() {
            drop(Self {
                set,
                raw,
                ready: VecDeque::new(),
                ended: true,
            });
            return Err(Error::DamagedHeader { log: errors });
        }
        Ok(Self {
            set,
            raw,
            ready: VecDeque::new(),
            ended: raw.is_none(),
        })
    }

    /// Asks librpm for one more header and queues what came of it: damaged ones that it skipped, then the header.
    fn advance(&mut self) {
        let Some(iterator) = self.raw else { return };
        let (header, log) = self.set.engine().capture(|| {
            // SAFETY: the iterator is valid; the header is its own, so a further reference is taken.
            unsafe { Header::link(raw::rpmdbNextIterator(iterator.as_ptr())) }
        });
        let damaged = errors(log)
            .into_iter()
            .map(|record| Err(Error::DamagedHeader { log: vec![record] }));
        self.ready.extend(damaged);
        match header {
            Some(header) => self.ready.push_back(Ok(header)),
            None => self.ended = true,
        }
    }
}

fn errors(log: Vec<LogRecord>) -> Vec<LogRecord> {
    log.into_iter().filter(|record| record.level == Level::Error).collect()
}

impl<'e> Iterator for MatchIterator<'_, 'e> {
    type Item = Result<Header<'e>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() && !self.ended {
            self.advance();
        }
        self.ready.pop_front()
    }
}

impl Drop for MatchIterator<'_, '_> {
    fn drop(&mut self) {
        if let Some(iterator) = self.raw {
            // SAFETY: gives back what librpm gave; the headers handed out hold references of their own.
            unsafe { raw::rpmdbFreeIterator(iterator.as_ptr()) };
        }
    }
}
