//! Choosing among repositories.

use std::ffi::OsStr;
use std::marker::PhantomData;

use dnf5_sys as raw;

use super::base::Base;
use super::error::Result;
use super::handle::Owned;
use super::package_query::QueryCmp;
use super::repo::{Repo, RepoType};
use super::strings::bytes_list;

/// At first all repositories of a base, enabled or not.
#[derive(Debug)]
pub struct RepoQuery<'b> {
    handle: Owned<raw::Rdnf5RepoQuery>,
    base: PhantomData<&'b Base<'b>>,
}

impl<'b> RepoQuery<'b> {
    /// All repositories.
    pub fn new(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_repo_query_new(base.raw()))?,
            base: PhantomData,
        })
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5RepoQuery {
        self.handle.raw()
    }

    fn filter_flag(&mut self, filter: u32, value: bool) -> Result<&mut Self> {
        call!(rdnf5_repo_query_filter_flag(self.raw(), filter, value.into()))?;
        Ok(self)
    }

    /// Those that are enabled, or those that are not.
    pub fn filter_enabled(&mut self, enabled: bool) -> Result<&mut Self> {
        self.filter_flag(raw::RDNF5_REPO_FILTER_ENABLED, enabled)
    }

    /// Those whose metadata has expired, or has not.
    pub fn filter_expired(&mut self, expired: bool) -> Result<&mut Self> {
        self.filter_flag(raw::RDNF5_REPO_FILTER_EXPIRED, expired)
    }

    /// Those on this machine, or elsewhere.
    pub fn filter_local(&mut self, local: bool) -> Result<&mut Self> {
        self.filter_flag(raw::RDNF5_REPO_FILTER_LOCAL, local)
    }

    /// Those whose id matches any pattern.
    pub fn filter_id<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        let patterns = bytes_list(patterns);
        call!(rdnf5_repo_query_filter_id(
            self.raw(),
            patterns.as_ptr(),
            patterns.len(),
            cmp.bits()
        ))?;
        Ok(self)
    }

    /// Those whose name matches any pattern.
    pub fn filter_name<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        let patterns = bytes_list(patterns);
        call!(rdnf5_repo_query_filter_name(
            self.raw(),
            patterns.as_ptr(),
            patterns.len(),
            cmp.bits()
        ))?;
        Ok(self)
    }

    /// Those of a type.
    pub fn filter_type(&mut self, repo_type: RepoType) -> Result<&mut Self> {
        call!(rdnf5_repo_query_filter_type(
            self.raw(),
            repo_type.number(),
            QueryCmp::EQ.bits()
        ))?;
        Ok(self)
    }

    /// The repositories, sorted by id.
    pub fn list(&self) -> Result<Vec<Repo<'b>>> {
        let list = object!(rdnf5_repo_query_list_copy(self.raw()))?;
        // SAFETY: the list lives until this function returns.
        let size = unsafe { raw::rdnf5_repo_list_size(list.raw()) };
        (0..size)
            .map(|index| object!(rdnf5_repo_list_get_copy(list.raw(), index)).map(Repo::from_handle))
            .collect()
    }
}
