#include "handle.hpp"

#include <libdnf5/rpm/package_sack.hpp>
#include <libdnf5/rpm/versionlock_config.hpp>

using namespace redpak;

namespace {

void append(std::vector<std::string> & list, const libdnf5::rpm::VersionlockPackage & entry) {
    list.push_back(entry.get_name());
    list.push_back(entry.get_comment());
    list.push_back(entry.to_string(true, true));
    list.push_back(entry.to_string(false, true));
    const auto & conditions = entry.get_conditions();
    list.push_back(std::to_string(conditions.size()));
    for (const auto & condition : conditions) {
        list.push_back(condition.get_key_str());
        list.push_back(condition.get_comparator_str());
        list.push_back(condition.get_value());
    }
}

}  // namespace

Rdnf5Error * rdnf5_versionlock_copy(Rdnf5Base * base, Rdnf5StringList ** out) noexcept {
    return guard([&] {
        auto config = deref(base).get_rpm_package_sack()->get_versionlock_config();
        std::vector<std::string> list;
        for (const auto & entry : config.get_packages()) {
            append(list, entry);
        }
        give(out, std::move(list));
    });
}
