#include "handle.hpp"

#include <libdnf5/advisory/advisory.hpp>
#include <libdnf5/advisory/advisory_query.hpp>

#include <algorithm>

using namespace redpak;
using libdnf5::advisory::AdvisoryQuery;

namespace {

using Patterns = std::vector<std::string>;

void filter_strings(AdvisoryQuery & query, uint32_t filter, const Patterns & patterns, libdnf5::sack::QueryCmp cmp) {
    switch (filter) {
        case RDNF5_ADVISORY_FILTER_NAME:
            return query.filter_name(patterns, cmp);
        case RDNF5_ADVISORY_FILTER_TYPE:
            return query.filter_type(patterns, cmp);
        case RDNF5_ADVISORY_FILTER_SEVERITY:
            return query.filter_severity(patterns, cmp);
        case RDNF5_ADVISORY_FILTER_BUGZILLA:
            return query.filter_reference(patterns, "bugzilla", cmp);
        case RDNF5_ADVISORY_FILTER_CVE:
            return query.filter_reference(patterns, "cve", cmp);
        default:
            throw_unknown_enumerator("filter of advisories", filter);
    }
}

}  // namespace

Rdnf5Error * rdnf5_advisory_query_new(Rdnf5Base * base, Rdnf5AdvisoryQuery ** out) noexcept {
    return guard([&] { give(out, deref(base)); });
}

Rdnf5Error * rdnf5_advisory_query_copy(const Rdnf5AdvisoryQuery * query, Rdnf5AdvisoryQuery ** out) noexcept {
    return guard([&] { give(out, deref(query)); });
}

void rdnf5_advisory_query_free(Rdnf5AdvisoryQuery * query) noexcept {
    drop(query);
}

Rdnf5Error * rdnf5_advisory_query_filter_strings(
    Rdnf5AdvisoryQuery * query, uint32_t filter, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) noexcept {
    return guard([&] { filter_strings(deref(query), filter, to_strings(patterns, count), to_cmp(cmp)); });
}

Rdnf5Error * rdnf5_advisory_query_filter_packages(
    Rdnf5AdvisoryQuery * query, const Rdnf5PackageQuery * packages, uint32_t cmp) noexcept {
    return guard([&] { deref(query).filter_packages(deref(packages), to_cmp(cmp)); });
}

Rdnf5Error * rdnf5_advisory_query_combine(
    Rdnf5AdvisoryQuery * query, uint32_t operation, const Rdnf5AdvisoryQuery * other) noexcept {
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

Rdnf5Error * rdnf5_advisory_query_size(const Rdnf5AdvisoryQuery * query, size_t * out) noexcept {
    return guard([&] { deref_out(out) = deref(query).size(); });
}

Rdnf5Error * rdnf5_advisory_query_names_copy(const Rdnf5AdvisoryQuery * query, Rdnf5StringList ** out) noexcept {
    return guard([&] {
        std::vector<std::string> names;
        for (const auto & advisory : deref(query)) {
            names.push_back(advisory.get_name());
        }
        std::ranges::sort(names);
        give(out, std::move(names));
    });
}
