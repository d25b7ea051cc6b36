//! State of a transaction that is prepared and waits.

use std::ffi::{OsStr, OsString};

use dnf5_sys as raw;

use super::base::Base;
use super::error::Result;
use super::handle::Owned;
use super::strings::bytes;

number_enum! {
    /// What is known about the transaction.
    pub enum OfflineField {
        /// How far it is: `download-complete` and others.
        Status = RDNF5_OFFLINE_STATUS,
        /// The command that prepared it.
        Verb = RDNF5_OFFLINE_VERB,
        /// The command line that prepared it.
        CmdLine = RDNF5_OFFLINE_CMD_LINE,
        /// The cache that was in use.
        Cachedir = RDNF5_OFFLINE_CACHEDIR,
        /// The release of the distribution before.
        SystemReleasever = RDNF5_OFFLINE_SYSTEM_RELEASEVER,
        /// The release of the distribution that the packages are from.
        TargetReleasever = RDNF5_OFFLINE_TARGET_RELEASEVER,
        /// The platform for modules.
        ModulePlatformId = RDNF5_OFFLINE_MODULE_PLATFORM_ID,
    }
    else Status
}

/// libdnf5's record of the installroot's offline transaction.
#[derive(Debug)]
pub struct Offline<'b> {
    handle: Owned<raw::Rdnf5Offline>,
    base: &'b Base<'b>,
}

impl<'b> Offline<'b> {
    /// Reads it; where there is none it is empty.
    pub fn read(base: &'b Base<'_>) -> Result<Self> {
        let handle = object!(rdnf5_offline_new(base.raw()))?;
        Ok(Self { handle, base })
    }

    /// Why it cannot be read, if it cannot.
    pub fn read_error(&self) -> Result<Option<OsString>> {
        let text = string!(rdnf5_offline_read_error_copy(self.handle.raw()))?;
        Ok((!text.is_empty()).then_some(text))
    }

    /// Whether a transaction waits.
    pub fn is_pending(&self) -> Result<bool> {
        value!(0_u8, rdnf5_offline_is_pending(self.handle.raw())).map(|pending| pending != 0)
    }

    /// What is known.
    pub fn get(&self, field: OfflineField) -> Result<OsString> {
        string!(rdnf5_offline_get_copy(self.handle.raw(), field.number()))
    }

    /// Changes what is known.
    pub fn set(&mut self, field: OfflineField, text: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_offline_set(
            self.handle.raw(),
            field.number(),
            bytes(text.as_ref())
        ))
    }

    /// Keeps the cookie of the rpmdb as it is now.
    pub fn capture_rpmdb_cookie(&mut self) -> Result<()> {
        call!(rdnf5_offline_capture_rpmdb_cookie(self.handle.raw(), self.base.raw()))
    }

    /// Whether the rpmdb is as it was when the cookie was kept.
    pub fn check_rpmdb_cookie(&self) -> Result<bool> {
        value!(
            0_u8,
            rdnf5_offline_check_rpmdb_cookie(self.handle.raw(), self.base.raw())
        )
        .map(|same| same != 0)
    }

    /// Writes it.
    pub fn write(&mut self) -> Result<()> {
        call!(rdnf5_offline_write(self.handle.raw()))
    }
}
