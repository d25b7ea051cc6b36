#include "compat.hpp"
#include "handle.hpp"

#include <libdnf5/transaction/transaction_history.hpp>

#include <array>

using namespace redpak;
using libdnf5::Goal;
using libdnf5::GoalJobSettings;
using libdnf5::GoalSetting;
using libdnf5::rpm::Package;
using libdnf5::rpm::PackageSet;

namespace {

using SetFlag = void (*)(GoalJobSettings &, bool);

template <auto setter>
void flag(GoalJobSettings & settings, bool value) {
    (settings.*setter)(value);
}

/// In the order of Rdnf5GoalFlag.
constexpr std::array<SetFlag, 16> FLAGS{
    flag<&GoalJobSettings::set_ignore_case>,
    flag<&GoalJobSettings::set_with_nevra>,
    flag<&GoalJobSettings::set_with_provides>,
    flag<&GoalJobSettings::set_with_filenames>,
    flag<&GoalJobSettings::set_with_binaries>,
    flag<&GoalJobSettings::set_expand_globs>,
    flag<&GoalJobSettings::set_group_with_id>,
    flag<&GoalJobSettings::set_group_with_name>,
    flag<&GoalJobSettings::set_group_search_groups>,
    flag<&GoalJobSettings::set_group_search_environments>,
    flag<&GoalJobSettings::set_group_no_packages>,
    flag<&GoalJobSettings::set_environment_no_groups>,
    flag<&GoalJobSettings::set_report_hint>,
    flag<&GoalJobSettings::set_ignore_extras>,
    flag<&GoalJobSettings::set_ignore_installed>,
    flag<&GoalJobSettings::set_override_reasons>,
};
static_assert(FLAGS.size() == RDNF5_GOAL_FLAG_OVERRIDE_REASONS + 1);

void set_setting(GoalJobSettings & settings, uint32_t setting, GoalSetting value) {
    switch (setting) {
        case RDNF5_GOAL_SKIP_BROKEN:
            return settings.set_skip_broken(value);
        case RDNF5_GOAL_SKIP_UNAVAILABLE:
            return settings.set_skip_unavailable(value);
        case RDNF5_GOAL_BEST:
            return settings.set_best(value);
        case RDNF5_GOAL_CLEAN_REQUIREMENTS_ON_REMOVE:
            return settings.set_clean_requirements_on_remove(value);
        default:
            throw_unknown_enumerator("setting of a job", setting);
    }
}

/// @return `settings` or, when it is NULL, the defaults, kept in `defaults`
const GoalJobSettings & or_default(const Rdnf5GoalJobSettings * settings, const GoalJobSettings & defaults) {
    return settings ? deref(settings) : defaults;
}

void add_spec(Goal & goal, uint32_t job, const std::string & spec, const GoalJobSettings & settings) {
    switch (job) {
        case RDNF5_GOAL_INSTALL:
            return goal.add_install(spec, settings);
        case RDNF5_GOAL_REMOVE:
            return goal.add_remove(spec, settings);
        case RDNF5_GOAL_UPGRADE:
            return goal.add_upgrade(spec, settings, false);
        case RDNF5_GOAL_UPGRADE_MINIMAL:
            return goal.add_upgrade(spec, settings, true);
        case RDNF5_GOAL_DOWNGRADE:
            return goal.add_downgrade(spec, settings);
        case RDNF5_GOAL_REINSTALL:
            return goal.add_reinstall(spec, settings);
        case RDNF5_GOAL_DEBUG_INSTALL:
            return goal.add_debug_install(spec, settings);
        case RDNF5_GOAL_RPM_INSTALL:
            return goal.add_rpm_install(spec, settings);
        case RDNF5_GOAL_RPM_REMOVE:
            return goal.add_rpm_remove(spec, settings);
        case RDNF5_GOAL_RPM_UPGRADE:
            return goal.add_rpm_upgrade(spec, settings, false);
        case RDNF5_GOAL_RPM_UPGRADE_MINIMAL:
            return goal.add_rpm_upgrade(spec, settings, true);
        case RDNF5_GOAL_RPM_DOWNGRADE:
            return goal.add_rpm_downgrade(spec, settings);
        case RDNF5_GOAL_RPM_REINSTALL:
            return goal.add_rpm_reinstall(spec, settings);
        case RDNF5_GOAL_RPM_DISTRO_SYNC:
            return goal.add_rpm_distro_sync(spec, settings);
        case RDNF5_GOAL_PROVIDE_INSTALL:
            return goal.add_provide_install(spec, settings);
        case RDNF5_GOAL_GROUP_UPGRADE:
            return goal.add_group_upgrade(spec, settings);
        case RDNF5_GOAL_MODULE_ENABLE:
            return goal.add_module_enable(spec, settings);
        case RDNF5_GOAL_MODULE_DISABLE:
            return goal.add_module_disable(spec, settings);
        case RDNF5_GOAL_MODULE_RESET:
            return goal.add_module_reset(spec, settings);
        default:
            throw_unknown_enumerator("job for a specification", job);
    }
}

void add_all(Goal & goal, uint32_t job, const GoalJobSettings & settings) {
    switch (job) {
        case RDNF5_GOAL_RPM_UPGRADE:
            return goal.add_rpm_upgrade(settings, false);
        case RDNF5_GOAL_RPM_UPGRADE_MINIMAL:
            return goal.add_rpm_upgrade(settings, true);
        case RDNF5_GOAL_RPM_DISTRO_SYNC:
            return goal.add_rpm_distro_sync(settings);
        default:
            throw_unknown_enumerator("job for everything installed", job);
    }
}

void add_package(Goal & goal, uint32_t job, const Package & package, const GoalJobSettings & settings) {
    switch (job) {
        case RDNF5_GOAL_RPM_INSTALL:
            return goal.add_rpm_install(package, settings);
        case RDNF5_GOAL_RPM_REMOVE:
            return goal.add_rpm_remove(package, settings);
        case RDNF5_GOAL_RPM_UPGRADE:
            return goal.add_rpm_upgrade(package, settings, false);
        case RDNF5_GOAL_RPM_UPGRADE_MINIMAL:
            return goal.add_rpm_upgrade(package, settings, true);
        case RDNF5_GOAL_RPM_DOWNGRADE:
            return goal.add_rpm_downgrade(package, settings);
        case RDNF5_GOAL_RPM_REINSTALL:
            return goal.add_rpm_reinstall(package, settings);
        case RDNF5_GOAL_RPM_DISTRO_SYNC:
            return goal.add_rpm_distro_sync(package, settings);
        case RDNF5_GOAL_RPM_INSTALL_OR_REINSTALL:
            return goal.add_rpm_install_or_reinstall(package, settings);
        default:
            throw_unknown_enumerator("job for a package", job);
    }
}

void add_packages(Goal & goal, uint32_t job, const PackageSet & packages, const GoalJobSettings & settings) {
    switch (job) {
        case RDNF5_GOAL_RPM_INSTALL:
            return goal.add_rpm_install(packages, settings);
        case RDNF5_GOAL_RPM_REMOVE:
            return goal.add_rpm_remove(packages, settings);
        case RDNF5_GOAL_RPM_UPGRADE:
            return goal.add_rpm_upgrade(packages, settings, false);
        case RDNF5_GOAL_RPM_UPGRADE_MINIMAL:
            return goal.add_rpm_upgrade(packages, settings, true);
        case RDNF5_GOAL_RPM_DISTRO_SYNC:
            return goal.add_rpm_distro_sync(packages, settings);
        case RDNF5_GOAL_RPM_INSTALL_OR_REINSTALL:
            return goal.add_rpm_install_or_reinstall(packages, settings);
        default:
            throw_unknown_enumerator("job for a set of packages", job);
    }
}

/// @return the transactions of the history in the order of `ids`; throws when one is missing
std::vector<libdnf5::transaction::Transaction> history(Goal & goal, const std::vector<int64_t> & ids) {
    auto found = goal.get_base()->get_transaction_history()->list_transactions(ids);
    std::vector<libdnf5::transaction::Transaction> result;
    for (const auto id : ids) {
        const auto match = std::ranges::find(found, id, &libdnf5::transaction::Transaction::get_id);
        if (match == found.end()) {
            throw ArgumentError("there is no transaction " + std::to_string(id) + " in the history");
        }
        result.push_back(*match);
    }
    return result;
}

}  // namespace

Rdnf5Error * rdnf5_goal_job_settings_new(Rdnf5GoalJobSettings ** out) noexcept {
    return guard([&] { give(out); });
}

void rdnf5_goal_job_settings_free(Rdnf5GoalJobSettings * settings) noexcept {
    drop(settings);
}

Rdnf5Error * rdnf5_goal_job_settings_set_flag(
    Rdnf5GoalJobSettings * settings, uint32_t flag, uint8_t value) noexcept {
    return guard([&] { at(FLAGS, flag)(deref(settings), value); });
}

Rdnf5Error * rdnf5_goal_job_settings_set(
    Rdnf5GoalJobSettings * settings, uint32_t setting, uint32_t value) noexcept {
    return guard([&] {
        const auto checked = to_enum(value, GoalSetting::AUTO, GoalSetting::SET_FALSE, "value of a setting");
        set_setting(deref(settings), setting, checked);
    });
}

Rdnf5Error * rdnf5_goal_job_settings_set_strings(
    Rdnf5GoalJobSettings * settings, uint32_t field, const Rdnf5Bytes * values, size_t count) noexcept {
    return guard([&] {
        auto & object = deref(settings);
        auto strings = to_strings(values, count);
        switch (field) {
            case RDNF5_GOAL_FROM_REPO_IDS:
                return object.set_from_repo_ids(std::move(strings));
            case RDNF5_GOAL_TO_REPO_IDS:
                return object.set_to_repo_ids(std::move(strings));
            case RDNF5_GOAL_TO_VENDORS:
                return compat::set_to_vendors(object, std::move(strings));
            default:
                throw_unknown_enumerator("list of a job", field);
        }
    });
}

Rdnf5Error * rdnf5_goal_job_settings_set_group_package_types(
    Rdnf5GoalJobSettings * settings, uint32_t types) noexcept {
    return guard([&] {
        constexpr uint32_t ALL = RDNF5_COMPS_CONDITIONAL | RDNF5_COMPS_DEFAULT | RDNF5_COMPS_MANDATORY | RDNF5_COMPS_OPTIONAL;
        if (types & ~ALL) {
            throw_unknown_enumerator("package types of a group", types);
        }
        deref(settings).set_group_package_types(static_cast<libdnf5::comps::PackageType>(types));
    });
}

Rdnf5Error * rdnf5_goal_job_settings_set_advisory_filter(
    Rdnf5GoalJobSettings * settings, const Rdnf5AdvisoryQuery * advisories) noexcept {
    return guard([&] { deref(settings).set_advisory_filter(deref(advisories)); });
}

Rdnf5Error * rdnf5_goal_new(Rdnf5Base * base, Rdnf5Goal ** out) noexcept {
    return guard([&] { give(out, deref(base)); });
}

void rdnf5_goal_free(Rdnf5Goal * goal) noexcept {
    drop(goal);
}

Rdnf5Error * rdnf5_goal_add(
    Rdnf5Goal * goal, uint32_t job, Rdnf5Bytes spec, const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] { add_spec(deref(goal), job, to_string(spec), or_default(settings, {})); });
}

Rdnf5Error * rdnf5_goal_add_all(Rdnf5Goal * goal, uint32_t job, const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] { add_all(deref(goal), job, or_default(settings, {})); });
}

Rdnf5Error * rdnf5_goal_add_package(
    Rdnf5Goal * goal, uint32_t job, const Rdnf5Package * package, const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] { add_package(deref(goal), job, deref(package), or_default(settings, {})); });
}

Rdnf5Error * rdnf5_goal_add_packages(
    Rdnf5Goal * goal,
    uint32_t job,
    const Rdnf5PackageQuery * packages,
    const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] { add_packages(deref(goal), job, deref(packages), or_default(settings, {})); });
}

Rdnf5Error * rdnf5_goal_add_group(
    Rdnf5Goal * goal,
    uint32_t job,
    Rdnf5Bytes spec,
    uint32_t reason,
    const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] {
        auto & object = deref(goal);
        switch (job) {
            case RDNF5_GOAL_GROUP_INSTALL:
                return object.add_group_install(to_string(spec), to_reason(reason), or_default(settings, {}));
            case RDNF5_GOAL_GROUP_REMOVE:
                return object.add_group_remove(to_string(spec), to_reason(reason), or_default(settings, {}));
            default:
                throw_unknown_enumerator("job for a group", job);
        }
    });
}

Rdnf5Error * rdnf5_goal_add_rpm_reason_change(
    Rdnf5Goal * goal,
    Rdnf5Bytes spec,
    uint32_t reason,
    Rdnf5Bytes group_id,
    const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] {
        deref(goal).add_rpm_reason_change(
            to_string(spec), to_reason(reason), to_string(group_id), or_default(settings, {}));
    });
}

Rdnf5Error * rdnf5_goal_add_serialized_transaction(
    Rdnf5Goal * goal, Rdnf5Bytes path, const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] { deref(goal).add_serialized_transaction(to_string(path), or_default(settings, {})); });
}

Rdnf5Error * rdnf5_goal_add_revert_transactions(
    Rdnf5Goal * goal, const int64_t * ids, size_t count, const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] {
        if (!ids || !count) {
            throw ArgumentError("no transactions to undo");
        }
        auto & object = deref(goal);
        object.add_revert_transactions(history(object, {ids, ids + count}), or_default(settings, {}));
    });
}

Rdnf5Error * rdnf5_goal_add_redo_transaction(
    Rdnf5Goal * goal, int64_t id, const Rdnf5GoalJobSettings * settings) noexcept {
    return guard([&] {
        auto & object = deref(goal);
        object.add_redo_transaction(history(object, {id}).front(), or_default(settings, {}));
    });
}

Rdnf5Error * rdnf5_goal_set_allow_erasing(Rdnf5Goal * goal, uint8_t value) noexcept {
    return guard([&] { deref(goal).set_allow_erasing(value); });
}

Rdnf5Error * rdnf5_goal_resolve(Rdnf5Goal * goal, Rdnf5Transaction ** out) noexcept {
    return guard([&] { give(out, deref(goal).resolve()); });
}

Rdnf5Error * rdnf5_goal_reset(Rdnf5Goal * goal) noexcept {
    return guard([&] { deref(goal).reset(); });
}
