//! How a job of a goal is to be understood.

use std::ffi::OsStr;
use std::ops::BitOr;

use dnf5_sys as raw;

use super::advisory_query::AdvisoryQuery;
use super::error::Result;
use super::handle::Owned;
use super::strings::bytes_list;

number_enum! {
    /// Settings that are on or off.
    pub enum GoalFlag {
        /// Upper and lower case are the same in specifications.
        IgnoreCase = RDNF5_GOAL_FLAG_IGNORE_CASE,
        /// Specifications may be NEVRAs. On by default, like the next three.
        WithNevra = RDNF5_GOAL_FLAG_WITH_NEVRA,
        /// Specifications may be provides.
        WithProvides = RDNF5_GOAL_FLAG_WITH_PROVIDES,
        /// Specifications may be file names.
        WithFilenames = RDNF5_GOAL_FLAG_WITH_FILENAMES,
        /// Specifications may be names of binaries.
        WithBinaries = RDNF5_GOAL_FLAG_WITH_BINARIES,
        /// Specifications may be shell patterns. On by default.
        ExpandGlobs = RDNF5_GOAL_FLAG_EXPAND_GLOBS,
        /// Groups may be given by id. On by default.
        GroupWithId = RDNF5_GOAL_FLAG_GROUP_WITH_ID,
        /// Groups may be given by name.
        GroupWithName = RDNF5_GOAL_FLAG_GROUP_WITH_NAME,
        /// `@spec` may be a group. On by default.
        GroupSearchGroups = RDNF5_GOAL_FLAG_GROUP_SEARCH_GROUPS,
        /// `@spec` may be an environment. On by default.
        GroupSearchEnvironments = RDNF5_GOAL_FLAG_GROUP_SEARCH_ENVIRONMENTS,
        /// Leave a group's packages alone.
        GroupNoPackages = RDNF5_GOAL_FLAG_GROUP_NO_PACKAGES,
        /// Leave an environment's groups alone.
        EnvironmentNoGroups = RDNF5_GOAL_FLAG_ENVIRONMENT_NO_GROUPS,
        /// Report what a specification may have meant. On by default.
        ReportHint = RDNF5_GOAL_FLAG_REPORT_HINT,
        /// Replay although there are more packages than stored.
        IgnoreExtras = RDNF5_GOAL_FLAG_IGNORE_EXTRAS,
        /// Replay although installed versions differ.
        IgnoreInstalled = RDNF5_GOAL_FLAG_IGNORE_INSTALLED,
        /// Replay with the stored reasons.
        OverrideReasons = RDNF5_GOAL_FLAG_OVERRIDE_REASONS,
    }
    else IgnoreCase
}

number_enum! {
    /// Settings that follow the configuration when they are not set.
    pub enum GoalSetting {
        /// Leave out what cannot be solved.
        SkipBroken = RDNF5_GOAL_SKIP_BROKEN,
        /// Leave out what is not there.
        SkipUnavailable = RDNF5_GOAL_SKIP_UNAVAILABLE,
        /// Fail rather than take a version that is not the best.
        Best = RDNF5_GOAL_BEST,
        /// Remove what a removed package alone needed.
        CleanRequirementsOnRemove = RDNF5_GOAL_CLEAN_REQUIREMENTS_ON_REMOVE,
    }
    else SkipBroken
}

number_enum! {
    /// Settings that are lists.
    pub enum GoalStrings {
        /// Only what was installed from these repositories.
        FromRepoIds = RDNF5_GOAL_FROM_REPO_IDS,
        /// Only from these repositories.
        ToRepoIds = RDNF5_GOAL_TO_REPO_IDS,
        /// Only from these vendors. Not in libdnf5 5.2.
        ToVendors = RDNF5_GOAL_TO_VENDORS,
    }
    else FromRepoIds
}

/// Which packages of a group. Flags may be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompsPackageTypes(u32);

impl CompsPackageTypes {
    /// None.
    pub const NONE: Self = Self(0);
    /// Those that are wanted with another package.
    pub const CONDITIONAL: Self = Self(raw::RDNF5_COMPS_CONDITIONAL);
    /// Those that are usually wanted.
    pub const DEFAULT: Self = Self(raw::RDNF5_COMPS_DEFAULT);
    /// Those that are always wanted.
    pub const MANDATORY: Self = Self(raw::RDNF5_COMPS_MANDATORY);
    /// Those that may be wanted.
    pub const OPTIONAL: Self = Self(raw::RDNF5_COMPS_OPTIONAL);

    pub(crate) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether all of `other` are among them.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for CompsPackageTypes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Settings of a job, and how a specification is looked up.
#[derive(Debug)]
pub struct GoalJobSettings {
    handle: Owned<raw::Rdnf5GoalJobSettings>,
}

impl GoalJobSettings {
    /// libdnf5's defaults.
    pub fn new() -> Result<Self> {
        object!(rdnf5_goal_job_settings_new()).map(|handle| Self { handle })
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5GoalJobSettings {
        self.handle.raw()
    }

    /// Turns a flag on or off.
    pub fn set_flag(&mut self, flag: GoalFlag, value: bool) -> Result<&mut Self> {
        call!(rdnf5_goal_job_settings_set_flag(
            self.raw(),
            flag.number(),
            value.into()
        ))?;
        Ok(self)
    }

    /// Turns a setting on or off; none follows the configuration.
    pub fn set(&mut self, setting: GoalSetting, value: Option<bool>) -> Result<&mut Self> {
        let value = match value {
            None => raw::RDNF5_GOAL_AUTO,
            Some(true) => raw::RDNF5_GOAL_TRUE,
            Some(false) => raw::RDNF5_GOAL_FALSE,
        };
        call!(rdnf5_goal_job_settings_set(self.raw(), setting.number(), value))?;
        Ok(self)
    }

    /// Sets a list.
    pub fn set_strings<S: AsRef<OsStr>>(&mut self, field: GoalStrings, values: &[S]) -> Result<&mut Self> {
        let values = bytes_list(values);
        let (list, count) = (values.as_ptr(), values.len());
        call!(rdnf5_goal_job_settings_set_strings(
            self.raw(),
            field.number(),
            list,
            count
        ))?;
        Ok(self)
    }

    /// Takes only packages of these advisories.
    pub fn set_advisory_filter(&mut self, advisories: &AdvisoryQuery<'_>) -> Result<&mut Self> {
        call!(rdnf5_goal_job_settings_set_advisory_filter(
            self.raw(),
            advisories.raw()
        ))?;
        Ok(self)
    }

    /// Chooses the packages of groups; by default the configuration does.
    pub fn set_group_package_types(&mut self, types: CompsPackageTypes) -> Result<&mut Self> {
        call!(rdnf5_goal_job_settings_set_group_package_types(self.raw(), types.0))?;
        Ok(self)
    }
}
