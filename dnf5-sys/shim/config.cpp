#include "handle.hpp"

#include <libdnf5/conf/config_main.hpp>
#include <libdnf5/conf/vars.hpp>

namespace redpak {

std::vector<std::string> option_names(const libdnf5::OptionBinds & options) {
    std::vector<std::string> names;
    for (const auto & [name, item] : options) {
        names.push_back(name);
    }
    return names;
}

void give_option(const libdnf5::OptionBinds & options, Rdnf5Bytes name, Rdnf5String ** out, uint32_t * priority) {
    const auto & item = options.at(to_string(name));
    give(out, item.get_value_string());
    if (priority) {
        *priority = to_number(item.get_priority());
    }
}

}  // namespace redpak

using namespace redpak;

Rdnf5Error * rdnf5_config_options_copy(Rdnf5Base * base, Rdnf5StringList ** out) noexcept {
    return guard([&] { give(out, option_names(deref(base).get_config().opt_binds())); });
}

Rdnf5Error * rdnf5_config_set(
    Rdnf5Base * base, Rdnf5Bytes option, Rdnf5Bytes value, uint32_t priority) noexcept {
    return guard([&] {
        auto & item = deref(base).get_config().opt_binds().at(to_string(option));
        item.new_string(to_option_priority(priority), to_string(value));
    });
}

Rdnf5Error * rdnf5_config_get_copy(
    Rdnf5Base * base, Rdnf5Bytes option, Rdnf5String ** out, uint32_t * priority) noexcept {
    return guard([&] { give_option(deref(base).get_config().opt_binds(), option, out, priority); });
}

namespace {

libdnf5::Vars::Priority to_vars_priority(uint32_t priority) {
    switch (priority) {
        case RDNF5_VARS_DEFAULT:
        case RDNF5_VARS_AUTO:
        case RDNF5_VARS_VARSDIR:
        case RDNF5_VARS_PLUGIN:
        case RDNF5_VARS_ENVIRONMENT:
        case RDNF5_VARS_COMMANDLINE:
        case RDNF5_VARS_RUNTIME:
            return static_cast<libdnf5::Vars::Priority>(priority);
        default:
            throw_unknown_enumerator("variable priority", priority);
    }
}

}  // namespace

Rdnf5Error * rdnf5_vars_names_copy(Rdnf5Base * base, Rdnf5StringList ** out) noexcept {
    return guard([&] {
        std::vector<std::string> names;
        for (const auto & [name, variable] : deref(base).get_vars()->get_variables()) {
            names.push_back(name);
        }
        give(out, std::move(names));
    });
}

Rdnf5Error * rdnf5_vars_set(Rdnf5Base * base, Rdnf5Bytes name, Rdnf5Bytes value, uint32_t priority) noexcept {
    return guard([&] { deref(base).get_vars()->set(to_string(name), to_string(value), to_vars_priority(priority)); });
}

Rdnf5Error * rdnf5_vars_get_copy(Rdnf5Base * base, Rdnf5Bytes name, Rdnf5String ** out) noexcept {
    return guard([&] {
        const auto vars = deref(base).get_vars();
        const auto key = to_string(name);
        deref_out(out) = nullptr;
        if (vars->contains(key)) {
            give(out, vars->get_value(key));
        }
    });
}

Rdnf5Error * rdnf5_vars_detect_release_copy(
    Rdnf5Base * base, Rdnf5Bytes installroot, Rdnf5String ** out) noexcept {
    return guard([&] {
        const auto release = libdnf5::Vars::detect_release(deref(base).get_weak_ptr(), to_string(installroot));
        deref_out(out) = nullptr;
        if (release) {
            give(out, *release);
        }
    });
}

Rdnf5Error * rdnf5_vars_substitute_copy(Rdnf5Base * base, Rdnf5Bytes text, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, deref(base).get_vars()->substitute(to_string(text))); });
}
