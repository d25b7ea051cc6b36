//! Signatures over headers, those of packages and those of installed ones alike.
#![allow(unsafe_code, reason = "has librpm check an exported header")]

use std::ffi::c_void;
use std::ptr;

use rpm_sys as raw;

use crate::c_string;
use crate::engine::{Engine, errors_first};
use crate::error::{Error, Result};
use crate::header::Header;
use crate::keyring::Keyring;
use crate::log::{Level, LogRecord};
use crate::transaction_set::TransactionSet;

/// What is known about the signatures over a package's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureState {
    /// Nobody asked.
    NotChecked,
    /// There is none.
    Unsigned,
    /// The keyring has no key that made it.
    UnknownKey,
    /// Good, but the key is not trusted: expired, revoked, or not meant for signing.
    NotTrusted,
    /// Good, by a key of the keyring.
    Good,
}

impl SignatureState {
    /// From librpm's verdict on a header; `None` when digests or signatures are wrong.
    pub(crate) fn of(status: raw::rpmRC, header: &Header<'_>) -> Option<Self> {
        match status {
            raw::RPMRC_OK | raw::RPMRC_NOTTRUSTED | raw::RPMRC_NOKEY if !header.has_signature() => Some(Self::Unsigned),
            raw::RPMRC_OK => Some(Self::Good),
            raw::RPMRC_NOTTRUSTED => Some(Self::NotTrusted),
            raw::RPMRC_NOKEY => Some(Self::UnknownKey),
            _ => None,
        }
    }
}

impl Header<'_> {
    /// Checks digests and signatures over the header with the given keys. What is wrong is an error.
    pub fn signature(&self, engine: &Engine, keyring: &Keyring<'_>) -> Result<SignatureState> {
        let mut set = TransactionSet::new(engine)?;
        set.set_keyring(keyring);
        let mut length = 0;
        // SAFETY: the header is valid; the copy comes back in memory of ours, or null.
        let blob = unsafe { raw::headerExport(self.as_raw(), &raw mut length) };
        let mut message = ptr::null_mut();
        let (status, log) = engine.capture(|| {
            // SAFETY: set and copy are valid for the length given; the message comes back in memory of ours, or null.
            unsafe { raw::headerCheck(set.as_raw(), blob.cast_const(), length as usize, &raw mut message) }
        });
        // SAFETY: both were allocated for us, or are null.
        let message = unsafe {
            libc::free(blob.cast::<c_void>());
            c_string::take(message)
        };
        SignatureState::of(status, self).ok_or_else(|| {
            let told = message.map(|message| LogRecord {
                level: Level::Error,
                message,
            });
            Error::DamagedHeader {
                log: told.map_or_else(|| errors_first(log), |told| vec![told]),
            }
        })
    }
}
