#include "compat.hpp"
#include "handle.hpp"

#include <libdnf5/conf/config_main.hpp>
#include <libdnf5/transaction/offline.hpp>

#include <filesystem>

using namespace redpak;
using libdnf5::offline::OfflineTransactionState;
using libdnf5::offline::OfflineTransactionStateData;

namespace {

std::filesystem::path state_path(libdnf5::Base & base) {
    const std::filesystem::path root = base.get_config().get_installroot_option().get_value();
    return root / libdnf5::offline::DEFAULT_DATADIR.relative_path() / libdnf5::offline::TRANSACTION_STATE_FILENAME;
}

std::string read_error(const OfflineTransactionState & state) {
    const auto exception = state.get_read_exception();
    std::error_code ignored;
    if (!exception || !std::filesystem::exists(state.get_path(), ignored)) {
        return {};
    }
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception & error) {
        return error.what();
    }
}

std::string get(const OfflineTransactionStateData & data, uint32_t field) {
    switch (field) {
        case RDNF5_OFFLINE_STATUS:
            return data.get_status();
        case RDNF5_OFFLINE_VERB:
            return data.get_verb();
        case RDNF5_OFFLINE_CMD_LINE:
            return data.get_cmd_line();
        case RDNF5_OFFLINE_CACHEDIR:
            return data.get_cachedir();
        case RDNF5_OFFLINE_SYSTEM_RELEASEVER:
            return data.get_system_releasever();
        case RDNF5_OFFLINE_TARGET_RELEASEVER:
            return data.get_target_releasever();
        case RDNF5_OFFLINE_MODULE_PLATFORM_ID:
            return data.get_module_platform_id();
        default:
            throw_unknown_enumerator("field of an offline transaction", field);
    }
}

void set(OfflineTransactionStateData & data, uint32_t field, const std::string & text) {
    switch (field) {
        case RDNF5_OFFLINE_STATUS:
            return data.set_status(text);
        case RDNF5_OFFLINE_VERB:
            return data.set_verb(text);
        case RDNF5_OFFLINE_CMD_LINE:
            return data.set_cmd_line(text);
        case RDNF5_OFFLINE_CACHEDIR:
            return data.set_cachedir(text);
        case RDNF5_OFFLINE_SYSTEM_RELEASEVER:
            return data.set_system_releasever(text);
        case RDNF5_OFFLINE_TARGET_RELEASEVER:
            return data.set_target_releasever(text);
        case RDNF5_OFFLINE_MODULE_PLATFORM_ID:
            return data.set_module_platform_id(text);
        default:
            throw_unknown_enumerator("field of an offline transaction", field);
    }
}

}  // namespace

Rdnf5Error * rdnf5_offline_new(Rdnf5Base * base, Rdnf5Offline ** out) noexcept {
    return guard([&] { give(out, state_path(deref(base))); });
}

void rdnf5_offline_free(Rdnf5Offline * offline) noexcept {
    drop(offline);
}

Rdnf5Error * rdnf5_offline_read_error_copy(const Rdnf5Offline * offline, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, read_error(deref(offline))); });
}

Rdnf5Error * rdnf5_offline_is_pending(const Rdnf5Offline * offline, uint8_t * out) noexcept {
    return guard([&] {
        const auto & state = deref(offline);
        const auto & status = const_cast<OfflineTransactionState &>(state).get_data().get_status();
        deref_out(out) = !state.get_read_exception() && status != libdnf5::offline::STATUS_DOWNLOAD_INCOMPLETE;
    });
}

Rdnf5Error * rdnf5_offline_get_copy(Rdnf5Offline * offline, uint32_t field, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, get(deref(offline).get_data(), field)); });
}

Rdnf5Error * rdnf5_offline_set(Rdnf5Offline * offline, uint32_t field, Rdnf5Bytes text) noexcept {
    return guard([&] { set(deref(offline).get_data(), field, to_string(text)); });
}

Rdnf5Error * rdnf5_offline_capture_rpmdb_cookie(Rdnf5Offline * offline, Rdnf5Base * base) noexcept {
    return guard([&] { compat::capture_rpmdb_cookie(deref(offline), deref(base)); });
}

Rdnf5Error * rdnf5_offline_check_rpmdb_cookie(
    const Rdnf5Offline * offline, Rdnf5Base * base, uint8_t * out) noexcept {
    return guard([&] { deref_out(out) = compat::check_rpmdb_cookie(deref(offline), deref(base)); });
}

Rdnf5Error * rdnf5_offline_write(Rdnf5Offline * offline) noexcept {
    return guard([&] {
        auto & state = deref(offline);
        std::filesystem::create_directories(state.get_path().parent_path());
        state.write();
    });
}
