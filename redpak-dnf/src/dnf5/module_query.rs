//! Modules: alternative streams of packages.

use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;

use dnf5_sys as raw;

use super::base::Base;
use super::error::Result;
use super::handle::Owned;
use super::strings::bytes;

/// Modules, at first all of them.
#[derive(Debug)]
pub struct ModuleQuery<'b> {
    handle: Owned<raw::Rdnf5ModuleQuery>,
    base: PhantomData<&'b Base<'b>>,
}

impl<'b> ModuleQuery<'b> {
    /// All modules.
    pub fn new(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_module_query_new(base.raw(), 0))?,
            base: PhantomData,
        })
    }

    /// No module.
    pub fn empty(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_module_query_new(base.raw(), 1))?,
            base: PhantomData,
        })
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5ModuleQuery {
        self.handle.raw()
    }

    /// Keeps what a specification (`name:stream`) means; false when that is nothing.
    pub fn resolve_module_spec(&mut self, spec: impl AsRef<OsStr>) -> Result<bool> {
        value!(
            0_u8,
            rdnf5_module_query_resolve_module_spec(self.raw(), bytes(spec.as_ref()))
        )
        .map(|any| any != 0)
    }

    fn filter(&mut self, filter: u32) -> Result<&mut Self> {
        call!(rdnf5_module_query_filter(self.raw(), filter))?;
        Ok(self)
    }

    /// Those that are enabled.
    pub fn filter_enabled(&mut self) -> Result<&mut Self> {
        self.filter(raw::RDNF5_MODULE_FILTER_ENABLED)
    }

    /// Those that are disabled.
    pub fn filter_disabled(&mut self) -> Result<&mut Self> {
        self.filter(raw::RDNF5_MODULE_FILTER_DISABLED)
    }

    /// The newest version of each stream.
    pub fn filter_latest(&mut self) -> Result<&mut Self> {
        self.filter(raw::RDNF5_MODULE_FILTER_LATEST)
    }

    /// Adds the modules of another query.
    pub fn update(&mut self, other: &ModuleQuery<'_>) -> Result<&mut Self> {
        call!(rdnf5_module_query_update(self.raw(), other.raw()))?;
        Ok(self)
    }

    /// Their names, `name:stream:version:context:arch`.
    pub fn names(&self) -> Result<Vec<OsString>> {
        strings!(rdnf5_module_query_names_copy(self.raw()))
    }
}
