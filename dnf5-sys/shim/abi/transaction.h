/* Transactions (transaction.cpp). */
#pragma once

#include "types.h"
#include "callbacks.h"

#ifdef __cplusplus
extern "C" {
#endif

void rdnf5_transaction_free(Rdnf5Transaction * transaction) RDNF5_NOEXCEPT;

/// Bits of rdnf5_transaction_problems(). libdnf5's own numbers.
enum Rdnf5GoalProblem {
    RDNF5_PROBLEM_NO_PROBLEM = 0,
    RDNF5_PROBLEM_SOLVER_ERROR = 1 << 0,
    RDNF5_PROBLEM_NOT_FOUND = 1 << 1,
    RDNF5_PROBLEM_EXCLUDED = 1 << 2,
    RDNF5_PROBLEM_ONLY_SRC = 1 << 3,
    RDNF5_PROBLEM_NOT_FOUND_IN_REPOSITORIES = 1 << 4,
    RDNF5_PROBLEM_NOT_INSTALLED = 1 << 5,
    RDNF5_PROBLEM_NOT_INSTALLED_FOR_ARCHITECTURE = 1 << 6,
    RDNF5_PROBLEM_HINT_ICASE = 1 << 7,
    RDNF5_PROBLEM_HINT_ALTERNATIVES = 1 << 8,
    RDNF5_PROBLEM_INSTALLED_LOWEST_VERSION = 1 << 9,
    RDNF5_PROBLEM_INSTALLED_IN_DIFFERENT_VERSION = 1 << 10,
    RDNF5_PROBLEM_NOT_AVAILABLE = 1 << 11,
    RDNF5_PROBLEM_ALREADY_INSTALLED = 1 << 12,
    RDNF5_PROBLEM_SOLVER_PROBLEM_STRICT_RESOLVEMENT = 1 << 13,
    RDNF5_PROBLEM_WRITE_DEBUG = 1 << 14,
    RDNF5_PROBLEM_UNSUPPORTED_ACTION = 1 << 15,
    RDNF5_PROBLEM_MULTIPLE_STREAMS = 1 << 16,
    RDNF5_PROBLEM_EXCLUDED_VERSIONLOCK = 1 << 17,
    RDNF5_PROBLEM_MODULE_SOLVER_ERROR_DEFAULTS = 1 << 18,
    RDNF5_PROBLEM_MODULE_SOLVER_ERROR_LATEST = 1 << 19,
    RDNF5_PROBLEM_MODULE_SOLVER_ERROR = 1 << 20,
    RDNF5_PROBLEM_MODULE_CANNOT_SWITH_STREAMS = 1 << 21,
    RDNF5_PROBLEM_EXTRA = 1 << 22,
    RDNF5_PROBLEM_MALFORMED = 1 << 23,
    RDNF5_PROBLEM_NOT_FOUND_DEBUGINFO = 1 << 24,
    RDNF5_PROBLEM_NOT_FOUND_DEBUGSOURCE = 1 << 25,
    RDNF5_PROBLEM_MERGE_ERROR = 1 << 26,
    RDNF5_PROBLEM_NOT_FOUND_IN_ADVISORIES = 1 << 27
};
Rdnf5Error * rdnf5_transaction_problems(Rdnf5Transaction * transaction, uint32_t * out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_transaction_empty(const Rdnf5Transaction * transaction, uint8_t * out) RDNF5_NOEXCEPT;

enum Rdnf5TransactionStrings {
    RDNF5_TRANSACTION_RESOLVE_LOGS = 0,
    RDNF5_TRANSACTION_TRANSACTION_PROBLEMS = 1,
    RDNF5_TRANSACTION_GPG_SIGNATURE_PROBLEMS = 2,
    RDNF5_TRANSACTION_RPM_MESSAGES = 3,
    RDNF5_TRANSACTION_LAST_SCRIPT_OUTPUT = 4  ///< one string, none when there was no output
};
Rdnf5Error * rdnf5_transaction_get_strings_copy(
    Rdnf5Transaction * transaction, uint32_t field, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

/// One line of the resolve log, for programs.
typedef struct Rdnf5LogEvent {
    uint32_t action;   ///< libdnf5's GoalAction
    uint32_t problem;  ///< one of Rdnf5GoalProblem
    Rdnf5Bytes spec;
    Rdnf5Bytes text;
} Rdnf5LogEvent;
/// Calls `each` for every event; its views live until it returns.
Rdnf5Error * rdnf5_transaction_resolve_logs(
    const Rdnf5Transaction * transaction,
    void * user,
    void (*each)(void * user, const Rdnf5LogEvent * event)) RDNF5_NOEXCEPT;

enum Rdnf5TransactionPackages {
    RDNF5_TRANSACTION_BROKEN_DEPENDENCY_PACKAGES = 0,
    RDNF5_TRANSACTION_CONFLICTING_PACKAGES = 1
};
Rdnf5Error * rdnf5_transaction_get_packages_copy(
    const Rdnf5Transaction * transaction, uint32_t field, Rdnf5PackageList ** out) RDNF5_NOEXCEPT;
/// What the transaction does, package by package.
Rdnf5Error * rdnf5_transaction_transaction_packages_copy(
    const Rdnf5Transaction * transaction, Rdnf5TransactionPackageList ** out) RDNF5_NOEXCEPT;
size_t rdnf5_transaction_package_list_size(const Rdnf5TransactionPackageList * list) RDNF5_NOEXCEPT;
/// Lives as long as the list; NULL past the end.
const Rdnf5TransactionPackage * rdnf5_transaction_package_list_view(
    const Rdnf5TransactionPackageList * list, size_t index) RDNF5_NOEXCEPT;
void rdnf5_transaction_package_list_free(Rdnf5TransactionPackageList * list) RDNF5_NOEXCEPT;

/// What happens to a package, group or module. libdnf5's own numbers.
enum Rdnf5Action {
    RDNF5_ACTION_INSTALL = 1,
    RDNF5_ACTION_UPGRADE = 2,
    RDNF5_ACTION_DOWNGRADE = 3,
    RDNF5_ACTION_REINSTALL = 4,
    RDNF5_ACTION_REMOVE = 5,
    RDNF5_ACTION_REPLACED = 6,
    RDNF5_ACTION_REASON_CHANGE = 7,
    RDNF5_ACTION_ENABLE = 8,
    RDNF5_ACTION_DISABLE = 9,
    RDNF5_ACTION_RESET = 10,
    RDNF5_ACTION_SWITCH = 11
};
/// libdnf5's own numbers.
enum Rdnf5ItemState { RDNF5_STATE_STARTED = 1, RDNF5_STATE_OK = 2, RDNF5_STATE_ERROR = 3 };
Rdnf5Error * rdnf5_transaction_package_info(
    const Rdnf5TransactionPackage * item, uint32_t * action, uint32_t * reason, uint32_t * state) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_transaction_package_get_package_copy(
    const Rdnf5TransactionPackage * item, Rdnf5Package ** out) RDNF5_NOEXCEPT;
/// The installed packages that this one replaces (upgrades, obsoletes ...).
Rdnf5Error * rdnf5_transaction_package_get_replaces_copy(
    const Rdnf5TransactionPackage * item, Rdnf5PackageList ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_transaction_package_get_replaced_by_copy(
    const Rdnf5TransactionPackage * item, Rdnf5PackageList ** out) RDNF5_NOEXCEPT;

/// A group, environment or module of the transaction.
typedef struct Rdnf5TransactionItem {
    uint32_t action;
    uint32_t reason;
    Rdnf5Bytes id;    ///< a module's name
    Rdnf5Bytes name;  ///< a module's stream
} Rdnf5TransactionItem;
enum Rdnf5TransactionItems {
    RDNF5_TRANSACTION_GROUPS = 0,
    RDNF5_TRANSACTION_ENVIRONMENTS = 1,
    RDNF5_TRANSACTION_MODULES = 2
};
Rdnf5Error * rdnf5_transaction_items(
    const Rdnf5Transaction * transaction,
    uint32_t kind,
    void * user,
    void (*each)(void * user, const Rdnf5TransactionItem * item)) RDNF5_NOEXCEPT;

Rdnf5Error * rdnf5_transaction_set_description(Rdnf5Transaction * transaction, Rdnf5Bytes text) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_transaction_set_comment(Rdnf5Transaction * transaction, Rdnf5Bytes text) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_transaction_set_user_id(Rdnf5Transaction * transaction, uint32_t user_id) RDNF5_NOEXCEPT;
/// Copy package files given on the command line to the download directory too (for a stored transaction).
Rdnf5Error * rdnf5_transaction_set_download_local_pkgs(Rdnf5Transaction * transaction, uint8_t value) RDNF5_NOEXCEPT;
/// Downloads the packages into the cache.
Rdnf5Error * rdnf5_transaction_download(
    Rdnf5Base * base, Rdnf5Transaction * transaction, const Rdnf5DownloadCallbacks * downloads) RDNF5_NOEXCEPT;
/// Checks the signatures of the downloaded packages, importing keys of the repositories as `keys` allows.
Rdnf5Error * rdnf5_transaction_check_gpg_signatures(
    Rdnf5Base * base, Rdnf5Transaction * transaction, const Rdnf5RepoCallbacks * keys, uint8_t * out) RDNF5_NOEXCEPT;

/// libdnf5's own numbers.
enum Rdnf5RunResult {
    RDNF5_RUN_SUCCESS = 0,
    RDNF5_RUN_ERROR_RERUN = 1,
    RDNF5_RUN_ERROR_RESOLVE = 2,
    RDNF5_RUN_ERROR_LOCK = 3,
    RDNF5_RUN_ERROR_CHECK = 4,
    RDNF5_RUN_ERROR_RPM_RUN = 5,
    RDNF5_RUN_ERROR_GPG_CHECK = 6
};
/// Whether rpm would carry it out; changes nothing.
Rdnf5Error * rdnf5_transaction_test(
    Rdnf5Base * base, Rdnf5Transaction * transaction, const Rdnf5RepoCallbacks * keys, uint32_t * out) RDNF5_NOEXCEPT;
/// Carries it out: rpm checks and tests, then BEFORE_BEGIN is called, then the database is reopened for writing and the real run begins.
/// @param callbacks  may be NULL
/// @param keys       may be NULL
Rdnf5Error * rdnf5_transaction_run(
    Rdnf5Base * base,
    Rdnf5Transaction * transaction,
    const Rdnf5TransactionCallbacks * callbacks,
    const Rdnf5RepoCallbacks * keys,
    uint32_t * out) RDNF5_NOEXCEPT;
/// libdnf5's text for a result.
Rdnf5Error * rdnf5_run_result_copy(uint32_t result, Rdnf5String ** out) RDNF5_NOEXCEPT;
/// The transaction as JSON, to be replayed elsewhere.
/// @param packages_path  directory of the package files, relative to the JSON; empty: none
/// @param comps_path     directory of groups and environments
/// @param repo_prefix    put before repository ids
Rdnf5Error * rdnf5_transaction_serialize_copy(
    const Rdnf5Transaction * transaction,
    Rdnf5Bytes packages_path,
    Rdnf5Bytes comps_path,
    Rdnf5Bytes repo_prefix,
    Rdnf5String ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_transaction_store_comps(const Rdnf5Transaction * transaction, Rdnf5Bytes path) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
