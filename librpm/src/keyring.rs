//! Public keys to verify signatures with (`rpmKeyring`).
#![allow(unsafe_code, reason = "owns an rpmKeyring")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use rpm_sys as raw;

use crate::c_string;
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::tag::Tag;

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
        self.add(failure, || unsafe { raw::rpmPubkeyRead(c_file.as_ptr()) })
    }

    /// Adds the keys that were imported into a node: those in its rpmdb.
    pub fn add_database(&mut self, database: &Database<'_>) -> Result<()> {
        for header in database.named(OsStr::new("gpg-pubkey"))? {
            let header = header?;
            // Ordinary packages may not pass themselves off as keys; librpm looks for the same.
            if header.has(Tag::ARCH) || header.has(Tag::OS) {
                continue;
            }
            let package = || header.nevra().to_string_lossy().into_owned();
            let mut data = header.get(Tag::PUBKEYS).map_err(|source| Error::Tag {
                package: package(),
                source,
            })?;
            for key in data.strings().map_err(|source| Error::Tag {
                package: package(),
                source,
            })? {
                self.add_base64(key, || format!("cannot read the public key in {}", package()))?;
            }
        }
        Ok(())
    }

    fn add_base64(&mut self, key: &[u8], failure: impl Fn() -> String) -> Result<()> {
        let key = c_string::to_c(key, "an imported key")?;
        let (mut packet, mut length) = (std::ptr::null_mut(), 0);
        // SAFETY: the text is a C string; the packet comes back in memory of ours, or null.
        let status = unsafe { raw::rpmBase64Decode(key.as_ptr(), &raw mut packet, &raw mut length) };
        if status != 0 {
            return Err(Error::Rpm {
                action: failure(),
                log: Vec::new(),
            });
        }
        // SAFETY: librpm copies what it needs of the packet.
        let added = self.add(failure, || unsafe { raw::rpmPubkeyNew(packet.cast(), length) });
        // SAFETY: librpm allocated it for us.
        unsafe { libc::free(packet) };
        added
    }

    /// Adds the key that `make` makes; null from it is a failure.
    fn add(&mut self, failure: impl Fn() -> String, make: impl FnOnce() -> raw::rpmPubkey) -> Result<()> {
        let (key, log) = self.engine.capture(make);
        let key = NonNull::new(key).ok_or_else(|| Error::Rpm { action: failure(), log })?;
        let added = self.engine.require(failure, || {
            // SAFETY: both are valid; the keyring takes its own reference. 1 means that the key was there.
            unsafe { raw::rpmKeyringAddKey(self.as_raw(), key.as_ptr()) >= 0 }
        });
        // SAFETY: gives back the reference that `make` gave.
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
