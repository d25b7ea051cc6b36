//! What is wanted: jobs, and their solution.

use std::ffi::OsStr;
use std::ptr;

use dnf5_sys as raw;

use super::base::Base;
use super::error::Result;
use super::goal_job_settings::GoalJobSettings;
use super::handle::Owned;
use super::package::{Package, Reason};
use super::package_query::PackageQuery;
use super::strings::bytes;
use super::transaction::Transaction;

number_enum! {
    /// What to do with what a specification means. The `Rpm` ones mean packages alone, the others groups and modules too.
    pub enum Job {
        /// Install.
        Install = RDNF5_GOAL_INSTALL,
        /// Remove.
        Remove = RDNF5_GOAL_REMOVE,
        /// Upgrade to the newest version.
        Upgrade = RDNF5_GOAL_UPGRADE,
        /// Upgrade to the oldest version that fixes something.
        UpgradeMinimal = RDNF5_GOAL_UPGRADE_MINIMAL,
        /// Take the next older version.
        Downgrade = RDNF5_GOAL_DOWNGRADE,
        /// Install the same version again.
        Reinstall = RDNF5_GOAL_REINSTALL,
        /// Install debuginfo packages.
        DebugInstall = RDNF5_GOAL_DEBUG_INSTALL,
        /// Install packages.
        RpmInstall = RDNF5_GOAL_RPM_INSTALL,
        /// Remove packages.
        RpmRemove = RDNF5_GOAL_RPM_REMOVE,
        /// Upgrade packages.
        RpmUpgrade = RDNF5_GOAL_RPM_UPGRADE,
        /// Upgrade packages to the oldest version that fixes something.
        RpmUpgradeMinimal = RDNF5_GOAL_RPM_UPGRADE_MINIMAL,
        /// Take the next older version of packages.
        RpmDowngrade = RDNF5_GOAL_RPM_DOWNGRADE,
        /// Install the same version of packages again.
        RpmReinstall = RDNF5_GOAL_RPM_REINSTALL,
        /// Take the versions that the repositories have.
        RpmDistroSync = RDNF5_GOAL_RPM_DISTRO_SYNC,
        /// Install packages, again if they are installed.
        RpmInstallOrReinstall = RDNF5_GOAL_RPM_INSTALL_OR_REINSTALL,
        /// Install what provides something.
        ProvideInstall = RDNF5_GOAL_PROVIDE_INSTALL,
        /// Bring installed groups up to date.
        GroupUpgrade = RDNF5_GOAL_GROUP_UPGRADE,
        /// Enable a module stream.
        ModuleEnable = RDNF5_GOAL_MODULE_ENABLE,
        /// Disable a module.
        ModuleDisable = RDNF5_GOAL_MODULE_DISABLE,
        /// Forget what was chosen for a module.
        ModuleReset = RDNF5_GOAL_MODULE_RESET,
    }
    else Install
}

number_enum! {
    /// What to do with groups and environments.
    pub enum GroupJob {
        /// Install them.
        Install = RDNF5_GOAL_GROUP_INSTALL,
        /// Remove them.
        Remove = RDNF5_GOAL_GROUP_REMOVE,
    }
    else Install
}

/// A list of jobs.
#[derive(Debug)]
pub struct Goal<'b> {
    handle: Owned<raw::Rdnf5Goal>,
    base: &'b Base<'b>,
}

fn raw_settings(settings: Option<&GoalJobSettings>) -> *mut raw::Rdnf5GoalJobSettings {
    settings.map_or(ptr::null_mut(), GoalJobSettings::raw)
}

impl<'b> Goal<'b> {
    /// No job yet.
    pub fn new(base: &'b Base<'_>) -> Result<Self> {
        Ok(Self {
            handle: object!(rdnf5_goal_new(base.raw()))?,
            base,
        })
    }

    fn raw(&self) -> *mut raw::Rdnf5Goal {
        self.handle.raw()
    }

    /// Adds a job for a specification. Without settings libdnf5's defaults hold, here and below.
    pub fn add(&mut self, job: Job, spec: impl AsRef<OsStr>, settings: Option<&GoalJobSettings>) -> Result<()> {
        call!(rdnf5_goal_add(
            self.raw(),
            job.number(),
            bytes(spec.as_ref()),
            raw_settings(settings)
        ))
    }

    /// Adds a job for all that is installed: [`Job::RpmUpgrade`], [`Job::RpmUpgradeMinimal`] or [`Job::RpmDistroSync`].
    pub fn add_all(&mut self, job: Job, settings: Option<&GoalJobSettings>) -> Result<()> {
        call!(rdnf5_goal_add_all(self.raw(), job.number(), raw_settings(settings)))
    }

    /// Adds a job of an `Rpm` kind for a package.
    pub fn add_package(&mut self, job: Job, package: &Package<'_>, settings: Option<&GoalJobSettings>) -> Result<()> {
        call!(rdnf5_goal_add_package(
            self.raw(),
            job.number(),
            package.raw(),
            raw_settings(settings)
        ))
    }

    /// Adds a job of an `Rpm` kind for one package out of a set.
    pub fn add_packages(
        &mut self,
        job: Job,
        packages: &PackageQuery<'_>,
        settings: Option<&GoalJobSettings>,
    ) -> Result<()> {
        call!(rdnf5_goal_add_packages(
            self.raw(),
            job.number(),
            packages.raw(),
            raw_settings(settings)
        ))
    }

    /// Adds a job for groups and environments.
    pub fn add_group(
        &mut self,
        job: GroupJob,
        spec: impl AsRef<OsStr>,
        reason: Reason,
        settings: Option<&GoalJobSettings>,
    ) -> Result<()> {
        let spec = bytes(spec.as_ref());
        call!(rdnf5_goal_add_group(
            self.raw(),
            job.number(),
            spec,
            reason.number(),
            raw_settings(settings)
        ))
    }

    /// Changes why a package is installed. The group counts for [`Reason::Group`].
    pub fn add_rpm_reason_change(
        &mut self,
        spec: impl AsRef<OsStr>,
        reason: Reason,
        group_id: Option<&OsStr>,
        settings: Option<&GoalJobSettings>,
    ) -> Result<()> {
        let (spec, group) = (bytes(spec.as_ref()), bytes(group_id.unwrap_or(OsStr::new(""))));
        call!(rdnf5_goal_add_rpm_reason_change(
            self.raw(),
            spec,
            reason.number(),
            group,
            raw_settings(settings)
        ))
    }

    /// Replays a stored transaction.
    pub fn add_serialized_transaction(
        &mut self,
        path: impl AsRef<OsStr>,
        settings: Option<&GoalJobSettings>,
    ) -> Result<()> {
        call!(rdnf5_goal_add_serialized_transaction(
            self.raw(),
            bytes(path.as_ref()),
            raw_settings(settings)
        ))
    }

    /// Undoes transactions of the history, given oldest first.
    pub fn add_revert_transactions(&mut self, ids: &[i64], settings: Option<&GoalJobSettings>) -> Result<()> {
        let (list, count) = (ids.as_ptr(), ids.len());
        call!(rdnf5_goal_add_revert_transactions(
            self.raw(),
            list,
            count,
            raw_settings(settings)
        ))
    }

    /// Does a transaction of the history again.
    pub fn add_redo_transaction(&mut self, id: i64, settings: Option<&GoalJobSettings>) -> Result<()> {
        call!(rdnf5_goal_add_redo_transaction(self.raw(), id, raw_settings(settings)))
    }

    /// Whether installed packages may be removed to solve the jobs.
    pub fn set_allow_erasing(&mut self, value: bool) -> Result<()> {
        call!(rdnf5_goal_set_allow_erasing(self.raw(), value.into()))
    }

    /// Solves the jobs. What cannot be solved is in [`Transaction::problems`], not an error.
    pub fn resolve(&mut self) -> Result<Transaction<'b>> {
        let handle = self.base.with_callbacks(|| object!(rdnf5_goal_resolve(self.raw())))?;
        Ok(Transaction::from_handle(handle, self.base))
    }

    /// Forgets all jobs.
    pub fn reset(&mut self) -> Result<()> {
        call!(rdnf5_goal_reset(self.raw()))
    }
}
