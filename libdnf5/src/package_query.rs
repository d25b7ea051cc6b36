//! Choosing among packages.

use std::ffi::{OsStr, c_void};
use std::marker::PhantomData;
use std::ops::BitOr;
use std::ptr;

use dnf5_sys as raw;

use super::advisory_query::AdvisoryQuery;
use super::base::Base;
use super::callbacks::CallState;
use super::error::Result;
use super::goal_job_settings::GoalJobSettings;
use super::handle::Owned;
use super::package::{self, Package};
use super::strings::{bytes, bytes_list};

/// How a filter compares. Flags may be combined: `QueryCmp::NOT | QueryCmp::GLOB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryCmp(u32);

impl QueryCmp {
    /// Turns the comparison round.
    pub const NOT: Self = Self(raw::RDNF5_CMP_NOT);
    /// Upper and lower case are the same.
    pub const ICASE: Self = Self(raw::RDNF5_CMP_ICASE);
    /// Equal.
    pub const EQ: Self = Self(raw::RDNF5_CMP_EQ);
    /// Not equal.
    pub const NEQ: Self = Self(raw::RDNF5_CMP_NOT | raw::RDNF5_CMP_EQ);
    /// Equal in any case.
    pub const IEXACT: Self = Self(raw::RDNF5_CMP_ICASE | raw::RDNF5_CMP_EQ);
    /// Greater.
    pub const GT: Self = Self(raw::RDNF5_CMP_GT);
    /// Greater or equal.
    pub const GTE: Self = Self(raw::RDNF5_CMP_GT | raw::RDNF5_CMP_EQ);
    /// Less.
    pub const LT: Self = Self(raw::RDNF5_CMP_LT);
    /// Less or equal.
    pub const LTE: Self = Self(raw::RDNF5_CMP_LT | raw::RDNF5_CMP_EQ);
    /// Contains the pattern.
    pub const CONTAINS: Self = Self(raw::RDNF5_CMP_CONTAINS);
    /// Contains the pattern in any case.
    pub const ICONTAINS: Self = Self(raw::RDNF5_CMP_ICASE | raw::RDNF5_CMP_CONTAINS);
    /// Starts with the pattern.
    pub const STARTSWITH: Self = Self(raw::RDNF5_CMP_STARTSWITH);
    /// Ends with the pattern.
    pub const ENDSWITH: Self = Self(raw::RDNF5_CMP_ENDSWITH);
    /// Matches a regular expression.
    pub const REGEX: Self = Self(raw::RDNF5_CMP_REGEX);
    /// Matches a shell pattern.
    pub const GLOB: Self = Self(raw::RDNF5_CMP_GLOB);
    /// Matches a shell pattern in any case.
    pub const IGLOB: Self = Self(raw::RDNF5_CMP_ICASE | raw::RDNF5_CMP_GLOB);

    pub(crate) fn bits(self) -> u32 {
        self.0
    }
}

impl BitOr for QueryCmp {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Which excludes a query leaves out of account. Flags may be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExcludeFlags(u32);

impl ExcludeFlags {
    /// None: hidden packages stay hidden.
    pub const APPLY_EXCLUDES: Self = Self(raw::RDNF5_APPLY_EXCLUDES);
    /// Those of modules.
    pub const IGNORE_MODULAR_EXCLUDES: Self = Self(raw::RDNF5_IGNORE_MODULAR_EXCLUDES);
    /// Those of the configuration.
    pub const IGNORE_REGULAR_CONFIG_EXCLUDES: Self = Self(raw::RDNF5_IGNORE_REGULAR_CONFIG_EXCLUDES);
    /// Those of the program.
    pub const IGNORE_REGULAR_USER_EXCLUDES: Self = Self(raw::RDNF5_IGNORE_REGULAR_USER_EXCLUDES);
    /// Those of the configuration and the program.
    pub const IGNORE_REGULAR_EXCLUDES: Self = Self(raw::RDNF5_IGNORE_REGULAR_EXCLUDES);
    /// That a repository was disabled after loading.
    pub const USE_DISABLED_REPOSITORIES: Self = Self(raw::RDNF5_USE_DISABLED_REPOSITORIES);
    /// The version locks.
    pub const IGNORE_VERSIONLOCK: Self = Self(raw::RDNF5_IGNORE_VERSIONLOCK);
}

impl BitOr for ExcludeFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A set of packages of a base, at first all of them, which filters narrow.
#[derive(Debug)]
pub struct PackageQuery<'b> {
    handle: Owned<raw::Rdnf5PackageQuery>,
    base: PhantomData<&'b Base<'b>>,
}

/// Declares filters by patterns.
macro_rules! string_filters {
    ($($(#[$attribute:meta])* $name:ident = $filter:ident;)+) => {$(
        $(#[$attribute])*
        pub fn $name<S: AsRef<OsStr>>(&mut self, patterns: &[S], cmp: QueryCmp) -> Result<&mut Self> {
            self.filter_strings(raw::$filter, &bytes_list(patterns), cmp)
        }
    )+};
}

/// Declares filters by another set.
macro_rules! set_filters {
    ($($(#[$attribute:meta])* $name:ident = $filter:ident;)+) => {$(
        $(#[$attribute])*
        pub fn $name(&mut self, set: &PackageQuery<'_>, cmp: QueryCmp) -> Result<&mut Self> {
            call!(rdnf5_package_query_filter_set(self.raw(), raw::$filter, set.raw(), cmp.bits()))?;
            Ok(self)
        }
    )+};
}

/// Declares filters without an argument.
macro_rules! state_filters {
    ($($(#[$attribute:meta])* $name:ident = $filter:ident;)+) => {$(
        $(#[$attribute])*
        pub fn $name(&mut self) -> Result<&mut Self> {
            call!(rdnf5_package_query_filter_state(self.raw(), raw::$filter))?;
            Ok(self)
        }
    )+};
}

/// Declares filters by a number of versions.
macro_rules! limit_filters {
    ($($(#[$attribute:meta])* $name:ident = $filter:ident;)+) => {$(
        $(#[$attribute])*
        pub fn $name(&mut self, limit: i32) -> Result<&mut Self> {
            call!(rdnf5_package_query_filter_limit(self.raw(), raw::$filter, limit))?;
            Ok(self)
        }
    )+};
}

impl<'b> PackageQuery<'b> {
    /// All packages of all loaded repositories.
    pub fn new(base: &'b Base<'_>, flags: ExcludeFlags) -> Result<Self> {
        object!(rdnf5_package_query_new(base.raw(), flags.0, 0)).map(Self::from_handle)
    }

    /// No package.
    pub fn empty(base: &'b Base<'_>) -> Result<Self> {
        object!(rdnf5_package_query_new(base.raw(), ExcludeFlags::APPLY_EXCLUDES.0, 1)).map(Self::from_handle)
    }

    fn from_handle(handle: Owned<raw::Rdnf5PackageQuery>) -> Self {
        Self {
            handle,
            base: PhantomData,
        }
    }

    /// A query of its own with the same packages.
    pub fn try_clone(&self) -> Result<Self> {
        object!(rdnf5_package_query_copy(self.raw())).map(Self::from_handle)
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5PackageQuery {
        self.handle.raw()
    }

    fn filter_strings(&mut self, filter: u32, patterns: &[raw::Rdnf5Bytes], cmp: QueryCmp) -> Result<&mut Self> {
        let (list, count) = (patterns.as_ptr(), patterns.len());
        call!(rdnf5_package_query_filter_strings(
            self.raw(),
            filter,
            list,
            count,
            cmp.bits()
        ))?;
        Ok(self)
    }

    string_filters! {
        /// By name.
        filter_name = RDNF5_FILTER_NAME;
        /// By epoch.
        filter_epoch = RDNF5_FILTER_EPOCH;
        /// By version.
        filter_version = RDNF5_FILTER_VERSION;
        /// By release.
        filter_release = RDNF5_FILTER_RELEASE;
        /// Its vendor. Not in libdnf5 5.2.
        filter_vendor = RDNF5_FILTER_VENDOR;
        /// By architecture.
        filter_arch = RDNF5_FILTER_ARCH;
        /// By epoch, version and release.
        filter_evr = RDNF5_FILTER_EVR;
        /// By name, epoch, version, release and architecture.
        filter_nevra = RDNF5_FILTER_NEVRA;
        /// By the file name of the source package.
        filter_sourcerpm = RDNF5_FILTER_SOURCERPM;
        /// By web page.
        filter_url = RDNF5_FILTER_URL;
        /// By summary.
        filter_summary = RDNF5_FILTER_SUMMARY;
        /// By description.
        filter_description = RDNF5_FILTER_DESCRIPTION;
        /// By what they provide, with versions and relations if wanted.
        filter_provides = RDNF5_FILTER_PROVIDES;
        /// By what they require.
        filter_requires = RDNF5_FILTER_REQUIRES;
        /// By what they conflict with.
        filter_conflicts = RDNF5_FILTER_CONFLICTS;
        /// By what they obsolete.
        filter_obsoletes = RDNF5_FILTER_OBSOLETES;
        /// By what they recommend.
        filter_recommends = RDNF5_FILTER_RECOMMENDS;
        /// By what they suggest.
        filter_suggests = RDNF5_FILTER_SUGGESTS;
        /// By what they enhance.
        filter_enhances = RDNF5_FILTER_ENHANCES;
        /// By what they supplement.
        filter_supplements = RDNF5_FILTER_SUPPLEMENTS;
        /// By their files.
        filter_file = RDNF5_FILTER_FILE;
        /// By their place in the repository.
        filter_location = RDNF5_FILTER_LOCATION;
        /// By repository.
        filter_repo_id = RDNF5_FILTER_REPO_ID;
        /// By the repository that they were installed from. Needs libdnf5 5.2.14.
        filter_from_repo_id = RDNF5_FILTER_FROM_REPO_ID;
    }

    set_filters! {
        /// Those with the name of a package of the set.
        filter_name_of = RDNF5_SET_FILTER_NAME;
        /// Those with name and architecture of a package of the set.
        filter_name_arch_of = RDNF5_SET_FILTER_NAME_ARCH;
        /// Those with the NEVRA of a package of the set.
        filter_nevra_of = RDNF5_SET_FILTER_NEVRA;
        /// Those that require what a package of the set provides.
        filter_requires_of = RDNF5_SET_FILTER_REQUIRES;
        /// Those that conflict with a package of the set.
        filter_conflicts_of = RDNF5_SET_FILTER_CONFLICTS;
        /// Those that obsolete a package of the set.
        filter_obsoletes_of = RDNF5_SET_FILTER_OBSOLETES;
        /// Those that recommend what a package of the set provides.
        filter_recommends_of = RDNF5_SET_FILTER_RECOMMENDS;
        /// Those that suggest what a package of the set provides.
        filter_suggests_of = RDNF5_SET_FILTER_SUGGESTS;
        /// Those that enhance what a package of the set provides.
        filter_enhances_of = RDNF5_SET_FILTER_ENHANCES;
        /// Those that supplement what a package of the set provides.
        filter_supplements_of = RDNF5_SET_FILTER_SUPPLEMENTS;
    }

    state_filters! {
        /// Those that are installed.
        filter_installed = RDNF5_STATE_INSTALLED;
        /// Those of repositories.
        filter_available = RDNF5_STATE_AVAILABLE;
        /// Those of repositories that are newer than an installed one.
        filter_upgrades = RDNF5_STATE_UPGRADES;
        /// Those of repositories that are older than an installed one.
        filter_downgrades = RDNF5_STATE_DOWNGRADES;
        /// Installed ones of which there is a newer one.
        filter_upgradable = RDNF5_STATE_UPGRADABLE;
        /// Installed ones of which there is an older one.
        filter_downgradable = RDNF5_STATE_DOWNGRADABLE;
        /// Those of the repository with the best priority, for each name.
        filter_priority = RDNF5_STATE_PRIORITY;
        /// Installed ones that no repository has (in any version).
        filter_extras = RDNF5_STATE_EXTRAS;
        /// Installed ones that no repository has in this version.
        filter_extras_exact_evr = RDNF5_STATE_EXTRAS_EXACT_EVR;
        /// Those that the user wanted.
        filter_userinstalled = RDNF5_STATE_USERINSTALLED;
        /// Those that nothing needs any more.
        filter_unneeded = RDNF5_STATE_UNNEEDED;
        /// Those that nothing needs any more and that are not protected.
        filter_unneeded_not_protected = RDNF5_STATE_UNNEEDED_NOT_PROTECTED;
        /// Installed ones of which there are several versions, but should not.
        filter_duplicates = RDNF5_STATE_DUPLICATES;
        /// Installed ones that no other one requires.
        filter_leaves = RDNF5_STATE_LEAVES;
        /// Those after whose upgrade a reboot is advised.
        filter_reboot_suggested = RDNF5_STATE_REBOOT_SUGGESTED;
        /// Those of which several versions may be installed.
        filter_installonly = RDNF5_STATE_INSTALLONLY;
        /// Those that a version lock allows.
        filter_versionlock = RDNF5_STATE_VERSIONLOCK;
    }

    limit_filters! {
        /// The newest `limit` versions by name and architecture; all but that many when it is negative.
        filter_latest_evr = RDNF5_LIMIT_LATEST_EVR;
        /// The newest versions by name alone.
        filter_latest_evr_any_arch = RDNF5_LIMIT_LATEST_EVR_ANY_ARCH;
        /// The oldest versions by name and architecture.
        filter_earliest_evr = RDNF5_LIMIT_EARLIEST_EVR;
        /// The oldest versions by name alone.
        filter_earliest_evr_any_arch = RDNF5_LIMIT_EARLIEST_EVR_ANY_ARCH;
    }

    /// Those that provide what the packages of the set have in an attribute, such as `requires`.
    pub fn filter_provides_of(
        &mut self,
        set: &PackageQuery<'_>,
        attribute: impl AsRef<OsStr>,
        cmp: QueryCmp,
    ) -> Result<&mut Self> {
        let attribute = bytes(attribute.as_ref());
        call!(rdnf5_package_query_filter_provides_of(
            self.raw(),
            set.raw(),
            attribute,
            cmp.bits()
        ))?;
        Ok(self)
    }

    /// Keeps installed packages that no other one requires, and returns them in groups that only require each other.
    pub fn filter_leaves_groups(&mut self) -> Result<Vec<Vec<Package<'b>>>> {
        let mut groups = Vec::new();
        let mut state = CallState::new(&mut groups);
        let result = call!(rdnf5_package_query_filter_leaves_groups(
            self.raw(),
            state.user(),
            Some(take_group)
        ));
        state.resume();
        result.and_then(|()| groups.into_iter().collect())
    }

    /// Those of advisories; `cmp` is [`QueryCmp::EQ`], or [`QueryCmp::GTE`] for newer ones too.
    pub fn filter_advisories(&mut self, advisories: &AdvisoryQuery<'_>, cmp: QueryCmp) -> Result<&mut Self> {
        call!(rdnf5_package_query_filter_advisories(
            self.raw(),
            advisories.raw(),
            cmp.bits()
        ))?;
        Ok(self)
    }

    /// Those not older than `timestamp`, in seconds since the epoch.
    pub fn filter_recent(&mut self, timestamp: i64) -> Result<&mut Self> {
        call!(rdnf5_package_query_filter_recent(self.raw(), timestamp))?;
        Ok(self)
    }

    fn combine(&mut self, operation: u32, other: &PackageQuery<'_>) -> Result<&mut Self> {
        call!(rdnf5_package_query_combine(self.raw(), operation, other.raw()))?;
        Ok(self)
    }

    /// Adds the packages of another set.
    pub fn update(&mut self, other: &PackageQuery<'_>) -> Result<&mut Self> {
        self.combine(raw::RDNF5_SET_UNION, other)
    }

    /// Keeps what is in the other set too.
    pub fn intersection(&mut self, other: &PackageQuery<'_>) -> Result<&mut Self> {
        self.combine(raw::RDNF5_SET_INTERSECTION, other)
    }

    /// Takes out what is in the other set.
    pub fn difference(&mut self, other: &PackageQuery<'_>) -> Result<&mut Self> {
        self.combine(raw::RDNF5_SET_DIFFERENCE, other)
    }

    /// Adds a package.
    pub fn add(&mut self, package: &Package<'_>) -> Result<&mut Self> {
        call!(rdnf5_package_query_add(self.raw(), package.raw()))?;
        Ok(self)
    }

    /// Takes a package out.
    pub fn remove(&mut self, package: &Package<'_>) -> Result<&mut Self> {
        call!(rdnf5_package_query_remove(self.raw(), package.raw()))?;
        Ok(self)
    }

    /// Whether a package is in it.
    pub fn contains(&self, package: &Package<'_>) -> Result<bool> {
        value!(0_u8, rdnf5_package_query_contains(self.raw(), package.raw())).map(|value| value != 0)
    }

    /// How many packages it has.
    pub fn size(&self) -> Result<usize> {
        value!(0_usize, rdnf5_package_query_size(self.raw()))
    }

    /// Whether it has no package.
    pub fn is_empty(&self) -> Result<bool> {
        self.size().map(|size| size == 0)
    }

    /// Its packages, sorted by name, version and architecture.
    pub fn list(&self) -> Result<Vec<Package<'b>>> {
        package::list(&object!(rdnf5_package_query_list_copy(self.raw(), 1))?)
    }

    /// Its packages in libdnf5's own order, which is quicker.
    pub fn list_unsorted(&self) -> Result<Vec<Package<'b>>> {
        package::list(&object!(rdnf5_package_query_list_copy(self.raw(), 0))?)
    }

    /// Keeps what a specification on the command line means; false when that is nothing.
    pub fn resolve_pkg_spec(
        &mut self,
        spec: impl AsRef<OsStr>,
        settings: Option<&GoalJobSettings>,
        with_src: bool,
    ) -> Result<bool> {
        let settings = settings.map_or(ptr::null_mut(), GoalJobSettings::raw);
        let spec = bytes(spec.as_ref());
        value!(
            0_u8,
            rdnf5_package_query_resolve_pkg_spec(self.raw(), spec, settings, with_src.into())
        )
        .map(|matched| matched != 0)
    }

    /// Whether its packages satisfy a dependency, rich ones too. Needs libdnf5 5.3.0.1.
    pub fn is_dep_satisfied(&mut self, reldep: impl AsRef<OsStr>) -> Result<bool> {
        value!(
            0_u8,
            rdnf5_package_query_is_dep_satisfied(self.raw(), bytes(reldep.as_ref()))
        )
        .map(|value| value != 0)
    }
}

type Groups<'a, 'b> = CallState<'a, Vec<Result<Vec<Package<'b>>>>>;

/// # Safety
/// As C callback of [`PackageQuery::filter_leaves_groups`] only.
unsafe extern "C" fn take_group(user: *mut c_void, group: *const raw::Rdnf5PackageList) {
    // SAFETY: `user` is the state of the call that is running; the list lives until this function returns.
    let (state, packages) = unsafe { (&mut *user.cast::<Groups<'_, '_>>(), package::copy_list(group)) };
    state.run((), |groups| groups.push(packages));
}
