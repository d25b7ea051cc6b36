#include "handle.hpp"

#include <libdnf5/module/module_item.hpp>
#include <libdnf5/module/module_query.hpp>
#include <libdnf5/module/nsvcap.hpp>

using namespace redpak;

Rdnf5Error * rdnf5_module_query_new(Rdnf5Base * base, uint8_t empty, Rdnf5ModuleQuery ** out) noexcept {
    return guard([&] { give(out, deref(base), empty != 0); });
}

void rdnf5_module_query_free(Rdnf5ModuleQuery * query) noexcept {
    drop(query);
}

Rdnf5Error * rdnf5_module_query_resolve_module_spec(
    Rdnf5ModuleQuery * query, Rdnf5Bytes spec, uint8_t * matched) noexcept {
    return guard([&] { deref_out(matched) = deref(query).resolve_module_spec(to_string(spec)).first; });
}

Rdnf5Error * rdnf5_module_query_filter(Rdnf5ModuleQuery * query, uint32_t filter) noexcept {
    return guard([&] {
        auto & object = deref(query);
        switch (filter) {
            case RDNF5_MODULE_FILTER_ENABLED:
                return object.filter_enabled();
            case RDNF5_MODULE_FILTER_DISABLED:
                return object.filter_disabled();
            case RDNF5_MODULE_FILTER_LATEST:
                return object.filter_latest();
            default:
                throw_unknown_enumerator("filter of modules", filter);
        }
    });
}

Rdnf5Error * rdnf5_module_query_update(Rdnf5ModuleQuery * query, const Rdnf5ModuleQuery * other) noexcept {
    return guard([&] { deref(query) |= deref(other); });
}

Rdnf5Error * rdnf5_module_query_names_copy(const Rdnf5ModuleQuery * query, Rdnf5StringList ** out) noexcept {
    return guard([&] {
        std::vector<std::string> names;
        for (const auto & module : deref(query)) {
            names.push_back(module.get_full_identifier());
        }
        give(out, std::move(names));
    });
}
