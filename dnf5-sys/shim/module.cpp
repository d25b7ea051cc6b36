#include "handle.hpp"

#include <libdnf5/module/module_item.hpp>
#include <libdnf5/module/module_query.hpp>
#include <libdnf5/module/module_profile.hpp>
#include <libdnf5/module/module_status.hpp>
#include <libdnf5/module/nsvcap.hpp>

#include <algorithm>

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

namespace {

const char * to_name(libdnf5::module::ModuleStatus status) {
    switch (status) {
        case libdnf5::module::ModuleStatus::ENABLED:
            return "enabled";
        case libdnf5::module::ModuleStatus::DISABLED:
            return "disabled";
        default:
            return "available";
    }
}

void add_profiles(const libdnf5::module::ModuleItem & module, std::vector<std::string> & fields) {
    const auto defaults = module.get_default_profiles();
    const auto profiles = module.get_profiles();
    fields.push_back(std::to_string(profiles.size()));
    for (const auto & profile : profiles) {
        const auto name = profile.get_name();
        const auto rpms = profile.get_rpms();
        const bool is_default = std::ranges::find(defaults, name) != defaults.end();
        fields.insert(fields.end(), {name, is_default ? "1" : "0", profile.get_description()});
        fields.push_back(std::to_string(rpms.size()));
        fields.insert(fields.end(), rpms.begin(), rpms.end());
    }
}

}  // namespace

Rdnf5Error * rdnf5_module_query_modules_copy(const Rdnf5ModuleQuery * query, Rdnf5StringList ** out) noexcept {
    return guard([&] {
        std::vector<std::string> fields;
        for (const auto & module : deref(query)) {
            fields.insert(
                fields.end(),
                {module.get_name(),
                 module.get_stream(),
                 module.get_version_str(),
                 module.get_context(),
                 module.get_arch(),
                 module.get_repo_id(),
                 to_name(module.get_status()),
                 module.get_summary(),
                 module.get_description()});
            add_profiles(module, fields);
        }
        give(out, std::move(fields));
    });
}
