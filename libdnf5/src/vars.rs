//! Variables such as `$releasever`.

use std::ffi::{OsStr, OsString};

use super::base::Base;
use super::error::Result;
use super::handle::Owned;
use super::strings::{bytes, take};

number_enum! {
    /// Who sets a variable. A lower one does not override a higher one.
    pub enum VarsPriority {
        /// libdnf5's default.
        Default = RDNF5_VARS_DEFAULT,
        /// Found out by libdnf5.
        Auto = RDNF5_VARS_AUTO,
        /// A file in a directory of variables.
        Varsdir = RDNF5_VARS_VARSDIR,
        /// A plugin.
        Plugin = RDNF5_VARS_PLUGIN,
        /// The environment.
        Environment = RDNF5_VARS_ENVIRONMENT,
        /// The command line.
        Commandline = RDNF5_VARS_COMMANDLINE,
        /// The program itself.
        Runtime = RDNF5_VARS_RUNTIME,
    }
    else Default
}

/// A base's variables.
#[derive(Debug, Clone, Copy)]
pub struct Vars<'b> {
    base: &'b Base<'b>,
}

impl<'b> Vars<'b> {
    pub(crate) fn new(base: &'b Base<'_>) -> Self {
        Self { base }
    }

    /// The names of all variables.
    pub fn names(self) -> Result<Vec<OsString>> {
        strings!(rdnf5_vars_names_copy(self.base.raw()))
    }

    /// Sets a variable. A value of a higher priority stays.
    pub fn set(self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>, priority: VarsPriority) -> Result<()> {
        call!(rdnf5_vars_set(
            self.base.raw(),
            bytes(name.as_ref()),
            bytes(value.as_ref()),
            priority.number()
        ))
    }

    /// The value of a variable, if there is one.
    pub fn get(self, name: impl AsRef<OsStr>) -> Result<Option<OsString>> {
        let name = bytes(name.as_ref());
        let value = Owned::new_optional(|out| call!(rdnf5_vars_get_copy(self.base.raw(), name, out)))?;
        Ok(value.map(|value| take(&value)))
    }

    /// The release that the rpmdb of a root tells.
    pub fn detect_release(self, installroot: impl AsRef<OsStr>) -> Result<Option<OsString>> {
        let root = bytes(installroot.as_ref());
        let release = Owned::new_optional(|out| call!(rdnf5_vars_detect_release_copy(self.base.raw(), root, out)))?;
        Ok(release.map(|release| take(&release)))
    }

    /// Replaces the variables in a text by their values.
    pub fn substitute(self, text: impl AsRef<OsStr>) -> Result<OsString> {
        string!(rdnf5_vars_substitute_copy(self.base.raw(), bytes(text.as_ref())))
    }
}
