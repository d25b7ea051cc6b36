#include "callbacks.hpp"

#include <libdnf5/common/message.hpp>
#include <libdnf5/repo/repo_query.hpp>
#include <rpm/rpmmacro.h>

#include <array>
#include <climits>

namespace redpak {

namespace {

using libdnf5::repo::DownloadCallbacks;
using libdnf5::rpm::TransactionCallbacks;

static_assert(DownloadCallbacks::OK == static_cast<int>(RDNF5_CALLBACK_OK));
static_assert(DownloadCallbacks::ABORT == static_cast<int>(RDNF5_CALLBACK_ABORT));
static_assert(DownloadCallbacks::ERROR == static_cast<int>(RDNF5_CALLBACK_ERROR));
static_assert(to_number(DownloadCallbacks::TransferStatus::ERROR) == RDNF5_TRANSFER_ERROR);
static_assert(to_number(TransactionCallbacks::ScriptType::PRE_INSTALL) == RDNF5_SCRIPT_PRE_INSTALL);
static_assert(to_number(TransactionCallbacks::ScriptType::POSTUN_TRANSACTION) == RDNF5_SCRIPT_POSTUN_TRANSACTION);
static_assert(to_number(libdnf5::Logger::Level::TRACE) == RDNF5_LOG_TRACE);

/// Longer than a name may be, so that rpm cannot create it and nobody else can have.
constexpr auto IMPOSSIBLE_PATH = [] {
    std::array<char, 2 * NAME_MAX> path{};
    path.fill('-');
    path.front() = '/';
    path.back() = '\0';
    return path;
}();

/// libdnf5 hands our download numbers back as the `void *` that add_new_download() returned.
uint64_t to_download(void * user_cb_data) noexcept {
    return reinterpret_cast<uintptr_t>(user_cb_data);
}

}  // namespace

CallbackLogger::CallbackLogger(const Rdnf5Logger & callbacks) : callbacks(callbacks) {}

CallbackLogger::~CallbackLogger() {
    if (callbacks.release) {
        callbacks.release(callbacks.user);
    }
}

void CallbackLogger::write(
    const std::chrono::time_point<std::chrono::system_clock> &,
    pid_t,
    Level level,
    const std::string & message) noexcept {
    if (callbacks.write) {
        callbacks.write(callbacks.user, to_number(level), view(message));
    }
}

int CallbackDownloads::send(const Rdnf5DownloadEvent & event) noexcept {
    return callbacks.event ? callbacks.event(callbacks.user, &event) : OK;
}

void * CallbackDownloads::add_new_download(void *, const char * description, double total_to_download) noexcept {
    Rdnf5DownloadEvent event{};
    event.kind = RDNF5_DOWNLOAD_ADD_NEW_DOWNLOAD;
    event.download = ++downloads;
    event.description = view(description);
    event.total = total_to_download;
    send(event);
    return reinterpret_cast<void *>(static_cast<uintptr_t>(event.download));
}

int CallbackDownloads::progress(void * user_cb_data, double total_to_download, double downloaded) noexcept {
    Rdnf5DownloadEvent event{};
    event.kind = RDNF5_DOWNLOAD_PROGRESS;
    event.download = to_download(user_cb_data);
    event.total = total_to_download;
    event.downloaded = downloaded;
    return send(event);
}

int CallbackDownloads::end(void * user_cb_data, TransferStatus status, const char * msg) noexcept {
    Rdnf5DownloadEvent event{};
    event.kind = RDNF5_DOWNLOAD_END;
    event.download = to_download(user_cb_data);
    event.status = to_number(status);
    event.message = view(msg);
    return send(event);
}

int CallbackDownloads::mirror_failure(
    void * user_cb_data, const char * msg, const char * url, const char * metadata) noexcept {
    Rdnf5DownloadEvent event{};
    event.kind = RDNF5_DOWNLOAD_MIRROR_FAILURE;
    event.download = to_download(user_cb_data);
    event.message = view(msg);
    event.url = view(url);
    event.metadata = view(metadata);
    return send(event);
}

void CallbackDownloads::fastest_mirror(void * user_cb_data, FastestMirrorStage stage, const char * ptr) noexcept {
    Rdnf5DownloadEvent event{};
    event.kind = RDNF5_DOWNLOAD_FASTEST_MIRROR;
    event.download = to_download(user_cb_data);
    event.stage = to_number(stage);
    if (ptr && stage == FastestMirrorStage::DETECTION) {
        // At this stage the pointer is one to the number of mirrors, see download_callbacks.hpp.
        event.total = static_cast<double>(*reinterpret_cast<const long *>(ptr));
    } else {
        event.message = view(ptr);
    }
    send(event);
}

bool CallbackRepoKeys::send(
    uint32_t kind, const libdnf5::rpm::KeyInfo & key_info, const std::string & message) noexcept {
    return guard_callback(false, [&] {
        if (!callbacks.event) {
            return false;
        }
        const auto key_id = key_info.get_key_id();
        Rdnf5RepoKeyEvent event{};
        event.kind = kind;
        event.repo_id = view(repo_id);
        event.key_id = view(key_id);
        event.fingerprint = view(key_info.get_fingerprint());
        event.url = view(key_info.get_url());
        event.path = view(key_info.get_path());
        event.message = view(message);
        event.timestamp = key_info.get_timestamp();
        event.user_ids = borrow<Rdnf5StringList>(key_info.get_user_ids());
        return callbacks.event(callbacks.user, &event) == 1;
    });
}

bool CallbackRepoKeys::repokey_import(const libdnf5::rpm::KeyInfo & key_info) noexcept {
    return send(RDNF5_REPO_KEY_IMPORT, key_info, {});
}

void CallbackRepoKeys::repokey_imported(const libdnf5::rpm::KeyInfo & key_info) noexcept {
    send(RDNF5_REPO_KEY_IMPORTED, key_info, {});
}

bool CallbackRepoKeys::repokey_remove(
    const libdnf5::rpm::KeyInfo & key_info, const libdnf5::Message & removal_info) noexcept {
    return guard_callback(false, [&] { return send(RDNF5_REPO_KEY_REMOVE, key_info, removal_info.format(true)); });
}

void CallbackRepoKeys::repokey_removed(const libdnf5::rpm::KeyInfo & key_info) noexcept {
    send(RDNF5_REPO_KEY_REMOVED, key_info, {});
}

int CallbackTransaction::send(uint32_t kind, const Item * item, uint64_t amount, uint64_t total) noexcept {
    Rdnf5TransactionEvent event{};
    event.kind = kind;
    event.item = item ? borrow<Rdnf5TransactionPackage>(*item) : nullptr;
    event.amount = amount;
    event.total = total;
    return callbacks.event ? callbacks.event(callbacks.user, &event) : static_cast<int>(RDNF5_CALLBACK_OK);
}

void CallbackTransaction::send_script(
    uint32_t kind, const Item * item, const Nevra & nevra, ScriptType type, uint64_t return_code) noexcept {
    guard_callback(false, [&] {
        const auto owner = libdnf5::rpm::to_full_nevra_string(nevra);
        Rdnf5TransactionEvent event{};
        event.kind = kind;
        event.item = item ? borrow<Rdnf5TransactionPackage>(*item) : nullptr;
        event.nevra = view(owner);
        event.script_type = to_number(type);
        event.return_code = return_code;
        std::string output;
        std::vector<std::string> messages;
        if (kind != RDNF5_TRANSACTION_SCRIPT_START) {
            output = transaction.get_last_script_output();
            messages = transaction.get_rpm_messages();
            event.script_output = view(output);
            event.rpm_messages = borrow<Rdnf5StringList>(messages);
        }
        return callbacks.event && callbacks.event(callbacks.user, &event) == RDNF5_CALLBACK_OK;
    });
}

void RunStopper::stop() noexcept {
    rpmPushMacroFlags(nullptr, "_dbpath", nullptr, IMPOSSIBLE_PATH.data(), RMIL_GLOBAL, RPMMACRO_LITERAL);
    stopped = true;
}

RunStopper::~RunStopper() {
    if (stopped) {
        rpmPopMacro(nullptr, "_dbpath");
    }
}

void CallbackTransaction::before_begin(uint64_t total) noexcept {
    if (send(RDNF5_TRANSACTION_BEFORE_BEGIN, nullptr, 0, total) != RDNF5_CALLBACK_OK) {
        stopper.stop();
    }
}

void CallbackTransaction::after_complete(bool success) noexcept {
    send(RDNF5_TRANSACTION_AFTER_COMPLETE, nullptr, success, 0);
}

void CallbackTransaction::install_progress(const Item & item, uint64_t amount, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_INSTALL_PROGRESS, &item, amount, total);
}

void CallbackTransaction::install_start(const Item & item, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_INSTALL_START, &item, 0, total);
}

void CallbackTransaction::install_stop(const Item & item, uint64_t amount, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_INSTALL_STOP, &item, amount, total);
}

void CallbackTransaction::transaction_progress(uint64_t amount, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_PREPARE_PROGRESS, nullptr, amount, total);
}

void CallbackTransaction::transaction_start(uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_PREPARE_START, nullptr, 0, total);
}

void CallbackTransaction::transaction_stop(uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_PREPARE_STOP, nullptr, total, total);
}

void CallbackTransaction::uninstall_progress(const Item & item, uint64_t amount, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_UNINSTALL_PROGRESS, &item, amount, total);
}

void CallbackTransaction::uninstall_start(const Item & item, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_UNINSTALL_START, &item, 0, total);
}

void CallbackTransaction::uninstall_stop(const Item & item, uint64_t amount, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_UNINSTALL_STOP, &item, amount, total);
}

void CallbackTransaction::unpack_error(const Item & item) noexcept {
    send(RDNF5_TRANSACTION_UNPACK_ERROR, &item, 0, 0);
}

void CallbackTransaction::cpio_error(const Item & item) noexcept {
    send(RDNF5_TRANSACTION_CPIO_ERROR, &item, 0, 0);
}

void CallbackTransaction::script_error(
    const Item * item, Nevra nevra, ScriptType type, uint64_t return_code) noexcept {
    send_script(RDNF5_TRANSACTION_SCRIPT_ERROR, item, nevra, type, return_code);
}

void CallbackTransaction::script_start(const Item * item, Nevra nevra, ScriptType type) noexcept {
    send_script(RDNF5_TRANSACTION_SCRIPT_START, item, nevra, type, 0);
}

void CallbackTransaction::script_stop(
    const Item * item, Nevra nevra, ScriptType type, uint64_t return_code) noexcept {
    send_script(RDNF5_TRANSACTION_SCRIPT_STOP, item, nevra, type, return_code);
}

void CallbackTransaction::elem_progress(const Item & item, uint64_t amount, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_ELEM_PROGRESS, &item, amount, total);
}

void CallbackTransaction::verify_progress(uint64_t amount, uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_VERIFY_PROGRESS, nullptr, amount, total);
}

void CallbackTransaction::verify_start(uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_VERIFY_START, nullptr, 0, total);
}

void CallbackTransaction::verify_stop(uint64_t total) noexcept {
    send(RDNF5_TRANSACTION_VERIFY_STOP, nullptr, total, total);
}

ScopedCallbacks::ScopedCallbacks(
    libdnf5::Base & base, const Rdnf5DownloadCallbacks * downloads, const Rdnf5RepoCallbacks * keys)
    : base(base) {
    if (keys) {
        for (const auto & repo : libdnf5::repo::RepoQuery(base)) {
            repos.push_back(repo);
        }
    }
    for (const auto & repo : repos) {
        repo->set_callbacks(std::make_unique<CallbackRepoKeys>(*keys, repo->get_id()));
    }
    if (downloads) {
        base.set_download_callbacks(std::make_unique<CallbackDownloads>(*downloads));
    }
}

ScopedCallbacks::~ScopedCallbacks() {
    base.set_download_callbacks(nullptr);
    for (const auto & repo : repos) {
        if (repo.is_valid()) {
            repo->set_callbacks(nullptr);
        }
    }
}

}  // namespace redpak

using namespace redpak;

Rdnf5Bytes rdnf5_script_type_view(uint32_t script_type) noexcept {
    return guard_callback(Rdnf5Bytes{nullptr, 0}, [&] {
        using ScriptType = TransactionCallbacks::ScriptType;
        const auto type = to_enum(script_type, ScriptType::UNKNOWN, ScriptType::POSTUN_TRANSACTION, "scriptlet type");
        return view(TransactionCallbacks::script_type_to_string(type));
    });
}
