/* Groups and environments (comps.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

Rdnf5Error * rdnf5_group_query_new(Rdnf5Base * base, uint8_t empty, Rdnf5GroupQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_group_query_free(Rdnf5GroupQuery * query) RDNF5_NOEXCEPT;
enum Rdnf5GroupFilter {
    RDNF5_GROUP_FILTER_ID = 0,
    RDNF5_GROUP_FILTER_NAME = 1,
    RDNF5_GROUP_FILTER_PACKAGE_NAME = 2
};
Rdnf5Error * rdnf5_group_query_filter_strings(
    Rdnf5GroupQuery * query, uint32_t filter, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) RDNF5_NOEXCEPT;
enum Rdnf5GroupFlagFilter {
    RDNF5_GROUP_FILTER_USERVISIBLE = 0,
    RDNF5_GROUP_FILTER_DEFAULT = 1,
    RDNF5_GROUP_FILTER_INSTALLED = 2
};
Rdnf5Error * rdnf5_group_query_filter_flag(Rdnf5GroupQuery * query, uint32_t filter, uint8_t value) RDNF5_NOEXCEPT;
/// Adds the groups of another query.
Rdnf5Error * rdnf5_group_query_update(Rdnf5GroupQuery * query, const Rdnf5GroupQuery * other) RDNF5_NOEXCEPT;
typedef struct Rdnf5Group {
    Rdnf5Bytes id;
    Rdnf5Bytes name;
    Rdnf5Bytes description;
    uint32_t reason;  ///< one of Rdnf5Reason
    uint8_t is_installed;
    uint8_t is_uservisible;
    /// An environment's groups, or a group's packages.
    const Rdnf5StringList * members;
    /// A group's package's types (Rdnf5CompsPackageType), one for each member; NULL for environments.
    const uint32_t * member_types;
} Rdnf5Group;
/// Calls `each` for every group in the order in which dnf5 lists them; what it gets is borrowed until it returns.
Rdnf5Error * rdnf5_group_query_each(
    const Rdnf5GroupQuery * query, void * user, void (*each)(void * user, const Rdnf5Group * group)) RDNF5_NOEXCEPT;

Rdnf5Error * rdnf5_environment_query_new(
    Rdnf5Base * base, uint8_t empty, Rdnf5EnvironmentQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_environment_query_free(Rdnf5EnvironmentQuery * query) RDNF5_NOEXCEPT;
/// ID or NAME of Rdnf5GroupFilter.
Rdnf5Error * rdnf5_environment_query_filter_strings(
    Rdnf5EnvironmentQuery * query,
    uint32_t filter,
    const Rdnf5Bytes * patterns,
    size_t count,
    uint32_t cmp) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_environment_query_filter_installed(Rdnf5EnvironmentQuery * query, uint8_t value) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_environment_query_update(
    Rdnf5EnvironmentQuery * query, const Rdnf5EnvironmentQuery * other) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_environment_query_each(
    const Rdnf5EnvironmentQuery * query,
    void * user,
    void (*each)(void * user, const Rdnf5Group * environment)) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
