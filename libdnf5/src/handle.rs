//! Objects of the shim that Rust owns, and the macros through which every call of the shim goes.

use std::ptr::NonNull;

use dnf5_sys as raw;

use super::error::{self, Result};

/// A type of the shim with a `_free` function.
pub(crate) trait Raw {
    /// # Safety
    /// `object` came from a `_new` or `_copy` function and is used no more.
    unsafe fn free(object: *mut Self);
}

macro_rules! raw_types {
    ($($object:ident => $free:ident),+ $(,)?) => {$(
        impl Raw for raw::$object {
            unsafe fn free(object: *mut Self) {
                // SAFETY: the caller promises what this needs.
                unsafe { raw::$free(object) }
            }
        }
    )+};
}

raw_types! {
    Rdnf5Error => rdnf5_error_free,
    Rdnf5String => rdnf5_string_free,
    Rdnf5StringList => rdnf5_string_list_free,
    Rdnf5Base => rdnf5_base_free,
    Rdnf5Repo => rdnf5_repo_free,
    Rdnf5RepoList => rdnf5_repo_list_free,
    Rdnf5RepoQuery => rdnf5_repo_query_free,
    Rdnf5Package => rdnf5_package_free,
    Rdnf5PackageList => rdnf5_package_list_free,
    Rdnf5PackageQuery => rdnf5_package_query_free,
    Rdnf5GoalJobSettings => rdnf5_goal_job_settings_free,
    Rdnf5Goal => rdnf5_goal_free,
    Rdnf5Transaction => rdnf5_transaction_free,
    Rdnf5TransactionPackageList => rdnf5_transaction_package_list_free,
    Rdnf5AdvisoryQuery => rdnf5_advisory_query_free,
    Rdnf5GroupQuery => rdnf5_group_query_free,
    Rdnf5EnvironmentQuery => rdnf5_environment_query_free,
    Rdnf5ModuleQuery => rdnf5_module_query_free,
    Rdnf5History => rdnf5_history_free,
    Rdnf5Offline => rdnf5_offline_free,
}

/// An object of the shim, freed when dropped. Neither `Send` nor `Sync`, as a pointer is neither.
#[derive(Debug)]
pub(crate) struct Owned<T: Raw>(NonNull<T>);

impl<T: Raw> Owned<T> {
    /// Takes over what `make` stores, if it stores anything.
    pub(crate) fn new_optional(make: impl FnOnce(*mut *mut T) -> Result<()>) -> Result<Option<Self>> {
        let mut object = std::ptr::null_mut();
        make(&raw mut object)?;
        Ok(NonNull::new(object).map(Self))
    }

    /// Takes over what `make` stores.
    pub(crate) fn new(make: impl FnOnce(*mut *mut T) -> Result<()>) -> Result<Self> {
        Self::new_optional(make)?.ok_or_else(error::Error::no_object)
    }

    /// # Safety
    /// `object` is null or the caller's to free.
    pub(crate) unsafe fn from_raw(object: *mut T) -> Option<Self> {
        NonNull::new(object).map(Self)
    }

    pub(crate) fn raw(&self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T: Raw> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: it was ours since it was made, and nothing borrows it any more.
        unsafe { T::free(self.0.as_ptr()) }
    }
}

/// Calls a function of the shim that may fail: `call!(rdnf5_goal_reset(goal))` is a `Result<()>`.
macro_rules! call {
    ($function:ident($($argument:expr),* $(,)?)) => {{
        // SAFETY: the handles belong to `Owned`s or are borrowed from one, and the base outlives them, by the lifetimes of the
        // types around; bytes and out parameters live until the end of the call; everything stays on one thread.
        let error = unsafe { dnf5_sys::$function($($argument),*) };
        $crate::error::check(error)
    }};
}

/// Calls a function whose last parameter is the place of a plain value: `value!(0_u8, rdnf5_transaction_empty(transaction))`.
macro_rules! value {
    ($initial:expr, $function:ident($($argument:expr),* $(,)?)) => {{
        let mut value = $initial;
        call!($function($($argument,)* &raw mut value)).map(|()| value)
    }};
}

/// Calls a function whose last parameter takes an object of the caller's.
macro_rules! object {
    ($function:ident($($argument:expr),* $(,)?)) => {
        $crate::handle::Owned::new(|out| call!($function($($argument,)* out)))
    };
}

/// Calls a function whose last parameter takes a string.
macro_rules! string {
    ($function:ident($($argument:expr),* $(,)?)) => {
        object!($function($($argument),*)).map(|string| $crate::strings::take(&string))
    };
}

/// Calls a function whose last parameter takes a list of strings.
macro_rules! strings {
    ($function:ident($($argument:expr),* $(,)?)) => {
        object!($function($($argument),*)).map(|list| $crate::strings::take_list(&list))
    };
}
