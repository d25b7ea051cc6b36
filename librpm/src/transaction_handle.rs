//! rpm's transaction lock (`rpmtxn`), without which nothing is written to a database.
#![allow(unsafe_code, reason = "owns an rpmtxn")]

use std::marker::PhantomData;
use std::ptr::NonNull;

use rpm_sys as raw;

use crate::engine::{Engine, errors_first};
use crate::error::{Error, Result};
use crate::header::Header;
use crate::transaction_set::TransactionSet;

/// The transaction lock of a database, held until this is dropped.
///
/// The lock lies beside the database that `_dbpath` names, so it excludes other programs of rpm on that database only.
#[derive(Debug)]
pub struct TransactionHandle<'t, 'e> {
    engine: &'e Engine,
    raw: NonNull<raw::rpmtxn_s>,
    set: PhantomData<&'t mut TransactionSet<'e>>,
}

impl<'t, 'e> TransactionHandle<'t, 'e> {
    pub(crate) fn begin(set: &'t mut TransactionSet<'e>) -> Result<Self> {
        let engine = set.engine();
        // SAFETY: the set is valid and stays borrowed as long as the handle lives.
        let (raw, log) = engine.capture(|| unsafe { raw::rpmtxnBegin(set.as_raw(), raw::RPMTXN_WRITE) });
        let raw = NonNull::new(raw).ok_or_else(|| Error::Rpm {
            action: "cannot take rpm's transaction lock".into(),
            log: errors_first(log),
        })?;
        Ok(Self {
            engine,
            raw,
            set: PhantomData,
        })
    }

    /// Adds a header to the database, under a new number.
    ///
    /// It must be a header as it came from a database or package: librpm refuses one without its immutable region,
    /// which a copy made by headerCopy lacks.
    pub fn import(&mut self, header: &Header<'_>) -> Result<u32> {
        self.engine.require(
            || format!("cannot add {} to the rpmdb", header.nevra().display()),
            // SAFETY: handle and header are valid.
            || unsafe { raw::rpmtsImportHeader(self.raw.as_ptr(), header.as_raw(), 0) } == raw::RPMRC_OK,
        )?;
        Ok(header.number_in_database())
    }
}

impl Drop for TransactionHandle<'_, '_> {
    fn drop(&mut self) {
        self.engine.capture(|| {
            // SAFETY: gives back what `begin` got.
            unsafe { raw::rpmtxnEnd(self.raw.as_ptr()) };
        });
    }
}
