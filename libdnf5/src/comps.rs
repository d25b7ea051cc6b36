//! Groups and environments.

use std::ffi::{OsStr, OsString, c_void};
use std::marker::PhantomData;
use std::ptr;

use dnf5_sys as raw;

use super::base::Base;
use super::callbacks::CallState;
use super::error::Result;
use super::goal_job_settings::CompsPackageTypes;
use super::handle::Owned;
use super::package::Reason;
use super::package_query::QueryCmp;
use super::strings::{bytes_list, copy_list, view};

/// A group of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: OsString,
    /// Its name in the user's language.
    pub name: OsString,
    /// What it is for, in the user's language.
    pub description: OsString,
    /// Why it is installed.
    pub reason: Reason,
    /// Whether it is installed.
    pub is_installed: bool,
    /// Whether users are shown it.
    pub is_uservisible: bool,
    /// Its packages, and whether they are wanted.
    pub packages: Vec<(OsString, CompsPackageTypes)>,
}

/// A group of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its id.
    pub id: OsString,
    /// Its name in the user's language.
    pub name: OsString,
    /// What it is for, in the user's language.
    pub description: OsString,
    /// Whether it is installed.
    pub is_installed: bool,
    /// The ids of its groups.
    pub groups: Vec<OsString>,
}

/// Groups, at first all of them.
#[derive(Debug)]
pub struct GroupQuery<'b> {
    handle: Owned<raw::Rdnf5GroupQuery>,
    base: PhantomData<&'b Base<'b>>,
}

impl<'b> GroupQuery<'b> {
    /// All groups.
    pub fn new(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_group_query_new(base.raw(), 0))?,
            base: PhantomData,
        })
    }

    /// No group.
    pub fn empty(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_group_query_new(base.raw(), 1))?,
            base: PhantomData,
        })
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5GroupQuery {
        self.handle.raw()
    }

    fn filter_strings<S: AsRef<OsStr>>(&mut self, filter: u32, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        let patterns = bytes_list(patterns);
        let (list, count) = (patterns.as_ptr(), patterns.len());
        call!(rdnf5_group_query_filter_strings(
            self.raw(),
            filter,
            list,
            count,
            cmp.bits()
        ))?;
        Ok(self)
    }

    /// By id.
    pub fn filter_groupid<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        self.filter_strings(raw::RDNF5_GROUP_FILTER_ID, patterns, cmp)
    }

    /// By name.
    pub fn filter_name<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        self.filter_strings(raw::RDNF5_GROUP_FILTER_NAME, patterns, cmp)
    }

    /// By the names of their packages.
    pub fn filter_package_name<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        self.filter_strings(raw::RDNF5_GROUP_FILTER_PACKAGE_NAME, patterns, cmp)
    }

    fn filter_flag(&mut self, filter: u32, value: bool) -> Result<&mut Self> {
        call!(rdnf5_group_query_filter_flag(self.raw(), filter, value.into()))?;
        Ok(self)
    }

    /// Those that users are shown, or not.
    pub fn filter_uservisible(&mut self, value: bool) -> Result<&mut Self> {
        self.filter_flag(raw::RDNF5_GROUP_FILTER_USERVISIBLE, value)
    }

    /// Those that are usually installed, or not.
    pub fn filter_default(&mut self, value: bool) -> Result<&mut Self> {
        self.filter_flag(raw::RDNF5_GROUP_FILTER_DEFAULT, value)
    }

    /// Those that are installed, or available.
    pub fn filter_installed(&mut self, value: bool) -> Result<&mut Self> {
        self.filter_flag(raw::RDNF5_GROUP_FILTER_INSTALLED, value)
    }

    /// Adds the groups of another query.
    pub fn update(&mut self, other: &GroupQuery<'_>) -> Result<&mut Self> {
        call!(rdnf5_group_query_update(self.raw(), other.raw()))?;
        Ok(self)
    }

    /// The groups, in dnf5's order.
    pub fn list(&self) -> Result<Vec<Group>> {
        let mut groups = Vec::new();
        let mut state = CallState::new(&mut groups);
        let result = call!(rdnf5_group_query_each(self.raw(), state.user(), Some(take_group)));
        state.resume();
        result.map(|()| groups)
    }
}

/// Environments, at first all of them.
#[derive(Debug)]
pub struct EnvironmentQuery<'b> {
    handle: Owned<raw::Rdnf5EnvironmentQuery>,
    base: PhantomData<&'b Base<'b>>,
}

impl<'b> EnvironmentQuery<'b> {
    /// All environments.
    pub fn new(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_environment_query_new(base.raw(), 0))?,
            base: PhantomData,
        })
    }

    /// No environment.
    pub fn empty(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_environment_query_new(base.raw(), 1))?,
            base: PhantomData,
        })
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5EnvironmentQuery {
        self.handle.raw()
    }

    fn filter_strings<S: AsRef<OsStr>>(&mut self, filter: u32, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        let patterns = bytes_list(patterns);
        let (list, count) = (patterns.as_ptr(), patterns.len());
        call!(rdnf5_environment_query_filter_strings(
            self.raw(),
            filter,
            list,
            count,
            cmp.bits()
        ))?;
        Ok(self)
    }

    /// By id.
    pub fn filter_environmentid<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        self.filter_strings(raw::RDNF5_GROUP_FILTER_ID, patterns, cmp)
    }

    /// By name.
    pub fn filter_name<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
        self.filter_strings(raw::RDNF5_GROUP_FILTER_NAME, patterns, cmp)
    }

    /// Those that are installed, or available.
    pub fn filter_installed(&mut self, value: bool) -> Result<&mut Self> {
        call!(rdnf5_environment_query_filter_installed(self.raw(), value.into()))?;
        Ok(self)
    }

    /// Adds the environments of another query.
    pub fn update(&mut self, other: &EnvironmentQuery<'_>) -> Result<&mut Self> {
        call!(rdnf5_environment_query_update(self.raw(), other.raw()))?;
        Ok(self)
    }

    /// The environments, in dnf5's order.
    pub fn list(&self) -> Result<Vec<Environment>> {
        let mut environments = Vec::new();
        let mut state = CallState::new(&mut environments);
        let result = call!(rdnf5_environment_query_each(
            self.raw(),
            state.user(),
            Some(take_environment)
        ));
        state.resume();
        result.map(|()| environments)
    }
}

/// # Safety
/// As C callback of [`GroupQuery::list`] only.
unsafe extern "C" fn take_group(user: *mut c_void, group: *const raw::Rdnf5Group) {
    // SAFETY: `user` is the state of the call that is running; the group and what it points to live until this function returns.
    let (state, group) = unsafe { (&mut *user.cast::<CallState<'_, Vec<Group>>>(), to_group(&*group)) };
    state.run((), |groups| groups.push(group));
}

/// # Safety
/// What the group points to is alive.
unsafe fn to_group(group: &raw::Rdnf5Group) -> Group {
    // SAFETY: the caller promises that views and list are alive; there is a type for each member.
    let (members, types) = unsafe {
        let members = copy_list(group.members);
        let types = (0..members.len())
            .map(|index| ptr::read(group.member_types.add(index)))
            .collect::<Vec<_>>();
        (members, types)
    };
    // SAFETY: as above.
    let copy = |bytes| unsafe { view(bytes) }.to_owned();
    Group {
        id: copy(group.id),
        name: copy(group.name),
        description: copy(group.description),
        reason: Reason::from_number(group.reason),
        is_installed: group.is_installed != 0,
        is_uservisible: group.is_uservisible != 0,
        packages: members
            .into_iter()
            .zip(types.into_iter().map(CompsPackageTypes::from_bits))
            .collect(),
    }
}

/// # Safety
/// As C callback of [`EnvironmentQuery::list`] only.
unsafe extern "C" fn take_environment(user: *mut c_void, environment: *const raw::Rdnf5Group) {
    // SAFETY: `user` is the state of the call that is running; the environment and what it points to live until this function returns.
    let (state, environment) = unsafe {
        (
            &mut *user.cast::<CallState<'_, Vec<Environment>>>(),
            to_environment(&*environment),
        )
    };
    state.run((), |environments| environments.push(environment));
}

/// # Safety
/// What the environment points to is alive.
unsafe fn to_environment(environment: &raw::Rdnf5Group) -> Environment {
    // SAFETY: the caller promises that views are alive; they are copied.
    let copy = |bytes| unsafe { view(bytes) }.to_owned();
    Environment {
        id: copy(environment.id),
        name: copy(environment.name),
        description: copy(environment.description),
        is_installed: environment.is_installed != 0,
        // SAFETY: as above.
        groups: unsafe { copy_list(environment.members) },
    }
}
