/* Advisories (advisory.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

Rdnf5Error * rdnf5_advisory_query_new(Rdnf5Base * base, Rdnf5AdvisoryQuery ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_advisory_query_copy(
    const Rdnf5AdvisoryQuery * query, Rdnf5AdvisoryQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_advisory_query_free(Rdnf5AdvisoryQuery * query) RDNF5_NOEXCEPT;
enum Rdnf5AdvisoryFilter {
    RDNF5_ADVISORY_FILTER_NAME = 0,
    RDNF5_ADVISORY_FILTER_TYPE = 1,      ///< security, bugfix, enhancement, newpackage
    RDNF5_ADVISORY_FILTER_SEVERITY = 2,  ///< critical, important, moderate, low, none
    RDNF5_ADVISORY_FILTER_BUGZILLA = 3,  ///< references of type bugzilla
    RDNF5_ADVISORY_FILTER_CVE = 4        ///< references of type cve
};
Rdnf5Error * rdnf5_advisory_query_filter_strings(
    Rdnf5AdvisoryQuery * query,
    uint32_t filter,
    const Rdnf5Bytes * patterns,
    size_t count,
    uint32_t cmp) RDNF5_NOEXCEPT;
/// Keeps advisories with a package of the set, its version compared with `cmp`.
Rdnf5Error * rdnf5_advisory_query_filter_packages(
    Rdnf5AdvisoryQuery * query, const Rdnf5PackageQuery * packages, uint32_t cmp) RDNF5_NOEXCEPT;
/// RDNF5_SET_UNION, RDNF5_SET_INTERSECTION or RDNF5_SET_DIFFERENCE with another query.
Rdnf5Error * rdnf5_advisory_query_combine(
    Rdnf5AdvisoryQuery * query, uint32_t operation, const Rdnf5AdvisoryQuery * other) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_advisory_query_size(const Rdnf5AdvisoryQuery * query, size_t * out) RDNF5_NOEXCEPT;
/// The names of the advisories, sorted.
Rdnf5Error * rdnf5_advisory_query_names_copy(
    const Rdnf5AdvisoryQuery * query, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
