//! Public keys to verify signatures with (`rpmKeyring`).
#![allow(unsafe_code, reason = "owns an rpmKeyring")]

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use rpm_sys as raw;

use crate::c_string;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// A set of public keys, filled by the caller: nothing is looked up in rpm's configuration or in a database.
#[derive(Debug)]
pub struct Keyring<'e> {
    engine: &'e Engine,
    raw: NonNull<raw::rpmKeyring_s>,
}

impl<'e> Keyring<'e> {
    /// A keyring without keys.
    pub fn new(engine: &'e Engine) -> Result<Self> {
        // SAFETY: the engine exists; librpm's crypto is set up by its configuration.
        let (raw, log) = engine.capture(|| unsafe { raw::rpmKeyringNew() });
        let raw = NonNull::new(raw).ok_or_else(|| Error::Rpm {
            action: "cannot make a keyring".into(),
            log,
        })?;
        Ok(Self { engine, raw })
    }

    pub(crate) fn as_raw(&self) -> raw::rpmKeyring {
        self.raw.as_ptr()
    }

    /// Adds the key in `file`, armored or not. A key that is there already is fine.
    pub fn add_file(&mut self, file: &Path) -> Result<()> {
        let c_file = c_string::to_c(file.as_os_str().as_bytes(), "the key file's path")?;
        let failure = || format!("cannot read a public key from {}", file.display());
        // SAFETY: the path is a C string.
        let (key, log) = self.engine.capture(|| unsafe { raw::rpmPubkeyRead(c_file.as_ptr()) });
        let key = NonNull::new(key).ok_or_else(|| Error::Rpm { action: failure(), log })?;
        let added = self.engine.require(failure, || {
            // SAFETY: both are valid; the keyring takes its own reference. 1 means that the key was there.
            unsafe { raw::rpmKeyringAddKey(self.as_raw(), key.as_ptr()) >= 0 }
        });
        // SAFETY: gives back the reference that rpmPubkeyRead gave.
        unsafe { raw::rpmPubkeyFree(key.as_ptr()) };
        added
    }
}

impl Drop for Keyring<'_> {
    fn drop(&mut self) {
        // SAFETY: gives back the reference that `new` got.
        unsafe { raw::rpmKeyringFree(self.as_raw()) };
    }
}
