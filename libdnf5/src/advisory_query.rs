//! Advisories: what updates fix.

use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;

use dnf5_sys as raw;

use super::base::Base;
use super::error::Result;
use super::handle::Owned;
use super::package_query::{PackageQuery, QueryCmp};
use super::strings::bytes_list;

/// Advisories, at first all of them. They need the `updateinfo` metadata.
#[derive(Debug)]
pub struct AdvisoryQuery<'b> {
    handle: Owned<raw::Rdnf5AdvisoryQuery>,
    base: PhantomData<&'b Base<'b>>,
}

/// Declares filters by patterns.
macro_rules! string_filters {
    ($($(#[$attribute:meta])* $name:ident = $filter:ident;)+) => {$(
        $(#[$attribute])*
        pub fn $name<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
            let patterns = bytes_list(patterns);
            let (list, count) = (patterns.as_ptr(), patterns.len());
            call!(rdnf5_advisory_query_filter_strings(self.raw(), raw::$filter, list, count, cmp.bits()))?;
            Ok(self)
        }
    )+};
}

impl<'b> AdvisoryQuery<'b> {
    /// All advisories.
    pub fn new(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_advisory_query_new(base.raw()))?,
            base: PhantomData,
        })
    }

    /// A query of its own with the same advisories.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_advisory_query_copy(self.raw()))?,
            base: PhantomData,
        })
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5AdvisoryQuery {
        self.handle.raw()
    }

    string_filters! {
        /// By name.
        filter_name = RDNF5_ADVISORY_FILTER_NAME;
        /// By type: security, bugfix, enhancement, newpackage.
        filter_type = RDNF5_ADVISORY_FILTER_TYPE;
        /// By severity: critical, important, moderate, low, none.
        filter_severity = RDNF5_ADVISORY_FILTER_SEVERITY;
        /// By the bugs that they fix.
        filter_bugzilla = RDNF5_ADVISORY_FILTER_BUGZILLA;
        /// By the CVEs that they fix.
        filter_cve = RDNF5_ADVISORY_FILTER_CVE;
    }

    /// Those with a package of the set, its version compared with `cmp`.
    pub fn filter_packages(&mut self, packages: &PackageQuery<'_>, cmp: QueryCmp) -> Result<&mut Self> {
        call!(rdnf5_advisory_query_filter_packages(
            self.raw(),
            packages.raw(),
            cmp.bits()
        ))?;
        Ok(self)
    }

    fn combine(&mut self, operation: u32, other: &AdvisoryQuery<'_>) -> Result<&mut Self> {
        call!(rdnf5_advisory_query_combine(self.raw(), operation, other.raw()))?;
        Ok(self)
    }

    /// Adds those of another query.
    pub fn update(&mut self, other: &AdvisoryQuery<'_>) -> Result<&mut Self> {
        self.combine(raw::RDNF5_SET_UNION, other)
    }

    /// Keeps what is in the other query too.
    pub fn intersection(&mut self, other: &AdvisoryQuery<'_>) -> Result<&mut Self> {
        self.combine(raw::RDNF5_SET_INTERSECTION, other)
    }

    /// Takes out what is in the other query.
    pub fn difference(&mut self, other: &AdvisoryQuery<'_>) -> Result<&mut Self> {
        self.combine(raw::RDNF5_SET_DIFFERENCE, other)
    }

    /// How many there are.
    pub fn size(&self) -> Result<usize> {
        value!(0_usize, rdnf5_advisory_query_size(self.raw()))
    }

    /// Their names, sorted.
    pub fn names(&self) -> Result<Vec<OsString>> {
        strings!(rdnf5_advisory_query_names_copy(self.raw()))
    }
}
