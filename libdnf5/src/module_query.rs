//! Modules: alternative streams of packages.

use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;

use dnf5_sys as raw;

use super::base::Base;
use super::error::{Error, Result};
use super::handle::Owned;
use super::strings::bytes;

/// A version of a stream of a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module {
    /// Its name.
    pub name: OsString,
    /// Its stream.
    pub stream: OsString,
    /// Its version.
    pub version: OsString,
    /// Its context.
    pub context: OsString,
    /// Its architecture.
    pub arch: OsString,
    /// The repository that it is in.
    pub repo_id: OsString,
    /// `available`, `enabled` or `disabled`.
    pub status: OsString,
    /// One line on what it is.
    pub summary: OsString,
    /// What it is.
    pub description: OsString,
    /// Sets of its packages.
    pub profiles: Vec<ModuleProfile>,
}

/// A set of packages of a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModuleProfile {
    /// Its name.
    pub name: OsString,
    /// Whether it is taken where none is named.
    pub is_default: bool,
    /// What it is for.
    pub description: OsString,
    /// Its packages.
    pub rpms: Vec<OsString>,
}

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

    /// What is known of them, in no order.
    pub fn modules(&self) -> Result<Vec<Module>> {
        let mut fields = strings!(rdnf5_module_query_modules_copy(self.raw()))?.into_iter();
        let mut modules = Vec::new();
        while let Some(name) = fields.next() {
            modules.push(module(name, &mut fields)?);
        }
        Ok(modules)
    }
}

fn module(name: OsString, fields: &mut impl Iterator<Item = OsString>) -> Result<Module> {
    Ok(Module {
        name,
        stream: next(fields)?,
        version: next(fields)?,
        context: next(fields)?,
        arch: next(fields)?,
        repo_id: next(fields)?,
        status: next(fields)?,
        summary: next(fields)?,
        description: next(fields)?,
        profiles: (0..number(fields)?).map(|_| profile(fields)).collect::<Result<_>>()?,
    })
}

fn profile(fields: &mut impl Iterator<Item = OsString>) -> Result<ModuleProfile> {
    Ok(ModuleProfile {
        name: next(fields)?,
        is_default: next(fields)? == "1",
        description: next(fields)?,
        rpms: (0..number(fields)?).map(|_| next(fields)).collect::<Result<_>>()?,
    })
}

fn next(fields: &mut impl Iterator<Item = OsString>) -> Result<OsString> {
    fields.next().ok_or_else(|| Error::argument("a module is cut off"))
}

fn number(fields: &mut impl Iterator<Item = OsString>) -> Result<usize> {
    let text = next(fields)?;
    let number = text.to_str().and_then(|text| text.parse().ok());
    number.ok_or_else(|| Error::argument("a module has a number that is none"))
}
