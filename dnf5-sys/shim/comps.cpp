#include "comps.hpp"

#include "handle.hpp"

#include <libdnf5/comps/environment/environment.hpp>
#include <libdnf5/comps/group/group.hpp>
#include <libdnf5/comps/group/package.hpp>

#include <algorithm>
#include <tuple>

using namespace redpak;
using libdnf5::comps::Environment;
using libdnf5::comps::EnvironmentQuery;
using libdnf5::comps::Group;
using libdnf5::comps::GroupQuery;
using libdnf5::comps::PackageType;

namespace {

static_assert(to_number(PackageType::CONDITIONAL) == RDNF5_COMPS_CONDITIONAL);
static_assert(to_number(PackageType::DEFAULT) == RDNF5_COMPS_DEFAULT);
static_assert(to_number(PackageType::MANDATORY) == RDNF5_COMPS_MANDATORY);
static_assert(to_number(PackageType::OPTIONAL) == RDNF5_COMPS_OPTIONAL);

using Each = void (*)(void * user, const Rdnf5Group * group);

void each_group(Each each, void * user, Group & group) {
    const auto id = group.get_groupid();
    const auto name = group.get_translated_name();
    const auto description = group.get_translated_description();
    std::vector<std::string> members;
    std::vector<uint32_t> types;
    for (const auto & package : group.get_packages()) {
        members.push_back(package.get_name());
        types.push_back(to_number(package.get_type()));
    }
    const Rdnf5Group view_of_group{
        view(id),
        view(name),
        view(description),
        to_number(group.get_reason()),
        group.get_installed(),
        group.get_uservisible(),
        borrow<Rdnf5StringList>(members),
        types.data()};
    each(user, &view_of_group);
}

void each_environment(Each each, void * user, Environment & environment) {
    const auto id = environment.get_environmentid();
    const auto name = environment.get_translated_name();
    const auto description = environment.get_translated_description();
    const auto members = environment.get_groups();
    const Rdnf5Group view_of_environment{
        view(id),
        view(name),
        view(description),
        RDNF5_REASON_NONE,
        environment.get_installed(),
        1,
        borrow<Rdnf5StringList>(members),
        nullptr};
    each(user, &view_of_environment);
}

}  // namespace

namespace redpak {

std::vector<Group> sorted_groups(const GroupQuery & query) {
    std::vector<Group> groups(query.begin(), query.end());
    std::ranges::stable_sort(groups, {}, [](const Group & group) {
        return std::tuple(group.get_order_int(), group.get_groupid());
    });
    return groups;
}

std::vector<Environment> sorted_environments(const EnvironmentQuery & query) {
    std::vector<Environment> environments(query.begin(), query.end());
    std::ranges::stable_sort(environments, {}, [](const Environment & environment) {
        return std::tuple(environment.get_order_int(), environment.get_environmentid());
    });
    return environments;
}

}  // namespace redpak

Rdnf5Error * rdnf5_group_query_new(Rdnf5Base * base, uint8_t empty, Rdnf5GroupQuery ** out) noexcept {
    return guard([&] { give(out, deref(base), empty != 0); });
}

void rdnf5_group_query_free(Rdnf5GroupQuery * query) noexcept {
    drop(query);
}

Rdnf5Error * rdnf5_group_query_filter_strings(
    Rdnf5GroupQuery * query, uint32_t filter, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) noexcept {
    return guard([&] {
        auto & object = deref(query);
        const auto strings = to_strings(patterns, count);
        switch (filter) {
            case RDNF5_GROUP_FILTER_ID:
                return object.filter_groupid(strings, to_cmp(cmp));
            case RDNF5_GROUP_FILTER_NAME:
                return object.filter_name(strings, to_cmp(cmp));
            case RDNF5_GROUP_FILTER_PACKAGE_NAME:
                return object.filter_package_name(strings, to_cmp(cmp));
            default:
                throw_unknown_enumerator("filter of groups", filter);
        }
    });
}

Rdnf5Error * rdnf5_group_query_filter_flag(Rdnf5GroupQuery * query, uint32_t filter, uint8_t value) noexcept {
    return guard([&] {
        auto & object = deref(query);
        switch (filter) {
            case RDNF5_GROUP_FILTER_USERVISIBLE:
                return object.filter_uservisible(value);
            case RDNF5_GROUP_FILTER_DEFAULT:
                return object.filter_default(value);
            case RDNF5_GROUP_FILTER_INSTALLED:
                return object.filter_installed(value);
            default:
                throw_unknown_enumerator("filter of groups", filter);
        }
    });
}

Rdnf5Error * rdnf5_group_query_update(Rdnf5GroupQuery * query, const Rdnf5GroupQuery * other) noexcept {
    return guard([&] { deref(query) |= deref(other); });
}

Rdnf5Error * rdnf5_group_query_each(const Rdnf5GroupQuery * query, void * user, Each each) noexcept {
    return guard([&] {
        deref_out(each);
        for (auto & group : sorted_groups(deref(query))) {
            each_group(each, user, group);
        }
    });
}

Rdnf5Error * rdnf5_environment_query_new(
    Rdnf5Base * base, uint8_t empty, Rdnf5EnvironmentQuery ** out) noexcept {
    return guard([&] { give(out, deref(base), empty != 0); });
}

void rdnf5_environment_query_free(Rdnf5EnvironmentQuery * query) noexcept {
    drop(query);
}

Rdnf5Error * rdnf5_environment_query_filter_strings(
    Rdnf5EnvironmentQuery * query,
    uint32_t filter,
    const Rdnf5Bytes * patterns,
    size_t count,
    uint32_t cmp) noexcept {
    return guard([&] {
        auto & object = deref(query);
        const auto strings = to_strings(patterns, count);
        switch (filter) {
            case RDNF5_GROUP_FILTER_ID:
                return object.filter_environmentid(strings, to_cmp(cmp));
            case RDNF5_GROUP_FILTER_NAME:
                return object.filter_name(strings, to_cmp(cmp));
            default:
                throw_unknown_enumerator("filter of environments", filter);
        }
    });
}

Rdnf5Error * rdnf5_environment_query_filter_installed(Rdnf5EnvironmentQuery * query, uint8_t value) noexcept {
    return guard([&] { deref(query).filter_installed(value); });
}

Rdnf5Error * rdnf5_environment_query_update(
    Rdnf5EnvironmentQuery * query, const Rdnf5EnvironmentQuery * other) noexcept {
    return guard([&] { deref(query) |= deref(other); });
}

Rdnf5Error * rdnf5_environment_query_each(const Rdnf5EnvironmentQuery * query, void * user, Each each) noexcept {
    return guard([&] {
        deref_out(each);
        for (auto & environment : sorted_environments(deref(query))) {
            each_environment(each, user, environment);
        }
    });
}
