/* Modules (module.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Fails with RDNF5_ERROR_ASSERTION where libdnf5 was built without modules.
Rdnf5Error * rdnf5_module_query_new(Rdnf5Base * base, uint8_t empty, Rdnf5ModuleQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_module_query_free(Rdnf5ModuleQuery * query) RDNF5_NOEXCEPT;
/// Keeps the modules that a specification (`name:stream`) means. @param matched  whether there are any
Rdnf5Error * rdnf5_module_query_resolve_module_spec(
    Rdnf5ModuleQuery * query, Rdnf5Bytes spec, uint8_t * matched) RDNF5_NOEXCEPT;
enum Rdnf5ModuleFilter {
    RDNF5_MODULE_FILTER_ENABLED = 0,
    RDNF5_MODULE_FILTER_DISABLED = 1,
    RDNF5_MODULE_FILTER_LATEST = 2
};
Rdnf5Error * rdnf5_module_query_filter(Rdnf5ModuleQuery * query, uint32_t filter) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_module_query_update(Rdnf5ModuleQuery * query, const Rdnf5ModuleQuery * other) RDNF5_NOEXCEPT;
/// `name:stream:version:context:arch` of the modules.
Rdnf5Error * rdnf5_module_query_names_copy(const Rdnf5ModuleQuery * query, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

/// Each module: name, stream, version, context, arch, repository, status (`available`, `enabled` or `disabled`), summary,
/// description, number of profiles; and each profile: name, `1` if it is a default or else `0`, description, number of
/// packages, packages.
Rdnf5Error * rdnf5_module_query_modules_copy(const Rdnf5ModuleQuery * query, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
