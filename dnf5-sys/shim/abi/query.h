/* Package queries (query.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// How a filter compares; values may be combined with NOT and ICASE. libdnf5's own numbers.
enum Rdnf5QueryCmp {
    RDNF5_CMP_NOT = 1 << 0,
    RDNF5_CMP_ICASE = 1 << 1,
    RDNF5_CMP_ISNULL = 1 << 7,
    RDNF5_CMP_EQ = 1 << 8,
    RDNF5_CMP_GT = 1 << 9,
    RDNF5_CMP_LT = 1 << 10,
    RDNF5_CMP_CONTAINS = 1 << 16,
    RDNF5_CMP_STARTSWITH = 1 << 17,
    RDNF5_CMP_ENDSWITH = 1 << 18,
    RDNF5_CMP_REGEX = 1 << 19,
    RDNF5_CMP_GLOB = 1 << 20
};

/// Which excludes a query leaves out of account. libdnf5's own numbers.
enum Rdnf5ExcludeFlags {
    RDNF5_APPLY_EXCLUDES = 0,
    RDNF5_IGNORE_MODULAR_EXCLUDES = 1 << 0,
    RDNF5_IGNORE_REGULAR_CONFIG_EXCLUDES = 1 << 1,
    RDNF5_IGNORE_REGULAR_USER_EXCLUDES = 1 << 2,
    RDNF5_IGNORE_REGULAR_EXCLUDES = RDNF5_IGNORE_REGULAR_CONFIG_EXCLUDES | RDNF5_IGNORE_REGULAR_USER_EXCLUDES,
    RDNF5_USE_DISABLED_REPOSITORIES = 1 << 3,
    RDNF5_IGNORE_VERSIONLOCK = 1 << 4
};

/// Sets the matching packages of the given repositories' configuration aside (`-x`, `excludepkgs`); after the repositories
/// are loaded it is done by load_repos itself, so this is for options changed later.
Rdnf5Error * rdnf5_package_sack_load_config_excludes_includes(Rdnf5Base * base) RDNF5_NOEXCEPT;
/// Adds packages to those that no query and no goal sees.
Rdnf5Error * rdnf5_package_sack_add_user_excludes(Rdnf5Base * base, const Rdnf5PackageQuery * excludes) RDNF5_NOEXCEPT;

/// All packages of all loaded repositories (none with `empty`).
Rdnf5Error * rdnf5_package_query_new(
    Rdnf5Base * base, uint32_t exclude_flags, uint8_t empty, Rdnf5PackageQuery ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_copy(const Rdnf5PackageQuery * query, Rdnf5PackageQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_package_query_free(Rdnf5PackageQuery * query) RDNF5_NOEXCEPT;

enum Rdnf5PackageFilter {
    RDNF5_FILTER_NAME = 0,
    RDNF5_FILTER_EPOCH = 1,
    RDNF5_FILTER_VERSION = 2,
    RDNF5_FILTER_RELEASE = 3,
    RDNF5_FILTER_ARCH = 4,
    RDNF5_FILTER_VENDOR = 5,  ///< since 5.3
    RDNF5_FILTER_EVR = 6,
    RDNF5_FILTER_NEVRA = 7,
    RDNF5_FILTER_SOURCERPM = 8,
    RDNF5_FILTER_URL = 9,
    RDNF5_FILTER_SUMMARY = 10,
    RDNF5_FILTER_DESCRIPTION = 11,
    RDNF5_FILTER_PROVIDES = 12,
    RDNF5_FILTER_REQUIRES = 13,
    RDNF5_FILTER_CONFLICTS = 14,
    RDNF5_FILTER_OBSOLETES = 15,
    RDNF5_FILTER_RECOMMENDS = 16,
    RDNF5_FILTER_SUGGESTS = 17,
    RDNF5_FILTER_ENHANCES = 18,
    RDNF5_FILTER_SUPPLEMENTS = 19,
    RDNF5_FILTER_FILE = 20,
    RDNF5_FILTER_LOCATION = 21,
    RDNF5_FILTER_REPO_ID = 22,
    RDNF5_FILTER_FROM_REPO_ID = 23  ///< since 5.2.14
};
/// Keeps packages that match any of the patterns.
Rdnf5Error * rdnf5_package_query_filter_strings(
    Rdnf5PackageQuery * query, uint32_t filter, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) RDNF5_NOEXCEPT;

enum Rdnf5PackageSetFilter {
    RDNF5_SET_FILTER_NAME = 0,
    RDNF5_SET_FILTER_NAME_ARCH = 1,
    RDNF5_SET_FILTER_NEVRA = 2,
    RDNF5_SET_FILTER_REQUIRES = 3,  ///< requires anything that a package of the set provides
    RDNF5_SET_FILTER_CONFLICTS = 4,
    RDNF5_SET_FILTER_OBSOLETES = 5,
    RDNF5_SET_FILTER_RECOMMENDS = 6,
    RDNF5_SET_FILTER_SUGGESTS = 7,
    RDNF5_SET_FILTER_ENHANCES = 8,
    RDNF5_SET_FILTER_SUPPLEMENTS = 9
};
Rdnf5Error * rdnf5_package_query_filter_set(
    Rdnf5PackageQuery * query, uint32_t filter, const Rdnf5PackageQuery * set, uint32_t cmp) RDNF5_NOEXCEPT;

/// Keeps packages that provide what the packages of a set have in an attribute (`requires`, `recommends` ...).
Rdnf5Error * rdnf5_package_query_filter_provides_of(
    Rdnf5PackageQuery * query, const Rdnf5PackageQuery * set, Rdnf5Bytes attribute, uint32_t cmp) RDNF5_NOEXCEPT;
/// Keeps installed packages that no other one requires, and calls `each` for every group of packages that only require each other.
/// The list is borrowed until `each` returns.
Rdnf5Error * rdnf5_package_query_filter_leaves_groups(
    Rdnf5PackageQuery * query,
    void * user,
    void (*each)(void * user, const Rdnf5PackageList * group)) RDNF5_NOEXCEPT;
/// Keeps packages of advisories. `cmp` compares versions: EQ, or GTE for newer ones too.
Rdnf5Error * rdnf5_package_query_filter_advisories(
    Rdnf5PackageQuery * query, const Rdnf5AdvisoryQuery * advisories, uint32_t cmp) RDNF5_NOEXCEPT;

enum Rdnf5PackageStateFilter {
    RDNF5_STATE_INSTALLED = 0,
    RDNF5_STATE_AVAILABLE = 1,
    RDNF5_STATE_UPGRADES = 2,
    RDNF5_STATE_DOWNGRADES = 3,
    RDNF5_STATE_UPGRADABLE = 4,
    RDNF5_STATE_DOWNGRADABLE = 5,
    RDNF5_STATE_PRIORITY = 6,
    RDNF5_STATE_EXTRAS = 7,
    RDNF5_STATE_EXTRAS_EXACT_EVR = 8,
    RDNF5_STATE_USERINSTALLED = 9,
    RDNF5_STATE_UNNEEDED = 10,
    RDNF5_STATE_UNNEEDED_NOT_PROTECTED = 11,
    RDNF5_STATE_DUPLICATES = 12,
    RDNF5_STATE_LEAVES = 13,
    RDNF5_STATE_REBOOT_SUGGESTED = 14,
    RDNF5_STATE_INSTALLONLY = 15,
    RDNF5_STATE_VERSIONLOCK = 16
};
Rdnf5Error * rdnf5_package_query_filter_state(Rdnf5PackageQuery * query, uint32_t filter) RDNF5_NOEXCEPT;

enum Rdnf5PackageLimitFilter {
    RDNF5_LIMIT_LATEST_EVR = 0,
    RDNF5_LIMIT_LATEST_EVR_ANY_ARCH = 1,
    RDNF5_LIMIT_EARLIEST_EVR = 2,
    RDNF5_LIMIT_EARLIEST_EVR_ANY_ARCH = 3
};
/// Keeps `limit` versions of each package; a negative limit keeps all but that many.
Rdnf5Error * rdnf5_package_query_filter_limit(
    Rdnf5PackageQuery * query, uint32_t filter, int32_t limit) RDNF5_NOEXCEPT;
/// Packages of repositories not older than `timestamp` (seconds since the epoch).
Rdnf5Error * rdnf5_package_query_filter_recent(Rdnf5PackageQuery * query, int64_t timestamp) RDNF5_NOEXCEPT;

enum Rdnf5SetOperation { RDNF5_SET_UNION = 0, RDNF5_SET_INTERSECTION = 1, RDNF5_SET_DIFFERENCE = 2 };
Rdnf5Error * rdnf5_package_query_combine(
    Rdnf5PackageQuery * query, uint32_t operation, const Rdnf5PackageQuery * other) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_add(Rdnf5PackageQuery * query, const Rdnf5Package * package) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_remove(Rdnf5PackageQuery * query, const Rdnf5Package * package) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_contains(
    const Rdnf5PackageQuery * query, const Rdnf5Package * package, uint8_t * out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_size(const Rdnf5PackageQuery * query, size_t * out) RDNF5_NOEXCEPT;
/// In the pool's order; `sorted` by name, version and architecture as dnf5 prints them.
Rdnf5Error * rdnf5_package_query_list_copy(
    const Rdnf5PackageQuery * query, uint8_t sorted, Rdnf5PackageList ** out) RDNF5_NOEXCEPT;
/// Keeps what a specification on dnf5's command line means (NEVRA in all its forms, provides, file, binary; globs).
/// @param matched   whether anything matched
/// @param with_src  match source packages too
/// @param settings  may be NULL
Rdnf5Error * rdnf5_package_query_resolve_pkg_spec(
    Rdnf5PackageQuery * query,
    Rdnf5Bytes spec,
    const Rdnf5GoalJobSettings * settings,
    uint8_t with_src,
    uint8_t * matched) RDNF5_NOEXCEPT;
/// Whether the packages of the query satisfy a dependency. Since 5.3.0.1.
Rdnf5Error * rdnf5_package_query_is_dep_satisfied(
    Rdnf5PackageQuery * query, Rdnf5Bytes reldep, uint8_t * out) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
