#include "compat.hpp"
#include "handle.hpp"

#include <libdnf5-cli/output/repoquery.hpp>
#include <libdnf5/rpm/package_sack.hpp>

#include <algorithm>
#include <array>

using namespace redpak;
using libdnf5::rpm::PackageQuery;
using libdnf5::rpm::PackageSet;
using libdnf5::sack::ExcludeFlags;
using libdnf5::sack::QueryCmp;

namespace {

static_assert(to_number(ExcludeFlags::APPLY_EXCLUDES) == RDNF5_APPLY_EXCLUDES);
static_assert(to_number(ExcludeFlags::IGNORE_MODULAR_EXCLUDES) == RDNF5_IGNORE_MODULAR_EXCLUDES);
static_assert(to_number(ExcludeFlags::IGNORE_REGULAR_EXCLUDES) == RDNF5_IGNORE_REGULAR_EXCLUDES);
static_assert(to_number(ExcludeFlags::USE_DISABLED_REPOSITORIES) == RDNF5_USE_DISABLED_REPOSITORIES);
static_assert(to_number(ExcludeFlags::IGNORE_VERSIONLOCK) == RDNF5_IGNORE_VERSIONLOCK);

constexpr uint32_t ALL_EXCLUDE_FLAGS = RDNF5_IGNORE_MODULAR_EXCLUDES | RDNF5_IGNORE_REGULAR_EXCLUDES |
                                       RDNF5_USE_DISABLED_REPOSITORIES | RDNF5_IGNORE_VERSIONLOCK;

ExcludeFlags to_exclude_flags(uint32_t flags) {
    if (flags & ~ALL_EXCLUDE_FLAGS) {
        throw_unknown_enumerator("exclude flags", flags);
    }
    return static_cast<ExcludeFlags>(flags);
}

using Patterns = std::vector<std::string>;
using StringFilter = void (*)(PackageQuery &, const Patterns &, QueryCmp);
using SetFilter = void (*)(PackageQuery &, const PackageSet &, QueryCmp);
using StateFilter = void (*)(PackageQuery &);
using LimitFilter = void (PackageQuery::*)(int);

/// Picks the overload that takes patterns (or a set) out of those of a filter's name.
template <void (PackageQuery::*filter)(const Patterns &, QueryCmp)>
void strings(PackageQuery & query, const Patterns & patterns, QueryCmp cmp) {
    (query.*filter)(patterns, cmp);
}

template <void (PackageQuery::*filter)(const PackageSet &, QueryCmp)>
void set(PackageQuery & query, const PackageSet & packages, QueryCmp cmp) {
    (query.*filter)(packages, cmp);
}

template <void (PackageQuery::*filter)()>
void state(PackageQuery & query) {
    (query.*filter)();
}

/// In the order of Rdnf5PackageFilter.
constexpr std::array<StringFilter, 24> STRING_FILTERS{
    strings<&PackageQuery::filter_name>,
    strings<&PackageQuery::filter_epoch>,
    strings<&PackageQuery::filter_version>,
    strings<&PackageQuery::filter_release>,
    strings<&PackageQuery::filter_arch>,
    compat::filter_vendor<PackageQuery>,
    strings<&PackageQuery::filter_evr>,
    strings<&PackageQuery::filter_nevra>,
    strings<&PackageQuery::filter_sourcerpm>,
    strings<&PackageQuery::filter_url>,
    strings<&PackageQuery::filter_summary>,
    strings<&PackageQuery::filter_description>,
    strings<&PackageQuery::filter_provides>,
    strings<&PackageQuery::filter_requires>,
    strings<&PackageQuery::filter_conflicts>,
    strings<&PackageQuery::filter_obsoletes>,
    strings<&PackageQuery::filter_recommends>,
    strings<&PackageQuery::filter_suggests>,
    strings<&PackageQuery::filter_enhances>,
    strings<&PackageQuery::filter_supplements>,
    strings<&PackageQuery::filter_file>,
    strings<&PackageQuery::filter_location>,
    strings<&PackageQuery::filter_repo_id>,
    compat::filter_from_repo_id<PackageQuery>,
};
static_assert(STRING_FILTERS.size() == RDNF5_FILTER_FROM_REPO_ID + 1);

/// In the order of Rdnf5PackageSetFilter.
constexpr std::array<SetFilter, 10> SET_FILTERS{
    set<&PackageQuery::filter_name>,
    set<&PackageQuery::filter_name_arch>,
    set<&PackageQuery::filter_nevra>,
    set<&PackageQuery::filter_requires>,
    set<&PackageQuery::filter_conflicts>,
    set<&PackageQuery::filter_obsoletes>,
    set<&PackageQuery::filter_recommends>,
    set<&PackageQuery::filter_suggests>,
    set<&PackageQuery::filter_enhances>,
    set<&PackageQuery::filter_supplements>,
};
static_assert(SET_FILTERS.size() == RDNF5_SET_FILTER_SUPPLEMENTS + 1);

/// In the order of Rdnf5PackageStateFilter.
constexpr std::array<StateFilter, 17> STATE_FILTERS{
    state<&PackageQuery::filter_installed>,
    state<&PackageQuery::filter_available>,
    state<&PackageQuery::filter_upgrades>,
    state<&PackageQuery::filter_downgrades>,
    state<&PackageQuery::filter_upgradable>,
    state<&PackageQuery::filter_downgradable>,
    state<&PackageQuery::filter_priority>,
    [](PackageQuery & query) { query.filter_extras(false); },
    [](PackageQuery & query) { query.filter_extras(true); },
    state<&PackageQuery::filter_userinstalled>,
    state<&PackageQuery::filter_unneeded>,
    state<&PackageQuery::filter_unneeded_not_protected>,
    state<&PackageQuery::filter_duplicates>,
    [](PackageQuery & query) { query.filter_leaves(); },
    state<&PackageQuery::filter_reboot_suggested>,
    state<&PackageQuery::filter_installonly>,
    state<&PackageQuery::filter_versionlock>,
};
static_assert(STATE_FILTERS.size() == RDNF5_STATE_VERSIONLOCK + 1);

/// In the order of Rdnf5PackageLimitFilter.
constexpr std::array<LimitFilter, 4> LIMIT_FILTERS{
    &PackageQuery::filter_latest_evr,
    &PackageQuery::filter_latest_evr_any_arch,
    &PackageQuery::filter_earliest_evr,
    &PackageQuery::filter_earliest_evr_any_arch,
};
static_assert(LIMIT_FILTERS.size() == RDNF5_LIMIT_EARLIEST_EVR_ANY_ARCH + 1);

std::vector<libdnf5::rpm::Package> to_list(const PackageQuery & query, bool sorted) {
    std::vector<libdnf5::rpm::Package> packages;
    packages.reserve(query.size());
    for (const auto & package : query) {
        packages.push_back(package);
    }
    if (sorted) {
        std::ranges::sort(packages, libdnf5::rpm::cmp_nevra<libdnf5::rpm::Package>);
    }
    return packages;
}

}  // namespace

Rdnf5Error * rdnf5_package_sack_load_config_excludes_includes(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).get_rpm_package_sack()->load_config_excludes_includes(); });
}

Rdnf5Error * rdnf5_package_sack_add_user_excludes(Rdnf5Base * base, const Rdnf5PackageQuery * excludes) noexcept {
    return guard([&] { deref(base).get_rpm_package_sack()->add_user_excludes(deref(excludes)); });
}

Rdnf5Error * rdnf5_package_query_new(
    Rdnf5Base * base, uint32_t exclude_flags, uint8_t empty, Rdnf5PackageQuery ** out) noexcept {
    return guard([&] { give(out, deref(base), to_exclude_flags(exclude_flags), empty != 0); });
}

Rdnf5Error * rdnf5_package_query_copy(const Rdnf5PackageQuery * query, Rdnf5PackageQuery ** out) noexcept {
    return guard([&] { give(out, deref(query)); });
}

void rdnf5_package_query_free(Rdnf5PackageQuery * query) noexcept {
    drop(query);
}

Rdnf5Error * rdnf5_package_query_filter_strings(
    Rdnf5PackageQuery * query, uint32_t filter, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) noexcept {
    return guard([&] { at(STRING_FILTERS, filter)(deref(query), to_strings(patterns, count), to_cmp(cmp)); });
}

Rdnf5Error * rdnf5_package_query_filter_set(
    Rdnf5PackageQuery * query, uint32_t filter, const Rdnf5PackageQuery * set, uint32_t cmp) noexcept {
    return guard([&] { at(SET_FILTERS, filter)(deref(query), deref(set), to_cmp(cmp)); });
}

Rdnf5Error * rdnf5_package_query_filter_provides_of(
    Rdnf5PackageQuery * query, const Rdnf5PackageQuery * set, Rdnf5Bytes attribute, uint32_t cmp) noexcept {
    return guard([&] {
        const auto reldeps = libdnf5::cli::output::get_reldeplist_for_attr(deref(set), to_string(attribute));
        deref(query).filter_provides(reldeps, to_cmp(cmp));
    });
}

Rdnf5Error * rdnf5_package_query_filter_leaves_groups(
    Rdnf5PackageQuery * query, void * user, void (*each)(void * user, const Rdnf5PackageList * group)) noexcept {
    return guard([&] {
        auto & call = deref_out(each);
        for (const auto & group : deref(query).filter_leaves_groups()) {
            call(user, borrow<Rdnf5PackageList>(group));
        }
    });
}

Rdnf5Error * rdnf5_package_query_filter_advisories(
    Rdnf5PackageQuery * query, const Rdnf5AdvisoryQuery * advisories, uint32_t cmp) noexcept {
    return guard([&] { deref(query).filter_advisories(deref(advisories), to_cmp(cmp)); });
}

Rdnf5Error * rdnf5_package_query_filter_state(Rdnf5PackageQuery * query, uint32_t filter) noexcept {
    return guard([&] { at(STATE_FILTERS, filter)(deref(query)); });
}

Rdnf5Error * rdnf5_package_query_filter_limit(Rdnf5PackageQuery * query, uint32_t filter, int32_t limit) noexcept {
    return guard([&] { (deref(query).*at(LIMIT_FILTERS, filter))(limit); });
}

Rdnf5Error * rdnf5_package_query_filter_recent(Rdnf5PackageQuery * query, int64_t timestamp) noexcept {
    return guard([&] { deref(query).filter_recent(static_cast<time_t>(timestamp)); });
}

Rdnf5Error * rdnf5_package_query_combine(
    Rdnf5PackageQuery * query, uint32_t operation, const Rdnf5PackageQuery * other) noexcept {
    return guard([&] {
        auto & left = deref(query);
        const auto & right = deref(other);
        switch (operation) {
            case RDNF5_SET_UNION:
                left |= right;
                break;
            case RDNF5_SET_INTERSECTION:
                left &= right;
                break;
            case RDNF5_SET_DIFFERENCE:
                left -= right;
                break;
            default:
                throw_unknown_enumerator("set operation", operation);
        }
    });
}

Rdnf5Error * rdnf5_package_query_add(Rdnf5PackageQuery * query, const Rdnf5Package * package) noexcept {
    return guard([&] { deref(query).add(deref(package)); });
}

Rdnf5Error * rdnf5_package_query_remove(Rdnf5PackageQuery * query, const Rdnf5Package * package) noexcept {
    return guard([&] { deref(query).remove(deref(package)); });
}

Rdnf5Error * rdnf5_package_query_contains(
    const Rdnf5PackageQuery * query, const Rdnf5Package * package, uint8_t * out) noexcept {
    return guard([&] { deref_out(out) = deref(query).contains(deref(package)); });
}

Rdnf5Error * rdnf5_package_query_size(const Rdnf5PackageQuery * query, size_t * out) noexcept {
    return guard([&] { deref_out(out) = deref(query).size(); });
}

Rdnf5Error * rdnf5_package_query_list_copy(
    const Rdnf5PackageQuery * query, uint8_t sorted, Rdnf5PackageList ** out) noexcept {
    return guard([&] { give(out, to_list(deref(query), sorted)); });
}

Rdnf5Error * rdnf5_package_query_resolve_pkg_spec(
    Rdnf5PackageQuery * query,
    Rdnf5Bytes spec,
    const Rdnf5GoalJobSettings * settings,
    uint8_t with_src,
    uint8_t * matched) noexcept {
    return guard([&] {
        auto & result = deref_out(matched);
        const libdnf5::ResolveSpecSettings defaults;
        const auto & chosen = settings ? deref(settings) : defaults;
        result = deref(query).resolve_pkg_spec(to_string(spec), chosen, with_src).first;
    });
}

Rdnf5Error * rdnf5_package_query_is_dep_satisfied(
    Rdnf5PackageQuery * query, Rdnf5Bytes reldep, uint8_t * out) noexcept {
    return guard([&] {
        auto & object = deref(query);
        const libdnf5::rpm::Reldep dependency(object.get_base(), to_string(reldep));
        deref_out(out) = compat::is_dep_satisfied(object, dependency);
    });
}
