/* Goals (goal.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

Rdnf5Error * rdnf5_goal_job_settings_new(Rdnf5GoalJobSettings ** out) RDNF5_NOEXCEPT;
void rdnf5_goal_job_settings_free(Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;

enum Rdnf5GoalFlag {
    RDNF5_GOAL_FLAG_IGNORE_CASE = 0,
    RDNF5_GOAL_FLAG_WITH_NEVRA = 1,
    RDNF5_GOAL_FLAG_WITH_PROVIDES = 2,
    RDNF5_GOAL_FLAG_WITH_FILENAMES = 3,
    RDNF5_GOAL_FLAG_WITH_BINARIES = 4,
    RDNF5_GOAL_FLAG_EXPAND_GLOBS = 5,
    RDNF5_GOAL_FLAG_GROUP_WITH_ID = 6,
    RDNF5_GOAL_FLAG_GROUP_WITH_NAME = 7,
    RDNF5_GOAL_FLAG_GROUP_SEARCH_GROUPS = 8,
    RDNF5_GOAL_FLAG_GROUP_SEARCH_ENVIRONMENTS = 9,
    RDNF5_GOAL_FLAG_GROUP_NO_PACKAGES = 10,
    RDNF5_GOAL_FLAG_ENVIRONMENT_NO_GROUPS = 11,
    RDNF5_GOAL_FLAG_REPORT_HINT = 12,
    RDNF5_GOAL_FLAG_IGNORE_EXTRAS = 13,
    RDNF5_GOAL_FLAG_IGNORE_INSTALLED = 14,
    RDNF5_GOAL_FLAG_OVERRIDE_REASONS = 15
};
Rdnf5Error * rdnf5_goal_job_settings_set_flag(
    Rdnf5GoalJobSettings * settings, uint32_t flag, uint8_t value) RDNF5_NOEXCEPT;

enum Rdnf5GoalSetting {
    RDNF5_GOAL_SKIP_BROKEN = 0,
    RDNF5_GOAL_SKIP_UNAVAILABLE = 1,
    RDNF5_GOAL_BEST = 2,
    RDNF5_GOAL_CLEAN_REQUIREMENTS_ON_REMOVE = 3
};
enum Rdnf5GoalSettingValue { RDNF5_GOAL_AUTO = 0, RDNF5_GOAL_TRUE = 1, RDNF5_GOAL_FALSE = 2 };
/// AUTO (the default) takes the configuration's value.
Rdnf5Error * rdnf5_goal_job_settings_set(
    Rdnf5GoalJobSettings * settings, uint32_t setting, uint32_t value) RDNF5_NOEXCEPT;

enum Rdnf5GoalStrings {
    RDNF5_GOAL_FROM_REPO_IDS = 0,
    RDNF5_GOAL_TO_REPO_IDS = 1,
    RDNF5_GOAL_TO_VENDORS = 2,  ///< not in 5.2
};
Rdnf5Error * rdnf5_goal_job_settings_set_strings(
    Rdnf5GoalJobSettings * settings, uint32_t field, const Rdnf5Bytes * values, size_t count) RDNF5_NOEXCEPT;

/// libdnf5's own numbers.
enum Rdnf5CompsPackageType {
    RDNF5_COMPS_CONDITIONAL = 1 << 0,
    RDNF5_COMPS_DEFAULT = 1 << 1,
    RDNF5_COMPS_MANDATORY = 1 << 2,
    RDNF5_COMPS_OPTIONAL = 1 << 3
};
Rdnf5Error * rdnf5_goal_job_settings_set_group_package_types(
    Rdnf5GoalJobSettings * settings, uint32_t types) RDNF5_NOEXCEPT;

/// Only packages of these advisories.
Rdnf5Error * rdnf5_goal_job_settings_set_advisory_filter(
    Rdnf5GoalJobSettings * settings, const Rdnf5AdvisoryQuery * advisories) RDNF5_NOEXCEPT;

/// Why a package is installed. libdnf5's own numbers.
enum Rdnf5Reason {
    RDNF5_REASON_NONE = 0,
    RDNF5_REASON_DEPENDENCY = 1,
    RDNF5_REASON_USER = 2,
    RDNF5_REASON_CLEAN = 3,
    RDNF5_REASON_WEAK_DEPENDENCY = 4,
    RDNF5_REASON_GROUP = 5,
    RDNF5_REASON_EXTERNAL_USER = 6
};

Rdnf5Error * rdnf5_goal_new(Rdnf5Base * base, Rdnf5Goal ** out) RDNF5_NOEXCEPT;
void rdnf5_goal_free(Rdnf5Goal * goal) RDNF5_NOEXCEPT;

enum Rdnf5GoalJob {
    RDNF5_GOAL_INSTALL = 0,  ///< specifications of packages, @groups and modules
    RDNF5_GOAL_REMOVE = 1,
    RDNF5_GOAL_UPGRADE = 2,
    RDNF5_GOAL_UPGRADE_MINIMAL = 3,
    RDNF5_GOAL_DOWNGRADE = 4,
    RDNF5_GOAL_REINSTALL = 5,
    RDNF5_GOAL_DEBUG_INSTALL = 6,
    RDNF5_GOAL_RPM_INSTALL = 7,  ///< packages alone
    RDNF5_GOAL_RPM_REMOVE = 8,
    RDNF5_GOAL_RPM_UPGRADE = 9,
    RDNF5_GOAL_RPM_UPGRADE_MINIMAL = 10,
    RDNF5_GOAL_RPM_DOWNGRADE = 11,
    RDNF5_GOAL_RPM_REINSTALL = 12,
    RDNF5_GOAL_RPM_DISTRO_SYNC = 13,
    RDNF5_GOAL_RPM_INSTALL_OR_REINSTALL = 14,
    RDNF5_GOAL_PROVIDE_INSTALL = 15,
    RDNF5_GOAL_GROUP_UPGRADE = 16,
    RDNF5_GOAL_MODULE_ENABLE = 17,
    RDNF5_GOAL_MODULE_DISABLE = 18,
    RDNF5_GOAL_MODULE_RESET = 19,
    RDNF5_GOAL_GROUP_INSTALL = 20,  ///< with a reason, see rdnf5_goal_add_group()
    RDNF5_GOAL_GROUP_REMOVE = 21
};
/// Adds a job for a specification. @param settings  may be NULL here and below
Rdnf5Error * rdnf5_goal_add(
    Rdnf5Goal * goal, uint32_t job, Rdnf5Bytes spec, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Adds a job for everything installed: RPM_UPGRADE, RPM_UPGRADE_MINIMAL or RPM_DISTRO_SYNC.
Rdnf5Error * rdnf5_goal_add_all(Rdnf5Goal * goal, uint32_t job, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Adds a job of an RPM_ kind for one package.
Rdnf5Error * rdnf5_goal_add_package(
    Rdnf5Goal * goal, uint32_t job, const Rdnf5Package * package, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Adds a job of an RPM_ kind (but RPM_DOWNGRADE and RPM_REINSTALL) for one package out of a set.
Rdnf5Error * rdnf5_goal_add_packages(
    Rdnf5Goal * goal,
    uint32_t job,
    const Rdnf5PackageQuery * packages,
    const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// GROUP_INSTALL or GROUP_REMOVE of groups and environments.
Rdnf5Error * rdnf5_goal_add_group(
    Rdnf5Goal * goal,
    uint32_t job,
    Rdnf5Bytes spec,
    uint32_t reason,
    const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// `mark`: `group_id` matters for RDNF5_REASON_GROUP.
Rdnf5Error * rdnf5_goal_add_rpm_reason_change(
    Rdnf5Goal * goal,
    Rdnf5Bytes spec,
    uint32_t reason,
    Rdnf5Bytes group_id,
    const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Replays a transaction that was stored at `path`.
Rdnf5Error * rdnf5_goal_add_serialized_transaction(
    Rdnf5Goal * goal, Rdnf5Bytes path, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Undoes transactions of the history, given with the oldest first.
Rdnf5Error * rdnf5_goal_add_revert_transactions(
    Rdnf5Goal * goal, const int64_t * ids, size_t count, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_goal_add_redo_transaction(
    Rdnf5Goal * goal, int64_t id, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_goal_set_allow_erasing(Rdnf5Goal * goal, uint8_t value) RDNF5_NOEXCEPT;
/// Solves the jobs. A transaction with problems is a success here; see rdnf5_transaction_problems().
Rdnf5Error * rdnf5_goal_resolve(Rdnf5Goal * goal, Rdnf5Transaction ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_goal_reset(Rdnf5Goal * goal) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
