// libdnf5's callback classes, each passing its calls on to a C callback.
//
// libdnf5 calls them from deep inside, for transactions from inside rpmtsRun. So every override is noexcept and its body one
// call of guard_callback(); the C callbacks themselves may not unwind.

#ifndef REDPAK_DNF5_CALLBACKS_HPP
#define REDPAK_DNF5_CALLBACKS_HPP

#include "handle.hpp"

#include <libdnf5/base/transaction.hpp>
#include <libdnf5/logger/logger.hpp>
#include <libdnf5/repo/download_callbacks.hpp>
#include <libdnf5/repo/repo_callbacks.hpp>
#include <libdnf5/rpm/rpm_signature.hpp>
#include <libdnf5/rpm/transaction_callbacks.hpp>

namespace redpak {

/// A log destination; owns the caller's `user` until it is destroyed.
class CallbackLogger final : public libdnf5::Logger {
public:
    explicit CallbackLogger(const Rdnf5Logger & callbacks);
    ~CallbackLogger() override;
    void write(
        const std::chrono::time_point<std::chrono::system_clock> & time,
        pid_t pid,
        Level level,
        const std::string & message) noexcept override;

private:
    Rdnf5Logger callbacks;
};

class CallbackDownloads final : public libdnf5::repo::DownloadCallbacks {
public:
    explicit CallbackDownloads(const Rdnf5DownloadCallbacks & callbacks) : callbacks(callbacks) {}
    void * add_new_download(void * user_data, const char * description, double total_to_download) noexcept override;
    int progress(void * user_cb_data, double total_to_download, double downloaded) noexcept override;
    int end(void * user_cb_data, TransferStatus status, const char * msg) noexcept override;
    int mirror_failure(
        void * user_cb_data, const char * msg, const char * url, const char * metadata) noexcept override;
    void fastest_mirror(void * user_cb_data, FastestMirrorStage stage, const char * ptr) noexcept override;

private:
    int send(const Rdnf5DownloadEvent & event) noexcept;

    Rdnf5DownloadCallbacks callbacks;
    uint64_t downloads{0};
};

class CallbackRepoKeys final : public libdnf5::repo::RepoCallbacks2_1 {
public:
    CallbackRepoKeys(const Rdnf5RepoCallbacks & callbacks, std::string repo_id)
        : callbacks(callbacks),
          repo_id(std::move(repo_id)) {}
    bool repokey_import(const libdnf5::rpm::KeyInfo & key_info) noexcept override;
    void repokey_imported(const libdnf5::rpm::KeyInfo & key_info) noexcept override;
    bool repokey_remove(
        const libdnf5::rpm::KeyInfo & key_info, const libdnf5::Message & removal_info) noexcept override;
    void repokey_removed(const libdnf5::rpm::KeyInfo & key_info) noexcept override;

private:
    bool send(uint32_t kind, const libdnf5::rpm::KeyInfo & key_info, const std::string & message) noexcept;

    Rdnf5RepoCallbacks callbacks;
    std::string repo_id;
};

/// Keeps rpm from beginning the run that is about to begin.
///
/// before_begin() may not throw: libdnf5 calls it while a thread of its own runs, and unwinding past that ends the process.
/// It may make rpm fail, though. librpm looks for its lock and its database below `_dbpath` anew when the run begins, and a
/// path that cannot exist makes it give up before it does anything.
class RunStopper final {
public:
    RunStopper() = default;
    ~RunStopper();
    RunStopper(const RunStopper &) = delete;
    RunStopper & operator=(const RunStopper &) = delete;
    /// From now on, until this is destroyed, no database opens.
    void stop() noexcept;
    bool is_stopped() const noexcept { return stopped; }

private:
    bool stopped{false};
};

class CallbackTransaction final : public libdnf5::rpm::TransactionCallbacks {
public:
    using Item = libdnf5::base::TransactionPackage;
    using Nevra = libdnf5::rpm::Nevra;

    CallbackTransaction(
        const Rdnf5TransactionCallbacks & callbacks, RunStopper & stopper, libdnf5::base::Transaction & transaction)
        : callbacks(callbacks),
          stopper(stopper),
          transaction(transaction) {}
    void before_begin(uint64_t total) noexcept override;
    void after_complete(bool success) noexcept override;
    void install_progress(const Item & item, uint64_t amount, uint64_t total) noexcept override;
    void install_start(const Item & item, uint64_t total) noexcept override;
    void install_stop(const Item & item, uint64_t amount, uint64_t total) noexcept override;
    void transaction_progress(uint64_t amount, uint64_t total) noexcept override;
    void transaction_start(uint64_t total) noexcept override;
    void transaction_stop(uint64_t total) noexcept override;
    void uninstall_progress(const Item & item, uint64_t amount, uint64_t total) noexcept override;
    void uninstall_start(const Item & item, uint64_t total) noexcept override;
    void uninstall_stop(const Item & item, uint64_t amount, uint64_t total) noexcept override;
    void unpack_error(const Item & item) noexcept override;
    void cpio_error(const Item & item) noexcept override;
    void script_error(const Item * item, Nevra nevra, ScriptType type, uint64_t return_code) noexcept override;
    void script_start(const Item * item, Nevra nevra, ScriptType type) noexcept override;
    void script_stop(const Item * item, Nevra nevra, ScriptType type, uint64_t return_code) noexcept override;
    void elem_progress(const Item & item, uint64_t amount, uint64_t total) noexcept override;
    void verify_progress(uint64_t amount, uint64_t total) noexcept override;
    void verify_start(uint64_t total) noexcept override;
    void verify_stop(uint64_t total) noexcept override;

private:
    int send(uint32_t kind, const Item * item, uint64_t amount, uint64_t total) noexcept;
    void send_script(
        uint32_t kind, const Item * item, const Nevra & nevra, ScriptType type, uint64_t return_code) noexcept;

    Rdnf5TransactionCallbacks callbacks;
    RunStopper & stopper;
    /// The one that runs, and owns this.
    libdnf5::base::Transaction & transaction;
};

/// Installs download and key callbacks for one call and takes them out again, so that none outlives what it points to.
class ScopedCallbacks final {
public:
    ScopedCallbacks(
        libdnf5::Base & base, const Rdnf5DownloadCallbacks * downloads, const Rdnf5RepoCallbacks * keys);
    ~ScopedCallbacks();
    ScopedCallbacks(const ScopedCallbacks &) = delete;
    ScopedCallbacks & operator=(const ScopedCallbacks &) = delete;

private:
    libdnf5::Base & base;
    std::vector<libdnf5::repo::RepoWeakPtr> repos;
};

}  // namespace redpak

#endif
