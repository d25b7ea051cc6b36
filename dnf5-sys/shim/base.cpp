#include "callbacks.hpp"
#include "compat.hpp"
#include "handle.hpp"

#include <libdnf5/logger/factory.hpp>
#include <libdnf5/logger/log_router.hpp>
#include <libdnf5/plugin/plugin_info.hpp>

using namespace redpak;

Rdnf5Error * rdnf5_base_new(Rdnf5Base ** out) noexcept {
    return guard([&] {
        check_version(libdnf5::get_library_version());
        give(out);
    });
}

void rdnf5_base_free(Rdnf5Base * base) noexcept {
    drop(base);
}

Rdnf5Error * rdnf5_base_load_config(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).load_config(); });
}

Rdnf5Error * rdnf5_base_setup(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).setup(); });
}

Rdnf5Error * rdnf5_base_is_initialized(Rdnf5Base * base, uint8_t * out) noexcept {
    return guard([&] { deref_out(out) = deref(base).is_initialized(); });
}

Rdnf5Error * rdnf5_base_notify_repos_configured(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).notify_repos_configured(); });
}

Rdnf5Error * rdnf5_base_enable_disable_plugins(
    Rdnf5Base * base, const Rdnf5Bytes * names, size_t count, uint8_t enable) noexcept {
    return guard([&] { deref(base).enable_disable_plugins(to_strings(names, count), enable); });
}

Rdnf5Error * rdnf5_base_loaded_plugins_copy(Rdnf5Base * base, Rdnf5StringList ** out) noexcept {
    return guard([&] {
        std::vector<std::string> names;
        for (const auto & info : deref(base).get_plugins_info()) {
            if (info.is_loaded()) {
                names.emplace_back(info.get_name());
            }
        }
        give(out, std::move(names));
    });
}

Rdnf5Error * rdnf5_base_add_logger(Rdnf5Base * base, Rdnf5Logger logger) noexcept {
    return guard([&] {
        auto adapter = std::make_unique<CallbackLogger>(logger);
        deref(base).get_logger()->add_logger(std::move(adapter));
    });
}

Rdnf5Error * rdnf5_base_add_rotating_file_logger(Rdnf5Base * base, Rdnf5Bytes name) noexcept {
    return guard([&] {
        auto & object = deref(base);
        object.get_logger()->add_logger(libdnf5::create_rotating_file_logger(object, to_string(name)));
    });
}

Rdnf5Error * rdnf5_base_log(Rdnf5Base * base, uint32_t level, Rdnf5Bytes message) noexcept {
    return guard([&] {
        using Level = libdnf5::Logger::Level;
        const auto checked = to_enum(level, Level::CRITICAL, Level::TRACE, "log level");
        deref(base).get_logger()->log_line(checked, to_string(message));
    });
}

Rdnf5Error * rdnf5_base_lock_system_repo(Rdnf5Base * base, uint8_t write, uint8_t block, uint8_t * out) noexcept {
    return guard([&] { deref_out(out) = compat::lock_system_repo(deref(base), write, block); });
}

Rdnf5Error * rdnf5_base_unlock_system_repo(Rdnf5Base * base) noexcept {
    return guard([&] { compat::unlock_system_repo(deref(base)); });
}
