//! Main options.

use std::ffi::{OsStr, OsString};

use super::base::Base;
use super::error::Result;
use super::strings::bytes;

number_enum! {
    /// Who sets an option. A lower one does not override a higher one.
    pub enum OptionPriority {
        /// Nobody.
        Empty = RDNF5_OPTION_EMPTY,
        /// libdnf5's default.
        Default = RDNF5_OPTION_DEFAULT,
        /// The main configuration file and its drop-ins.
        Mainconfig = RDNF5_OPTION_MAINCONFIG,
        /// Found out by libdnf5.
        Automaticconfig = RDNF5_OPTION_AUTOMATICCONFIG,
        /// A repository file.
        Repoconfig = RDNF5_OPTION_REPOCONFIG,
        /// Made from the installroot.
        Installroot = RDNF5_OPTION_INSTALLROOT,
        /// A plugin's default.
        Plugindefault = RDNF5_OPTION_PLUGINDEFAULT,
        /// A plugin's configuration.
        Pluginconfig = RDNF5_OPTION_PLUGINCONFIG,
        /// The command line.
        Commandline = RDNF5_OPTION_COMMANDLINE,
        /// The program itself.
        Runtime = RDNF5_OPTION_RUNTIME,
    }
    else Empty
}

/// libdnf5's main options, by the names that they have in `dnf.conf`.
#[derive(Debug, Clone, Copy)]
pub struct Config<'b> {
    base: &'b Base<'b>,
}

impl<'b> Config<'b> {
    pub(crate) fn new(base: &'b Base<'_>) -> Self {
        Self { base }
    }

    /// The names of all options.
    pub fn options(self) -> Result<Vec<OsString>> {
        strings!(rdnf5_config_options_copy(self.base.raw()))
    }

    /// Sets an option to a value as it would stand in a configuration file. A value of a higher priority stays.
    pub fn set(self, option: impl AsRef<OsStr>, value: impl AsRef<OsStr>, priority: OptionPriority) -> Result<()> {
        call!(rdnf5_config_set(
            self.base.raw(),
            bytes(option.as_ref()),
            bytes(value.as_ref()),
            priority.number()
        ))
    }

    /// The value as text.
    pub fn get(self, option: impl AsRef<OsStr>) -> Result<OsString> {
        self.get_with_priority(option).map(|(value, _)| value)
    }

    /// The value as text, and who set it.
    pub fn get_with_priority(self, option: impl AsRef<OsStr>) -> Result<(OsString, OptionPriority)> {
        let mut priority = 0;
        let option = bytes(option.as_ref());
        let value = super::handle::Owned::new(|out| {
            call!(rdnf5_config_get_copy(self.base.raw(), option, out, &raw mut priority))
        })?;
        Ok((super::strings::take(&value), OptionPriority::from_number(priority)))
    }
}
