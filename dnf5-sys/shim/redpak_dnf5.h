/* A C ABI over libdnf5 and libdnf5-cli, the only header that bindgen reads.
 *
 * Rules that hold for every function unless its own text says otherwise:
 *
 * - A function that can fail returns NULL on success, else an error that the caller frees with rdnf5_error_free();
 *   its out parameters are then untouched.
 * - `_new` and `_copy` give the caller an object of his own, freed by the matching `_free` (which takes NULL).
 *   `_view` borrows; the view ends when the object it was taken from is freed or changed.
 * - Every object made from a base must be freed before that base.
 * - Strings are bytes with a length. They need not be UTF-8 nor end with a NUL; {NULL, 0} is the empty string.
 * - A NULL handle, an index past the end or an unknown enumerator is an error of kind RDNF5_ERROR_ARGUMENT.
 * - Callbacks may not unwind. They are called on the calling thread (loggers: on any thread) while the function that took
 *   them runs, and never after it has returned.
 * - libdnf5 and librpm keep process-wide state: one thread at a time, whatever the objects.
 */
#ifndef REDPAK_DNF5_H
#define REDPAK_DNF5_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define RDNF5_NOEXCEPT noexcept
extern "C" {
#else
#define RDNF5_NOEXCEPT
#endif

typedef struct Rdnf5Error Rdnf5Error;
typedef struct Rdnf5String Rdnf5String;
typedef struct Rdnf5StringList Rdnf5StringList;
typedef struct Rdnf5Base Rdnf5Base;
typedef struct Rdnf5Repo Rdnf5Repo;
typedef struct Rdnf5RepoList Rdnf5RepoList;
typedef struct Rdnf5RepoQuery Rdnf5RepoQuery;
typedef struct Rdnf5Package Rdnf5Package;
typedef struct Rdnf5PackageList Rdnf5PackageList;
typedef struct Rdnf5PackageQuery Rdnf5PackageQuery;
typedef struct Rdnf5GoalJobSettings Rdnf5GoalJobSettings;
typedef struct Rdnf5Goal Rdnf5Goal;
typedef struct Rdnf5Transaction Rdnf5Transaction;
typedef struct Rdnf5AdvisoryQuery Rdnf5AdvisoryQuery;
typedef struct Rdnf5GroupQuery Rdnf5GroupQuery;
typedef struct Rdnf5EnvironmentQuery Rdnf5EnvironmentQuery;
typedef struct Rdnf5ModuleQuery Rdnf5ModuleQuery;
typedef struct Rdnf5History Rdnf5History;
typedef struct Rdnf5Offline Rdnf5Offline;
typedef struct Rdnf5TransactionPackage Rdnf5TransactionPackage;
typedef struct Rdnf5TransactionPackageList Rdnf5TransactionPackageList;

/// Borrowed bytes.
typedef struct Rdnf5Bytes {
    const uint8_t * data;
    size_t size;
} Rdnf5Bytes;

/* ---- errors (error.cpp) ---- */

/// What went wrong, for programs. The names that libdnf5 gives its exceptions are in the causes.
enum Rdnf5ErrorKind {
    RDNF5_ERROR_UNKNOWN = 0,      ///< Something was thrown that is not a std::exception.
    RDNF5_ERROR_ARGUMENT = 1,     ///< The caller passed NULL, an unknown enumerator or an index past the end.
    RDNF5_ERROR_VERSION = 2,      ///< The library that runs is not of the version that this was built with.
    RDNF5_ERROR_UNSUPPORTED = 3,  ///< The libdnf5 that this was built with does not have it.
    RDNF5_ERROR_MEMORY = 4,       ///< Out of memory.
    RDNF5_ERROR_CALLBACK = 5,     ///< A callback of the caller asked to stop.
    RDNF5_ERROR_ASSERTION = 6,    ///< libdnf5 found itself or its user in a state that should not be.
    RDNF5_ERROR_SYSTEM = 7,       ///< A system call or a file operation failed; see the error number.
    RDNF5_ERROR_OPTION = 8,       ///< An unknown option, or a value that it does not take.
    RDNF5_ERROR_CONFIG = 9,       ///< A configuration file is missing or malformed.
    RDNF5_ERROR_REPO = 10,        ///< A repository could not be loaded.
    RDNF5_ERROR_CACHE_ONLY = 11,  ///< ... because its metadata is not in the cache and downloads are off.
    RDNF5_ERROR_DOWNLOAD = 12,    ///< Metadata, a package or a file could not be downloaded.
    RDNF5_ERROR_PGP = 13,         ///< A signature or a key is bad or missing.
    RDNF5_ERROR_RPM = 14,         ///< A package file or the rpm database could not be read.
    RDNF5_ERROR_RESOLVE = 15,     ///< The transaction could not be resolved.
    RDNF5_ERROR_TRANSACTION = 16, ///< The transaction could not be carried out.
    RDNF5_ERROR_LIBDNF = 17,      ///< Any other libdnf5::Error.
    RDNF5_ERROR_STD = 18          ///< Any other std::exception.
};

/// @return one of Rdnf5ErrorKind, that of the innermost cause that has a specific one
uint32_t rdnf5_error_kind(const Rdnf5Error * error) RDNF5_NOEXCEPT;
/// @return the errno of a RDNF5_ERROR_SYSTEM error, else 0
int32_t rdnf5_error_errno(const Rdnf5Error * error) RDNF5_NOEXCEPT;
/// The whole text as dnf5 prints it, nested causes included. Lives as long as the error.
Rdnf5Bytes rdnf5_error_message_view(const Rdnf5Error * error) RDNF5_NOEXCEPT;
/// @return how many exceptions were nested, the outermost included
size_t rdnf5_error_cause_count(const Rdnf5Error * error) RDNF5_NOEXCEPT;
/// The exception's domain (`libdnf5::repo`), name (`RepoDownloadError`) and own text; index 0 is the outermost.
/// They live as long as the error and are empty past the end.
Rdnf5Bytes rdnf5_error_cause_domain_view(const Rdnf5Error * error, size_t index) RDNF5_NOEXCEPT;
Rdnf5Bytes rdnf5_error_cause_name_view(const Rdnf5Error * error, size_t index) RDNF5_NOEXCEPT;
Rdnf5Bytes rdnf5_error_cause_message_view(const Rdnf5Error * error, size_t index) RDNF5_NOEXCEPT;
void rdnf5_error_free(Rdnf5Error * error) RDNF5_NOEXCEPT;

/* ---- versions (error.cpp) ---- */

typedef struct Rdnf5Version {
    uint16_t prime;
    uint16_t major;
    uint16_t minor;
    uint16_t micro;
} Rdnf5Version;

/// The libdnf5 that the shim was compiled against.
Rdnf5Version rdnf5_version_built(void) RDNF5_NOEXCEPT;
/// The libdnf5 that is loaded.
Rdnf5Version rdnf5_version_running(void) RDNF5_NOEXCEPT;
/// Whether the shim can work with a library of version `running`. libdnf5's C++ ABI changed between minor versions
/// without a change of its SONAME, so prime, major and minor must be those that the shim was built with.
Rdnf5Error * rdnf5_version_check(Rdnf5Version running) RDNF5_NOEXCEPT;

/* ---- strings (strings.cpp) ---- */

Rdnf5Bytes rdnf5_string_view(const Rdnf5String * string) RDNF5_NOEXCEPT;
void rdnf5_string_free(Rdnf5String * string) RDNF5_NOEXCEPT;
size_t rdnf5_string_list_size(const Rdnf5StringList * list) RDNF5_NOEXCEPT;
/// Empty past the end.
Rdnf5Bytes rdnf5_string_list_view(const Rdnf5StringList * list, size_t index) RDNF5_NOEXCEPT;
void rdnf5_string_list_free(Rdnf5StringList * list) RDNF5_NOEXCEPT;

/* ---- callbacks (callbacks.cpp) ---- */

/// Returned by callbacks that can stop what is going on.
enum Rdnf5CallbackResult {
    RDNF5_CALLBACK_OK = 0,
    RDNF5_CALLBACK_ABORT = 1,  ///< give up this download only
    RDNF5_CALLBACK_ERROR = 2   ///< give up everything
};

enum Rdnf5LogLevel {
    RDNF5_LOG_CRITICAL = 0,
    RDNF5_LOG_ERROR = 1,
    RDNF5_LOG_WARNING = 2,
    RDNF5_LOG_NOTICE = 3,
    RDNF5_LOG_INFO = 4,
    RDNF5_LOG_DEBUG = 5,
    RDNF5_LOG_TRACE = 6
};

/// A destination of log messages.
typedef struct Rdnf5Logger {
    void * user;
    /// May be called on any thread, also on several at once.
    void (*write)(void * user, uint32_t level, Rdnf5Bytes message);
    /// Called once, when the base no longer needs `user`. May be NULL.
    void (*release)(void * user);
} Rdnf5Logger;

enum Rdnf5DownloadEventKind {
    RDNF5_DOWNLOAD_ADD_NEW_DOWNLOAD = 0,  ///< description, total
    RDNF5_DOWNLOAD_PROGRESS = 1,          ///< total, downloaded
    RDNF5_DOWNLOAD_END = 2,               ///< status, message
    RDNF5_DOWNLOAD_MIRROR_FAILURE = 3,    ///< message, url, metadata
    RDNF5_DOWNLOAD_FASTEST_MIRROR = 4     ///< stage, message, total (number of mirrors at stage DETECTION)
};

enum Rdnf5TransferStatus {
    RDNF5_TRANSFER_SUCCESSFUL = 0,
    RDNF5_TRANSFER_ALREADYEXISTS = 1,
    RDNF5_TRANSFER_ERROR = 2
};

typedef struct Rdnf5DownloadEvent {
    uint32_t kind;
    uint32_t status;
    uint32_t stage;
    /// Counts the downloads of one call from 1; 0 where libdnf5 names none.
    uint64_t download;
    double total;
    double downloaded;
    Rdnf5Bytes description;
    Rdnf5Bytes message;
    Rdnf5Bytes url;
    Rdnf5Bytes metadata;
} Rdnf5DownloadEvent;

typedef struct Rdnf5DownloadCallbacks {
    void * user;
    /// The event and its views live until the callback returns. @return one of Rdnf5CallbackResult
    int32_t (*event)(void * user, const Rdnf5DownloadEvent * event);
} Rdnf5DownloadCallbacks;

enum Rdnf5RepoKeyEventKind {
    RDNF5_REPO_KEY_IMPORT = 0,    ///< may the key be imported? Answer 1 for yes, anything else for no
    RDNF5_REPO_KEY_IMPORTED = 1,  ///< it was
    RDNF5_REPO_KEY_REMOVE = 2,    ///< may the key be removed (`message` says why)? Answer 1 for yes
    RDNF5_REPO_KEY_REMOVED = 3    ///< it was
};

typedef struct Rdnf5RepoKeyEvent {
    uint32_t kind;
    Rdnf5Bytes repo_id;
    Rdnf5Bytes key_id;
    Rdnf5Bytes fingerprint;
    Rdnf5Bytes url;
    Rdnf5Bytes path;
    Rdnf5Bytes message;
    int64_t timestamp;
    const Rdnf5StringList * user_ids;
} Rdnf5RepoKeyEvent;

typedef struct Rdnf5RepoCallbacks {
    void * user;
    int32_t (*event)(void * user, const Rdnf5RepoKeyEvent * event);
} Rdnf5RepoCallbacks;

/// One for each member of libdnf5::rpm::TransactionCallbacks.
enum Rdnf5TransactionEventKind {
    RDNF5_TRANSACTION_BEFORE_BEGIN = 0,    ///< total; the only one whose result counts
    RDNF5_TRANSACTION_AFTER_COMPLETE = 1,  ///< amount is 1 on success, else 0
    RDNF5_TRANSACTION_INSTALL_START = 2,   ///< item, total
    RDNF5_TRANSACTION_INSTALL_PROGRESS = 3,
    RDNF5_TRANSACTION_INSTALL_STOP = 4,
    RDNF5_TRANSACTION_PREPARE_START = 5,  ///< transaction_start: total
    RDNF5_TRANSACTION_PREPARE_PROGRESS = 6,
    RDNF5_TRANSACTION_PREPARE_STOP = 7,
    RDNF5_TRANSACTION_UNINSTALL_START = 8,  ///< item, total
    RDNF5_TRANSACTION_UNINSTALL_PROGRESS = 9,
    RDNF5_TRANSACTION_UNINSTALL_STOP = 10,
    RDNF5_TRANSACTION_UNPACK_ERROR = 11,  ///< item
    RDNF5_TRANSACTION_CPIO_ERROR = 12,    ///< item
    RDNF5_TRANSACTION_SCRIPT_ERROR = 13,  ///< item or NULL, nevra, script_type, return_code
    RDNF5_TRANSACTION_SCRIPT_START = 14,
    RDNF5_TRANSACTION_SCRIPT_STOP = 15,
    RDNF5_TRANSACTION_ELEM_PROGRESS = 16,   ///< item, amount, total
    RDNF5_TRANSACTION_VERIFY_PROGRESS = 17, ///< amount, total
    RDNF5_TRANSACTION_VERIFY_START = 18,    ///< total
    RDNF5_TRANSACTION_VERIFY_STOP = 19      ///< total
};

/// libdnf5's own numbers.
enum Rdnf5ScriptType {
    RDNF5_SCRIPT_UNKNOWN = 0,
    RDNF5_SCRIPT_PRE_INSTALL = 1,
    RDNF5_SCRIPT_POST_INSTALL = 2,
    RDNF5_SCRIPT_PRE_UNINSTALL = 3,
    RDNF5_SCRIPT_POST_UNINSTALL = 4,
    RDNF5_SCRIPT_PRE_TRANSACTION = 5,
    RDNF5_SCRIPT_POST_TRANSACTION = 6,
    RDNF5_SCRIPT_TRIGGER_PRE_INSTALL = 7,
    RDNF5_SCRIPT_TRIGGER_INSTALL = 8,
    RDNF5_SCRIPT_TRIGGER_UNINSTALL = 9,
    RDNF5_SCRIPT_TRIGGER_POST_UNINSTALL = 10,
    RDNF5_SCRIPT_SYSUSERS = 11,
    RDNF5_SCRIPT_PREUN_TRANSACTION = 12,
    RDNF5_SCRIPT_POSTUN_TRANSACTION = 13
};

typedef struct Rdnf5TransactionEvent {
    uint32_t kind;
    uint32_t script_type;
    uint64_t amount;
    uint64_t total;
    uint64_t return_code;
    /// Borrowed until the callback returns; NULL where there is none.
    const Rdnf5TransactionPackage * item;
    /// Of the package that owns the scriptlet.
    Rdnf5Bytes nevra;
    /// At SCRIPT_ERROR and SCRIPT_STOP: what the scriptlet printed.
    Rdnf5Bytes script_output;
    /// At SCRIPT_ERROR and SCRIPT_STOP: all messages of rpm in this transaction so far.
    const Rdnf5StringList * rpm_messages;
} Rdnf5TransactionEvent;

typedef struct Rdnf5TransactionCallbacks {
    void * user;
    /// @return one of Rdnf5CallbackResult; anything but OK at BEFORE_BEGIN makes the run end with
    ///         RDNF5_ERROR_CALLBACK before rpm changes anything
    int32_t (*event)(void * user, const Rdnf5TransactionEvent * event);
} Rdnf5TransactionCallbacks;

/// @return the scriptlet's name as libdnf5 writes it (`pre-install`); static, empty when unknown
Rdnf5Bytes rdnf5_script_type_view(uint32_t script_type) RDNF5_NOEXCEPT;

/* ---- base (base.cpp) ---- */

/// Fails with RDNF5_ERROR_VERSION before anything else when the library's version does not fit.
Rdnf5Error * rdnf5_base_new(Rdnf5Base ** out) RDNF5_NOEXCEPT;
void rdnf5_base_free(Rdnf5Base * base) RDNF5_NOEXCEPT;
/// Reads the main configuration file and its drop-ins, below the installroot unless `use_host_config` is set.
Rdnf5Error * rdnf5_base_load_config(Rdnf5Base * base) RDNF5_NOEXCEPT;
/// Loads plugins and variables and fixes installroot and architecture. Re-reads librpm's configuration: macros pushed
/// before are gone after.
Rdnf5Error * rdnf5_base_setup(Rdnf5Base * base) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_base_is_initialized(Rdnf5Base * base, uint8_t * out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_base_notify_repos_configured(Rdnf5Base * base) RDNF5_NOEXCEPT;
/// Before setup only. `names` are globs; later requests win.
Rdnf5Error * rdnf5_base_enable_disable_plugins(
    Rdnf5Base * base, const Rdnf5Bytes * names, size_t count, uint8_t enable) RDNF5_NOEXCEPT;
/// The names of the plugins that setup loaded.
Rdnf5Error * rdnf5_base_loaded_plugins_copy(Rdnf5Base * base, Rdnf5StringList ** out) RDNF5_NOEXCEPT;
/// Takes over `logger.user`; `logger.release` is called for it also when this fails.
Rdnf5Error * rdnf5_base_add_logger(Rdnf5Base * base, Rdnf5Logger logger) RDNF5_NOEXCEPT;
/// Logs to a rotated file `name` in the configured `logdir`. After load_config.
Rdnf5Error * rdnf5_base_add_rotating_file_logger(Rdnf5Base * base, Rdnf5Bytes name) RDNF5_NOEXCEPT;
/// Writes a line to the base's loggers.
Rdnf5Error * rdnf5_base_log(Rdnf5Base * base, uint32_t level, Rdnf5Bytes message) RDNF5_NOEXCEPT;
/// libdnf5's own advisory lock on the installroot, for those who use plain dnf5 on it. Unsupported before 5.4.
/// @param write  exclusive rather than shared
/// @param out    whether the lock was got (only interesting without `block`)
Rdnf5Error * rdnf5_base_lock_system_repo(Rdnf5Base * base, uint8_t write, uint8_t block, uint8_t * out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_base_unlock_system_repo(Rdnf5Base * base) RDNF5_NOEXCEPT;

/* ---- configuration and variables (config.cpp) ---- */

/// Who sets an option; a higher one wins. libdnf5's own numbers.
enum Rdnf5OptionPriority {
    RDNF5_OPTION_EMPTY = 0,
    RDNF5_OPTION_DEFAULT = 10,
    RDNF5_OPTION_MAINCONFIG = 20,
    RDNF5_OPTION_AUTOMATICCONFIG = 30,
    RDNF5_OPTION_REPOCONFIG = 40,
    RDNF5_OPTION_INSTALLROOT = 45,
    RDNF5_OPTION_PLUGINDEFAULT = 50,
    RDNF5_OPTION_PLUGINCONFIG = 60,
    RDNF5_OPTION_COMMANDLINE = 70,
    RDNF5_OPTION_RUNTIME = 80
};

/// The names of all main options.
Rdnf5Error * rdnf5_config_options_copy(Rdnf5Base * base, Rdnf5StringList ** out) RDNF5_NOEXCEPT;
/// Sets a main option from text as it would stand in a configuration file; a lower priority than the present one changes nothing.
Rdnf5Error * rdnf5_config_set(
    Rdnf5Base * base, Rdnf5Bytes option, Rdnf5Bytes value, uint32_t priority) RDNF5_NOEXCEPT;
/// The value as text; `priority` (may be NULL) says who set it.
Rdnf5Error * rdnf5_config_get_copy(
    Rdnf5Base * base, Rdnf5Bytes option, Rdnf5String ** out, uint32_t * priority) RDNF5_NOEXCEPT;

/// Who sets a variable. libdnf5's own numbers.
enum Rdnf5VarsPriority {
    RDNF5_VARS_DEFAULT = 10,
    RDNF5_VARS_AUTO = 20,
    RDNF5_VARS_VARSDIR = 30,
    RDNF5_VARS_PLUGIN = 40,
    RDNF5_VARS_ENVIRONMENT = 50,
    RDNF5_VARS_COMMANDLINE = 60,
    RDNF5_VARS_RUNTIME = 70
};

Rdnf5Error * rdnf5_vars_names_copy(Rdnf5Base * base, Rdnf5StringList ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_vars_set(Rdnf5Base * base, Rdnf5Bytes name, Rdnf5Bytes value, uint32_t priority) RDNF5_NOEXCEPT;
/// `*out` is NULL when there is no such variable.
Rdnf5Error * rdnf5_vars_get_copy(Rdnf5Base * base, Rdnf5Bytes name, Rdnf5String ** out) RDNF5_NOEXCEPT;
/// The release of the system below `installroot`, told by its rpmdb. `*out` is NULL when that has none.
Rdnf5Error * rdnf5_vars_detect_release_copy(
    Rdnf5Base * base, Rdnf5Bytes installroot, Rdnf5String ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_vars_substitute_copy(Rdnf5Base * base, Rdnf5Bytes text, Rdnf5String ** out) RDNF5_NOEXCEPT;

/* ---- repositories (repo.cpp) ---- */

/// libdnf5's own numbers.
enum Rdnf5RepoType {
    RDNF5_REPO_AVAILABLE = 0,
    RDNF5_REPO_SYSTEM = 1,
    RDNF5_REPO_COMMANDLINE = 2,
    RDNF5_REPO_ALL = 3  ///< for rdnf5_repo_sack_load_repos(): the system and all enabled ones
};

enum Rdnf5SyncStrategy {
    RDNF5_SYNC_LAZY = 1,        ///< the cache even if it has expired; download only where there is none
    RDNF5_SYNC_ONLY_CACHE = 2,  ///< never download
    RDNF5_SYNC_TRY_CACHE = 3    ///< download what has expired
};

/// Repositories from the main configuration file and all configured directories, overrides included.
Rdnf5Error * rdnf5_repo_sack_create_repos_from_system_configuration(Rdnf5Base * base) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_sack_create_repos_from_reposdir(Rdnf5Base * base) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_sack_create_repos_from_dir(Rdnf5Base * base, Rdnf5Bytes path) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_sack_create_repos_from_file(Rdnf5Base * base, Rdnf5Bytes path) RDNF5_NOEXCEPT;
/// `--repofrompath`: enabled repositories with ids[i] and paths or URLs paths[i].
Rdnf5Error * rdnf5_repo_sack_create_repos_from_paths(
    Rdnf5Base * base, const Rdnf5Bytes * ids, const Rdnf5Bytes * paths, size_t count, uint32_t priority) RDNF5_NOEXCEPT;
/// An empty repository to configure by hand.
Rdnf5Error * rdnf5_repo_sack_create_repo(Rdnf5Base * base, Rdnf5Bytes id, Rdnf5Repo ** out) RDNF5_NOEXCEPT;
/// The installed packages as a repository, made when it is not there yet.
Rdnf5Error * rdnf5_repo_sack_get_system_repo(Rdnf5Base * base, Rdnf5Repo ** out) RDNF5_NOEXCEPT;
/// For each enabled binary repository its source (debug) repository.
Rdnf5Error * rdnf5_repo_sack_enable_source_repos(Rdnf5Base * base) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_sack_enable_debug_repos(Rdnf5Base * base) RDNF5_NOEXCEPT;
/// Loads the system repository, the enabled ones or both; downloads what is missing. Once per type and base.
/// @param type       one of Rdnf5RepoType but COMMANDLINE
/// @param downloads  may be NULL
/// @param keys       may be NULL: no key is imported
Rdnf5Error * rdnf5_repo_sack_load_repos(
    Rdnf5Base * base,
    uint32_t type,
    const Rdnf5DownloadCallbacks * downloads,
    const Rdnf5RepoCallbacks * keys) RDNF5_NOEXCEPT;
/// Opens package files and URLs. `out` has the packages in the order of `paths`.
Rdnf5Error * rdnf5_repo_sack_add_cmdline_packages(
    Rdnf5Base * base,
    const Rdnf5Bytes * paths,
    size_t count,
    const Rdnf5DownloadCallbacks * downloads,
    Rdnf5PackageList ** out) RDNF5_NOEXCEPT;

/// All repositories that were created, enabled or not.
Rdnf5Error * rdnf5_repo_query_new(Rdnf5Base * base, Rdnf5RepoQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_repo_query_free(Rdnf5RepoQuery * query) RDNF5_NOEXCEPT;

enum Rdnf5RepoFlagFilter {
    RDNF5_REPO_FILTER_ENABLED = 0,
    RDNF5_REPO_FILTER_EXPIRED = 1,
    RDNF5_REPO_FILTER_LOCAL = 2
};
Rdnf5Error * rdnf5_repo_query_filter_flag(Rdnf5RepoQuery * query, uint32_t filter, uint8_t value) RDNF5_NOEXCEPT;
/// `cmp` is of Rdnf5QueryCmp here and below.
Rdnf5Error * rdnf5_repo_query_filter_id(
    Rdnf5RepoQuery * query, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_query_filter_name(
    Rdnf5RepoQuery * query, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_query_filter_type(Rdnf5RepoQuery * query, uint32_t type, uint32_t cmp) RDNF5_NOEXCEPT;
/// Sorted by id.
Rdnf5Error * rdnf5_repo_query_list_copy(const Rdnf5RepoQuery * query, Rdnf5RepoList ** out) RDNF5_NOEXCEPT;
size_t rdnf5_repo_list_size(const Rdnf5RepoList * list) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_list_get_copy(const Rdnf5RepoList * list, size_t index, Rdnf5Repo ** out) RDNF5_NOEXCEPT;
void rdnf5_repo_list_free(Rdnf5RepoList * list) RDNF5_NOEXCEPT;

void rdnf5_repo_free(Rdnf5Repo * repo) RDNF5_NOEXCEPT;

enum Rdnf5RepoString {
    RDNF5_REPO_ID = 0,
    RDNF5_REPO_NAME = 1,
    RDNF5_REPO_REVISION = 2,
    RDNF5_REPO_FILE_PATH = 3,
    RDNF5_REPO_CACHEDIR = 4,
    RDNF5_REPO_PERSISTDIR = 5
};
Rdnf5Error * rdnf5_repo_get_string_copy(const Rdnf5Repo * repo, uint32_t field, Rdnf5String ** out) RDNF5_NOEXCEPT;

enum Rdnf5RepoNumber {
    RDNF5_REPO_IS_ENABLED = 0,
    RDNF5_REPO_IS_LOCAL = 1,
    RDNF5_REPO_TYPE = 2,
    RDNF5_REPO_COST = 3,
    RDNF5_REPO_PRIORITY = 4,
    RDNF5_REPO_AGE = 5,         ///< seconds since the metadata was last synchronised
    RDNF5_REPO_IS_EXPIRED = 6,
    RDNF5_REPO_EXPIRES_IN = 7,
    RDNF5_REPO_TIMESTAMP = 8,   ///< seconds since the epoch
    RDNF5_REPO_MAX_TIMESTAMP = 9,
    RDNF5_REPO_SYNC_STRATEGY = 10
};
Rdnf5Error * rdnf5_repo_get_number(const Rdnf5Repo * repo, uint32_t field, int64_t * out) RDNF5_NOEXCEPT;

enum Rdnf5RepoStrings {
    RDNF5_REPO_MIRRORS = 0,
    RDNF5_REPO_CONTENT_TAGS = 1,
    RDNF5_REPO_DISTRO_TAGS = 2,        ///< cpeid, tag, cpeid, tag, ...
    RDNF5_REPO_METADATA_LOCATIONS = 3  ///< type, location, type, location, ...
};
Rdnf5Error * rdnf5_repo_get_strings_copy(const Rdnf5Repo * repo, uint32_t field, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

enum Rdnf5RepoAction {
    RDNF5_REPO_ENABLE = 0,
    RDNF5_REPO_DISABLE = 1,
    RDNF5_REPO_EXPIRE = 2,               ///< mark the cached metadata as out of date
    RDNF5_REPO_READ_METADATA_CACHE = 3,  ///< needed before revision, timestamps and tags of a repository that is not loaded
    RDNF5_REPO_VERIFY = 4,               ///< fails when the configuration has no source of metadata
    RDNF5_REPO_PRESERVE_REMOTE_TIME = 5  ///< downloaded files get the times that they have at their source
};
Rdnf5Error * rdnf5_repo_do(Rdnf5Repo * repo, uint32_t action) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_options_copy(const Rdnf5Repo * repo, Rdnf5StringList ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_set_option(
    Rdnf5Repo * repo, Rdnf5Bytes option, Rdnf5Bytes value, uint32_t priority) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_get_option_copy(
    const Rdnf5Repo * repo, Rdnf5Bytes option, Rdnf5String ** out, uint32_t * priority) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_repo_set_sync_strategy(Rdnf5Repo * repo, uint32_t strategy) RDNF5_NOEXCEPT;
/// The cached file of a metadata type (`primary`); empty when there is none.
Rdnf5Error * rdnf5_repo_metadata_path_copy(
    Rdnf5Repo * repo, Rdnf5Bytes type, Rdnf5String ** out) RDNF5_NOEXCEPT;
/// Downloads the repository's metadata to a directory (reposync).
Rdnf5Error * rdnf5_repo_download_metadata(
    Rdnf5Repo * repo, Rdnf5Bytes destdir, const Rdnf5DownloadCallbacks * downloads) RDNF5_NOEXCEPT;

/// Downloads a file to a path, with the main configuration's options for downloads.
Rdnf5Error * rdnf5_file_download(
    Rdnf5Base * base, Rdnf5Bytes url, Rdnf5Bytes path, const Rdnf5DownloadCallbacks * downloads) RDNF5_NOEXCEPT;

enum Rdnf5RepoCachePart {
    RDNF5_REPO_CACHE_ALL = 0,
    RDNF5_REPO_CACHE_METADATA = 1,
    RDNF5_REPO_CACHE_PACKAGES = 2,
    RDNF5_REPO_CACHE_SOLV_FILES = 3,
    RDNF5_REPO_CACHE_EXPIRE = 4  ///< removes nothing, marks the metadata as expired
};
typedef struct Rdnf5RepoCacheStatistics {
    uint64_t files;
    uint64_t directories;
    uint64_t bytes;
    uint64_t errors;
} Rdnf5RepoCacheStatistics;
/// Cleans one repository's cache directory.
Rdnf5Error * rdnf5_repo_cache_remove(
    Rdnf5Base * base, Rdnf5Bytes directory, uint32_t part, Rdnf5RepoCacheStatistics * out) RDNF5_NOEXCEPT;

/* ---- packages (package.cpp) ---- */

enum Rdnf5PackageString {
    RDNF5_PACKAGE_NAME = 0,
    RDNF5_PACKAGE_EPOCH = 1,
    RDNF5_PACKAGE_VERSION = 2,
    RDNF5_PACKAGE_RELEASE = 3,
    RDNF5_PACKAGE_ARCH = 4,
    RDNF5_PACKAGE_EVR = 5,
    RDNF5_PACKAGE_NEVRA = 6,
    RDNF5_PACKAGE_FULL_NEVRA = 7,
    RDNF5_PACKAGE_NA = 8,
    RDNF5_PACKAGE_GROUP = 9,
    RDNF5_PACKAGE_LICENSE = 10,
    RDNF5_PACKAGE_SOURCE_NAME = 11,
    RDNF5_PACKAGE_DEBUGSOURCE_NAME = 12,
    RDNF5_PACKAGE_DEBUGINFO_NAME_OF_SOURCE = 13,
    RDNF5_PACKAGE_DEBUGINFO_NAME = 14,
    RDNF5_PACKAGE_SOURCERPM = 15,
    RDNF5_PACKAGE_PACKAGER = 16,
    RDNF5_PACKAGE_VENDOR = 17,
    RDNF5_PACKAGE_URL = 18,
    RDNF5_PACKAGE_SUMMARY = 19,
    RDNF5_PACKAGE_DESCRIPTION = 20,
    RDNF5_PACKAGE_BASEURL = 21,
    RDNF5_PACKAGE_LOCATION = 22,
    RDNF5_PACKAGE_PACKAGE_PATH = 23,  ///< the file in the cache, downloaded or not
    RDNF5_PACKAGE_FROM_REPO_ID = 24,
    RDNF5_PACKAGE_REPO_ID = 25,
    RDNF5_PACKAGE_REPO_NAME = 26,
    RDNF5_PACKAGE_CHECKSUM = 27,
    RDNF5_PACKAGE_CHECKSUM_TYPE = 28,
    RDNF5_PACKAGE_HDR_CHECKSUM = 29
};
Rdnf5Error * rdnf5_package_get_string_copy(
    const Rdnf5Package * package, uint32_t field, Rdnf5String ** out) RDNF5_NOEXCEPT;

enum Rdnf5PackageNumber {
    RDNF5_PACKAGE_ID = 0,  ///< identifies the package within its base
    RDNF5_PACKAGE_DOWNLOAD_SIZE = 1,
    RDNF5_PACKAGE_INSTALL_SIZE = 2,
    RDNF5_PACKAGE_BUILD_TIME = 3,
    RDNF5_PACKAGE_INSTALL_TIME = 4,
    RDNF5_PACKAGE_HDR_END = 5,
    RDNF5_PACKAGE_MEDIA_NUMBER = 6,
    RDNF5_PACKAGE_RPMDBID = 7,  ///< the header's number in the rpm database; 0 when not installed
    RDNF5_PACKAGE_REASON = 8,   ///< one of Rdnf5Reason
    RDNF5_PACKAGE_IS_INSTALLED = 9,
    RDNF5_PACKAGE_IS_EXCLUDED = 10,
    RDNF5_PACKAGE_IS_AVAILABLE_LOCALLY = 11,
    RDNF5_PACKAGE_IS_PKG_GPGCHECK_ENABLED = 12
};
Rdnf5Error * rdnf5_package_get_number(const Rdnf5Package * package, uint32_t field, uint64_t * out) RDNF5_NOEXCEPT;

enum Rdnf5PackageStrings {
    RDNF5_PACKAGE_PROVIDES = 0,
    RDNF5_PACKAGE_REQUIRES = 1,
    RDNF5_PACKAGE_REQUIRES_PRE = 2,
    RDNF5_PACKAGE_CONFLICTS = 3,
    RDNF5_PACKAGE_OBSOLETES = 4,
    RDNF5_PACKAGE_PREREQ_IGNOREINST = 5,
    RDNF5_PACKAGE_REGULAR_REQUIRES = 6,
    RDNF5_PACKAGE_RECOMMENDS = 7,
    RDNF5_PACKAGE_SUGGESTS = 8,
    RDNF5_PACKAGE_ENHANCES = 9,
    RDNF5_PACKAGE_SUPPLEMENTS = 10,
    RDNF5_PACKAGE_DEPENDS = 11,
    RDNF5_PACKAGE_FILES = 12,
    RDNF5_PACKAGE_REMOTE_LOCATIONS = 13,
    RDNF5_PACKAGE_CHANGELOGS = 14  ///< seconds since the epoch, author, text, seconds, author, text, ...
};
Rdnf5Error * rdnf5_package_get_strings_copy(
    const Rdnf5Package * package, uint32_t field, Rdnf5StringList ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_copy(const Rdnf5Package * package, Rdnf5Package ** out) RDNF5_NOEXCEPT;
void rdnf5_package_free(Rdnf5Package * package) RDNF5_NOEXCEPT;

size_t rdnf5_package_list_size(const Rdnf5PackageList * list) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_list_get_copy(
    const Rdnf5PackageList * list, size_t index, Rdnf5Package ** out) RDNF5_NOEXCEPT;
void rdnf5_package_list_free(Rdnf5PackageList * list) RDNF5_NOEXCEPT;

/// Compares two versions as rpm does: negative, zero or positive.
Rdnf5Error * rdnf5_rpmvercmp(Rdnf5Bytes left, Rdnf5Bytes right, int32_t * out) RDNF5_NOEXCEPT;
/// Downloads packages.
/// @param destination  a directory; empty: the cache
Rdnf5Error * rdnf5_package_download(
    Rdnf5Base * base,
    const Rdnf5Package * const * packages,
    size_t count,
    Rdnf5Bytes destination,
    uint8_t resume,
    uint8_t fail_fast,
    const Rdnf5DownloadCallbacks * downloads) RDNF5_NOEXCEPT;

/// libdnf5's own numbers.
enum Rdnf5SignatureResult {
    RDNF5_SIGNATURE_OK = 0,
    RDNF5_SIGNATURE_SKIPPED = 1,
    RDNF5_SIGNATURE_FAILED_KEY_MISSING = 2,
    RDNF5_SIGNATURE_FAILED_NOT_TRUSTED = 3,
    RDNF5_SIGNATURE_FAILED_NOT_SIGNED = 4,
    RDNF5_SIGNATURE_FAILED = 5
};
/// Checks the signature of a package file against the installroot's keyring, whatever the configuration says.
Rdnf5Error * rdnf5_rpm_signature_check(Rdnf5Base * base, Rdnf5Bytes path, uint32_t * out) RDNF5_NOEXCEPT;
/// Imports every key of a key file or URL into the installroot's keyring.
/// @param out  how many keys there are in it
Rdnf5Error * rdnf5_rpm_signature_import_keys(Rdnf5Base * base, Rdnf5Bytes url, uint64_t * out) RDNF5_NOEXCEPT;

/* ---- package queries (query.cpp) ---- */

/// How a filter compares; values may be combined with NOT and ICASE. libdnf5's own numbers.
enum Rdnf5QueryCmp {
    RDNF5_CMP_NOT = 1 << 0,
    RDNF5_CMP_ICASE = 1 << 1,
    RDNF5_CMP_ISNULL = 1 << 7,
    RDNF5_CMP_EQ = 1 << 8,
    RDNF5_CMP_GT = 1 << 9,
    RDNF5_CMP_LT = 1 << 10,
    RDNF5_CMP_CONTAINS = 1 << 16,
    RDNF5_CMP_STARTSWITH = 1 << 17,
    RDNF5_CMP_ENDSWITH = 1 << 18,
    RDNF5_CMP_REGEX = 1 << 19,
    RDNF5_CMP_GLOB = 1 << 20
};

/// Which excludes a query leaves out of account. libdnf5's own numbers.
enum Rdnf5ExcludeFlags {
    RDNF5_APPLY_EXCLUDES = 0,
    RDNF5_IGNORE_MODULAR_EXCLUDES = 1 << 0,
    RDNF5_IGNORE_REGULAR_CONFIG_EXCLUDES = 1 << 1,
    RDNF5_IGNORE_REGULAR_USER_EXCLUDES = 1 << 2,
    RDNF5_IGNORE_REGULAR_EXCLUDES = RDNF5_IGNORE_REGULAR_CONFIG_EXCLUDES | RDNF5_IGNORE_REGULAR_USER_EXCLUDES,
    RDNF5_USE_DISABLED_REPOSITORIES = 1 << 3,
    RDNF5_IGNORE_VERSIONLOCK = 1 << 4
};

/// Sets the matching packages of the given repositories' configuration aside (`-x`, `excludepkgs`); after the repositories
/// are loaded it is done by load_repos itself, so this is for options changed later.
Rdnf5Error * rdnf5_package_sack_load_config_excludes_includes(Rdnf5Base * base) RDNF5_NOEXCEPT;
/// Adds packages to those that no query and no goal sees.
Rdnf5Error * rdnf5_package_sack_add_user_excludes(Rdnf5Base * base, const Rdnf5PackageQuery * excludes) RDNF5_NOEXCEPT;

/// All packages of all loaded repositories (none with `empty`).
Rdnf5Error * rdnf5_package_query_new(
    Rdnf5Base * base, uint32_t exclude_flags, uint8_t empty, Rdnf5PackageQuery ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_copy(const Rdnf5PackageQuery * query, Rdnf5PackageQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_package_query_free(Rdnf5PackageQuery * query) RDNF5_NOEXCEPT;

enum Rdnf5PackageFilter {
    RDNF5_FILTER_NAME = 0,
    RDNF5_FILTER_EPOCH = 1,
    RDNF5_FILTER_VERSION = 2,
    RDNF5_FILTER_RELEASE = 3,
    RDNF5_FILTER_ARCH = 4,
    RDNF5_FILTER_VENDOR = 5,  ///< since 5.3
    RDNF5_FILTER_EVR = 6,
    RDNF5_FILTER_NEVRA = 7,
    RDNF5_FILTER_SOURCERPM = 8,
    RDNF5_FILTER_URL = 9,
    RDNF5_FILTER_SUMMARY = 10,
    RDNF5_FILTER_DESCRIPTION = 11,
    RDNF5_FILTER_PROVIDES = 12,
    RDNF5_FILTER_REQUIRES = 13,
    RDNF5_FILTER_CONFLICTS = 14,
    RDNF5_FILTER_OBSOLETES = 15,
    RDNF5_FILTER_RECOMMENDS = 16,
    RDNF5_FILTER_SUGGESTS = 17,
    RDNF5_FILTER_ENHANCES = 18,
    RDNF5_FILTER_SUPPLEMENTS = 19,
    RDNF5_FILTER_FILE = 20,
    RDNF5_FILTER_LOCATION = 21,
    RDNF5_FILTER_REPO_ID = 22,
    RDNF5_FILTER_FROM_REPO_ID = 23  ///< since 5.2.14
};
/// Keeps packages that match any of the patterns.
Rdnf5Error * rdnf5_package_query_filter_strings(
    Rdnf5PackageQuery * query, uint32_t filter, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) RDNF5_NOEXCEPT;

enum Rdnf5PackageSetFilter {
    RDNF5_SET_FILTER_NAME = 0,
    RDNF5_SET_FILTER_NAME_ARCH = 1,
    RDNF5_SET_FILTER_NEVRA = 2,
    RDNF5_SET_FILTER_REQUIRES = 3,  ///< requires anything that a package of the set provides
    RDNF5_SET_FILTER_CONFLICTS = 4,
    RDNF5_SET_FILTER_OBSOLETES = 5,
    RDNF5_SET_FILTER_RECOMMENDS = 6,
    RDNF5_SET_FILTER_SUGGESTS = 7,
    RDNF5_SET_FILTER_ENHANCES = 8,
    RDNF5_SET_FILTER_SUPPLEMENTS = 9
};
Rdnf5Error * rdnf5_package_query_filter_set(
    Rdnf5PackageQuery * query, uint32_t filter, const Rdnf5PackageQuery * set, uint32_t cmp) RDNF5_NOEXCEPT;

/// Keeps packages that provide what the packages of a set have in an attribute (`requires`, `recommends` ...).
Rdnf5Error * rdnf5_package_query_filter_provides_of(
    Rdnf5PackageQuery * query, const Rdnf5PackageQuery * set, Rdnf5Bytes attribute, uint32_t cmp) RDNF5_NOEXCEPT;
/// Keeps installed packages that no other one requires, and calls `each` for every group of packages that only require each other.
/// The list is borrowed until `each` returns.
Rdnf5Error * rdnf5_package_query_filter_leaves_groups(
    Rdnf5PackageQuery * query,
    void * user,
    void (*each)(void * user, const Rdnf5PackageList * group)) RDNF5_NOEXCEPT;
/// Keeps packages of advisories. `cmp` compares versions: EQ, or GTE for newer ones too.
Rdnf5Error * rdnf5_package_query_filter_advisories(
    Rdnf5PackageQuery * query, const Rdnf5AdvisoryQuery * advisories, uint32_t cmp) RDNF5_NOEXCEPT;

enum Rdnf5PackageStateFilter {
    RDNF5_STATE_INSTALLED = 0,
    RDNF5_STATE_AVAILABLE = 1,
    RDNF5_STATE_UPGRADES = 2,
    RDNF5_STATE_DOWNGRADES = 3,
    RDNF5_STATE_UPGRADABLE = 4,
    RDNF5_STATE_DOWNGRADABLE = 5,
    RDNF5_STATE_PRIORITY = 6,
    RDNF5_STATE_EXTRAS = 7,
    RDNF5_STATE_EXTRAS_EXACT_EVR = 8,
    RDNF5_STATE_USERINSTALLED = 9,
    RDNF5_STATE_UNNEEDED = 10,
    RDNF5_STATE_UNNEEDED_NOT_PROTECTED = 11,
    RDNF5_STATE_DUPLICATES = 12,
    RDNF5_STATE_LEAVES = 13,
    RDNF5_STATE_REBOOT_SUGGESTED = 14,
    RDNF5_STATE_INSTALLONLY = 15,
    RDNF5_STATE_VERSIONLOCK = 16
};
Rdnf5Error * rdnf5_package_query_filter_state(Rdnf5PackageQuery * query, uint32_t filter) RDNF5_NOEXCEPT;

enum Rdnf5PackageLimitFilter {
    RDNF5_LIMIT_LATEST_EVR = 0,
    RDNF5_LIMIT_LATEST_EVR_ANY_ARCH = 1,
    RDNF5_LIMIT_EARLIEST_EVR = 2,
    RDNF5_LIMIT_EARLIEST_EVR_ANY_ARCH = 3
};
/// Keeps `limit` versions of each package; a negative limit keeps all but that many.
Rdnf5Error * rdnf5_package_query_filter_limit(
    Rdnf5PackageQuery * query, uint32_t filter, int32_t limit) RDNF5_NOEXCEPT;
/// Packages of repositories not older than `timestamp` (seconds since the epoch).
Rdnf5Error * rdnf5_package_query_filter_recent(Rdnf5PackageQuery * query, int64_t timestamp) RDNF5_NOEXCEPT;

enum Rdnf5SetOperation { RDNF5_SET_UNION = 0, RDNF5_SET_INTERSECTION = 1, RDNF5_SET_DIFFERENCE = 2 };
Rdnf5Error * rdnf5_package_query_combine(
    Rdnf5PackageQuery * query, uint32_t operation, const Rdnf5PackageQuery * other) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_add(Rdnf5PackageQuery * query, const Rdnf5Package * package) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_remove(Rdnf5PackageQuery * query, const Rdnf5Package * package) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_contains(
    const Rdnf5PackageQuery * query, const Rdnf5Package * package, uint8_t * out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_package_query_size(const Rdnf5PackageQuery * query, size_t * out) RDNF5_NOEXCEPT;
/// In the pool's order; `sorted` by name, version and architecture as dnf5 prints them.
Rdnf5Error * rdnf5_package_query_list_copy(
    const Rdnf5PackageQuery * query, uint8_t sorted, Rdnf5PackageList ** out) RDNF5_NOEXCEPT;
/// Keeps what a specification on dnf5's command line means (NEVRA in all its forms, provides, file, binary; globs).
/// @param matched   whether anything matched
/// @param with_src  match source packages too
/// @param settings  may be NULL
Rdnf5Error * rdnf5_package_query_resolve_pkg_spec(
    Rdnf5PackageQuery * query,
    Rdnf5Bytes spec,
    const Rdnf5GoalJobSettings * settings,
    uint8_t with_src,
    uint8_t * matched) RDNF5_NOEXCEPT;
/// Whether the packages of the query satisfy a dependency. Since 5.3.0.1.
Rdnf5Error * rdnf5_package_query_is_dep_satisfied(
    Rdnf5PackageQuery * query, Rdnf5Bytes reldep, uint8_t * out) RDNF5_NOEXCEPT;

/* ---- goals (goal.cpp) ---- */

Rdnf5Error * rdnf5_goal_job_settings_new(Rdnf5GoalJobSettings ** out) RDNF5_NOEXCEPT;
void rdnf5_goal_job_settings_free(Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;

enum Rdnf5GoalFlag {
    RDNF5_GOAL_FLAG_IGNORE_CASE = 0,
    RDNF5_GOAL_FLAG_WITH_NEVRA = 1,
    RDNF5_GOAL_FLAG_WITH_PROVIDES = 2,
    RDNF5_GOAL_FLAG_WITH_FILENAMES = 3,
    RDNF5_GOAL_FLAG_WITH_BINARIES = 4,
    RDNF5_GOAL_FLAG_EXPAND_GLOBS = 5,
    RDNF5_GOAL_FLAG_GROUP_WITH_ID = 6,
    RDNF5_GOAL_FLAG_GROUP_WITH_NAME = 7,
    RDNF5_GOAL_FLAG_GROUP_SEARCH_GROUPS = 8,
    RDNF5_GOAL_FLAG_GROUP_SEARCH_ENVIRONMENTS = 9,
    RDNF5_GOAL_FLAG_GROUP_NO_PACKAGES = 10,
    RDNF5_GOAL_FLAG_ENVIRONMENT_NO_GROUPS = 11,
    RDNF5_GOAL_FLAG_REPORT_HINT = 12,
    RDNF5_GOAL_FLAG_IGNORE_EXTRAS = 13,
    RDNF5_GOAL_FLAG_IGNORE_INSTALLED = 14,
    RDNF5_GOAL_FLAG_OVERRIDE_REASONS = 15
};
Rdnf5Error * rdnf5_goal_job_settings_set_flag(
    Rdnf5GoalJobSettings * settings, uint32_t flag, uint8_t value) RDNF5_NOEXCEPT;

enum Rdnf5GoalSetting {
    RDNF5_GOAL_SKIP_BROKEN = 0,
    RDNF5_GOAL_SKIP_UNAVAILABLE = 1,
    RDNF5_GOAL_BEST = 2,
    RDNF5_GOAL_CLEAN_REQUIREMENTS_ON_REMOVE = 3
};
enum Rdnf5GoalSettingValue { RDNF5_GOAL_AUTO = 0, RDNF5_GOAL_TRUE = 1, RDNF5_GOAL_FALSE = 2 };
/// AUTO (the default) takes the configuration's value.
Rdnf5Error * rdnf5_goal_job_settings_set(
    Rdnf5GoalJobSettings * settings, uint32_t setting, uint32_t value) RDNF5_NOEXCEPT;

enum Rdnf5GoalStrings {
    RDNF5_GOAL_FROM_REPO_IDS = 0,
    RDNF5_GOAL_TO_REPO_IDS = 1,
    RDNF5_GOAL_TO_VENDORS = 2,  ///< not in 5.2
};
Rdnf5Error * rdnf5_goal_job_settings_set_strings(
    Rdnf5GoalJobSettings * settings, uint32_t field, const Rdnf5Bytes * values, size_t count) RDNF5_NOEXCEPT;

/// libdnf5's own numbers.
enum Rdnf5CompsPackageType {
    RDNF5_COMPS_CONDITIONAL = 1 << 0,
    RDNF5_COMPS_DEFAULT = 1 << 1,
    RDNF5_COMPS_MANDATORY = 1 << 2,
    RDNF5_COMPS_OPTIONAL = 1 << 3
};
Rdnf5Error * rdnf5_goal_job_settings_set_group_package_types(
    Rdnf5GoalJobSettings * settings, uint32_t types) RDNF5_NOEXCEPT;

/// Only packages of these advisories.
Rdnf5Error * rdnf5_goal_job_settings_set_advisory_filter(
    Rdnf5GoalJobSettings * settings, const Rdnf5AdvisoryQuery * advisories) RDNF5_NOEXCEPT;

/// Why a package is installed. libdnf5's own numbers.
enum Rdnf5Reason {
    RDNF5_REASON_NONE = 0,
    RDNF5_REASON_DEPENDENCY = 1,
    RDNF5_REASON_USER = 2,
    RDNF5_REASON_CLEAN = 3,
    RDNF5_REASON_WEAK_DEPENDENCY = 4,
    RDNF5_REASON_GROUP = 5,
    RDNF5_REASON_EXTERNAL_USER = 6
};

Rdnf5Error * rdnf5_goal_new(Rdnf5Base * base, Rdnf5Goal ** out) RDNF5_NOEXCEPT;
void rdnf5_goal_free(Rdnf5Goal * goal) RDNF5_NOEXCEPT;

enum Rdnf5GoalJob {
    RDNF5_GOAL_INSTALL = 0,  ///< specifications of packages, @groups and modules
    RDNF5_GOAL_REMOVE = 1,
    RDNF5_GOAL_UPGRADE = 2,
    RDNF5_GOAL_UPGRADE_MINIMAL = 3,
    RDNF5_GOAL_DOWNGRADE = 4,
    RDNF5_GOAL_REINSTALL = 5,
    RDNF5_GOAL_DEBUG_INSTALL = 6,
    RDNF5_GOAL_RPM_INSTALL = 7,  ///< packages alone
    RDNF5_GOAL_RPM_REMOVE = 8,
    RDNF5_GOAL_RPM_UPGRADE = 9,
    RDNF5_GOAL_RPM_UPGRADE_MINIMAL = 10,
    RDNF5_GOAL_RPM_DOWNGRADE = 11,
    RDNF5_GOAL_RPM_REINSTALL = 12,
    RDNF5_GOAL_RPM_DISTRO_SYNC = 13,
    RDNF5_GOAL_RPM_INSTALL_OR_REINSTALL = 14,
    RDNF5_GOAL_PROVIDE_INSTALL = 15,
    RDNF5_GOAL_GROUP_UPGRADE = 16,
    RDNF5_GOAL_MODULE_ENABLE = 17,
    RDNF5_GOAL_MODULE_DISABLE = 18,
    RDNF5_GOAL_MODULE_RESET = 19,
    RDNF5_GOAL_GROUP_INSTALL = 20,  ///< with a reason, see rdnf5_goal_add_group()
    RDNF5_GOAL_GROUP_REMOVE = 21
};
/// Adds a job for a specification. @param settings  may be NULL here and below
Rdnf5Error * rdnf5_goal_add(
    Rdnf5Goal * goal, uint32_t job, Rdnf5Bytes spec, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Adds a job for everything installed: RPM_UPGRADE, RPM_UPGRADE_MINIMAL or RPM_DISTRO_SYNC.
Rdnf5Error * rdnf5_goal_add_all(Rdnf5Goal * goal, uint32_t job, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Adds a job of an RPM_ kind for one package.
Rdnf5Error * rdnf5_goal_add_package(
    Rdnf5Goal * goal, uint32_t job, const Rdnf5Package * package, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Adds a job of an RPM_ kind (but RPM_DOWNGRADE and RPM_REINSTALL) for one package out of a set.
Rdnf5Error * rdnf5_goal_add_packages(
    Rdnf5Goal * goal,
    uint32_t job,
    const Rdnf5PackageQuery * packages,
    const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// GROUP_INSTALL or GROUP_REMOVE of groups and environments.
Rdnf5Error * rdnf5_goal_add_group(
    Rdnf5Goal * goal,
    uint32_t job,
    Rdnf5Bytes spec,
    uint32_t reason,
    const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// `mark`: `group_id` matters for RDNF5_REASON_GROUP.
Rdnf5Error * rdnf5_goal_add_rpm_reason_change(
    Rdnf5Goal * goal,
    Rdnf5Bytes spec,
    uint32_t reason,
    Rdnf5Bytes group_id,
    const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Replays a transaction that was stored at `path`.
Rdnf5Error * rdnf5_goal_add_serialized_transaction(
    Rdnf5Goal * goal, Rdnf5Bytes path, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
/// Undoes transactions of the history, given with the oldest first.
Rdnf5Error * rdnf5_goal_add_revert_transactions(
    Rdnf5Goal * goal, const int64_t * ids, size_t count, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_goal_add_redo_transaction(
    Rdnf5Goal * goal, int64_t id, const Rdnf5GoalJobSettings * settings) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_goal_set_allow_erasing(Rdnf5Goal * goal, uint8_t value) RDNF5_NOEXCEPT;
/// Solves the jobs. A transaction with problems is a success here; see rdnf5_transaction_problems().
Rdnf5Error * rdnf5_goal_resolve(Rdnf5Goal * goal, Rdnf5Transaction ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_goal_reset(Rdnf5Goal * goal) RDNF5_NOEXCEPT;

/* ---- transactions (transaction.cpp) ---- */

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

/* ---- version locks (versionlock.cpp) ---- */

/// The entries of the installroot's versionlock.toml, one after the other. Each is: name, comment, its text as dnf5 shows it with
/// errors, the same without, the number of its conditions, and for each of them key, comparator and value.
Rdnf5Error * rdnf5_versionlock_copy(Rdnf5Base * base, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

/* ---- history (history.cpp) ---- */

/// Transactions of the installroot's history, newest first.
/// @param ids  only these, each as often as it is named; NULL: all
Rdnf5Error * rdnf5_history_new(
    Rdnf5Base * base, const int64_t * ids, size_t count, Rdnf5History ** out) RDNF5_NOEXCEPT;
/// The newest transaction's number, 0 when there is none.
Rdnf5Error * rdnf5_history_last_id(Rdnf5Base * base, int64_t * out) RDNF5_NOEXCEPT;
void rdnf5_history_free(Rdnf5History * history) RDNF5_NOEXCEPT;
/// Keeps transactions with packages of these names (globs). Unsupported where libdnf5 has no such filter.
Rdnf5Error * rdnf5_history_filter_package_names(
    Rdnf5Base * base, Rdnf5History * history, const Rdnf5Bytes * names, size_t count) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_history_reverse(Rdnf5History * history) RDNF5_NOEXCEPT;
size_t rdnf5_history_size(const Rdnf5History * history) RDNF5_NOEXCEPT;

/// libdnf5's own numbers.
enum Rdnf5HistoryState { RDNF5_HISTORY_STARTED = 1, RDNF5_HISTORY_OK = 2, RDNF5_HISTORY_ERROR = 3 };
typedef struct Rdnf5HistoryTransaction {
    int64_t id;
    int64_t start;  ///< seconds since the epoch
    int64_t end;
    uint32_t user_id;
    uint32_t state;
    Rdnf5Bytes description;
    Rdnf5Bytes comment;
    Rdnf5Bytes releasever;
    Rdnf5Bytes rpmdb_version_begin;
    Rdnf5Bytes rpmdb_version_end;
} Rdnf5HistoryTransaction;
/// Its views live as long as the history.
Rdnf5Error * rdnf5_history_get_view(
    const Rdnf5History * history, size_t index, Rdnf5HistoryTransaction * out) RDNF5_NOEXCEPT;

typedef struct Rdnf5HistoryItem {
    uint32_t action;  ///< one of Rdnf5Action
    uint32_t reason;  ///< one of Rdnf5Reason
    uint32_t state;   ///< one of Rdnf5ItemState
    Rdnf5Bytes name;  ///< a package's NEVRA, or a group or environment as text
    Rdnf5Bytes repo_id;
} Rdnf5HistoryItem;
enum Rdnf5HistoryItems {
    RDNF5_HISTORY_PACKAGES = 0,
    RDNF5_HISTORY_GROUPS = 1,
    RDNF5_HISTORY_ENVIRONMENTS = 2
};
Rdnf5Error * rdnf5_history_items(
    Rdnf5History * history,
    size_t index,
    uint32_t kind,
    void * user,
    void (*each)(void * user, const Rdnf5HistoryItem * item)) RDNF5_NOEXCEPT;
/// A transaction of the history as JSON, to be replayed.
Rdnf5Error * rdnf5_history_serialize_copy(
    Rdnf5History * history, size_t index, Rdnf5String ** out) RDNF5_NOEXCEPT;

/* ---- transactions to be done later (offline.cpp) ---- */

/// State of the installroot's offline transaction.
/// Reads the state. A state that cannot be read is no error here; see rdnf5_offline_read_error_copy().
Rdnf5Error * rdnf5_offline_new(Rdnf5Base * base, Rdnf5Offline ** out) RDNF5_NOEXCEPT;
void rdnf5_offline_free(Rdnf5Offline * offline) RDNF5_NOEXCEPT;
/// Why the state cannot be read; empty when it could be, or when there is none.
Rdnf5Error * rdnf5_offline_read_error_copy(const Rdnf5Offline * offline, Rdnf5String ** out) RDNF5_NOEXCEPT;
/// Whether a transaction waits to be done.
Rdnf5Error * rdnf5_offline_is_pending(const Rdnf5Offline * offline, uint8_t * out) RDNF5_NOEXCEPT;
enum Rdnf5OfflineField {
    RDNF5_OFFLINE_STATUS = 0,
    RDNF5_OFFLINE_VERB = 1,      ///< the command that prepared it, such as `upgrade`
    RDNF5_OFFLINE_CMD_LINE = 2,
    RDNF5_OFFLINE_CACHEDIR = 3,
    RDNF5_OFFLINE_SYSTEM_RELEASEVER = 4,
    RDNF5_OFFLINE_TARGET_RELEASEVER = 5,
    RDNF5_OFFLINE_MODULE_PLATFORM_ID = 6
};
Rdnf5Error * rdnf5_offline_get_copy(Rdnf5Offline * offline, uint32_t field, Rdnf5String ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_offline_set(Rdnf5Offline * offline, uint32_t field, Rdnf5Bytes text) RDNF5_NOEXCEPT;
/// Keeps the cookie of the rpm database (not in libdnf5 5.2: RDNF5_ERROR_UNSUPPORTED), to tell later whether it was changed meanwhile.
Rdnf5Error * rdnf5_offline_capture_rpmdb_cookie(Rdnf5Offline * offline, Rdnf5Base * base) RDNF5_NOEXCEPT;
/// Whether the rpm database is as it was.
Rdnf5Error * rdnf5_offline_check_rpmdb_cookie(
    const Rdnf5Offline * offline, Rdnf5Base * base, uint8_t * out) RDNF5_NOEXCEPT;
/// Writes the state.
Rdnf5Error * rdnf5_offline_write(Rdnf5Offline * offline) RDNF5_NOEXCEPT;

/* ---- groups and environments (comps.cpp) ---- */

Rdnf5Error * rdnf5_group_query_new(Rdnf5Base * base, uint8_t empty, Rdnf5GroupQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_group_query_free(Rdnf5GroupQuery * query) RDNF5_NOEXCEPT;
enum Rdnf5GroupFilter {
    RDNF5_GROUP_FILTER_ID = 0,
    RDNF5_GROUP_FILTER_NAME = 1,
    RDNF5_GROUP_FILTER_PACKAGE_NAME = 2
};
Rdnf5Error * rdnf5_group_query_filter_strings(
    Rdnf5GroupQuery * query, uint32_t filter, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) RDNF5_NOEXCEPT;
enum Rdnf5GroupFlagFilter {
    RDNF5_GROUP_FILTER_USERVISIBLE = 0,
    RDNF5_GROUP_FILTER_DEFAULT = 1,
    RDNF5_GROUP_FILTER_INSTALLED = 2
};
Rdnf5Error * rdnf5_group_query_filter_flag(Rdnf5GroupQuery * query, uint32_t filter, uint8_t value) RDNF5_NOEXCEPT;
/// Adds the groups of another query.
Rdnf5Error * rdnf5_group_query_update(Rdnf5GroupQuery * query, const Rdnf5GroupQuery * other) RDNF5_NOEXCEPT;
typedef struct Rdnf5Group {
    Rdnf5Bytes id;
    Rdnf5Bytes name;
    Rdnf5Bytes description;
    uint32_t reason;  ///< one of Rdnf5Reason
    uint8_t is_installed;
    uint8_t is_uservisible;
    /// An environment's groups, or a group's packages.
    const Rdnf5StringList * members;
    /// A group's package's types (Rdnf5CompsPackageType), one for each member; NULL for environments.
    const uint32_t * member_types;
} Rdnf5Group;
/// Calls `each` for every group in the order in which dnf5 lists them; what it gets is borrowed until it returns.
Rdnf5Error * rdnf5_group_query_each(
    const Rdnf5GroupQuery * query, void * user, void (*each)(void * user, const Rdnf5Group * group)) RDNF5_NOEXCEPT;

Rdnf5Error * rdnf5_environment_query_new(
    Rdnf5Base * base, uint8_t empty, Rdnf5EnvironmentQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_environment_query_free(Rdnf5EnvironmentQuery * query) RDNF5_NOEXCEPT;
/// ID or NAME of Rdnf5GroupFilter.
Rdnf5Error * rdnf5_environment_query_filter_strings(
    Rdnf5EnvironmentQuery * query,
    uint32_t filter,
    const Rdnf5Bytes * patterns,
    size_t count,
    uint32_t cmp) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_environment_query_filter_installed(Rdnf5EnvironmentQuery * query, uint8_t value) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_environment_query_update(
    Rdnf5EnvironmentQuery * query, const Rdnf5EnvironmentQuery * other) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_environment_query_each(
    const Rdnf5EnvironmentQuery * query,
    void * user,
    void (*each)(void * user, const Rdnf5Group * environment)) RDNF5_NOEXCEPT;

/* ---- advisories (advisory.cpp) ---- */

Rdnf5Error * rdnf5_advisory_query_new(Rdnf5Base * base, Rdnf5AdvisoryQuery ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_advisory_query_copy(
    const Rdnf5AdvisoryQuery * query, Rdnf5AdvisoryQuery ** out) RDNF5_NOEXCEPT;
void rdnf5_advisory_query_free(Rdnf5AdvisoryQuery * query) RDNF5_NOEXCEPT;
enum Rdnf5AdvisoryFilter {
    RDNF5_ADVISORY_FILTER_NAME = 0,
    RDNF5_ADVISORY_FILTER_TYPE = 1,      ///< security, bugfix, enhancement, newpackage
    RDNF5_ADVISORY_FILTER_SEVERITY = 2,  ///< critical, important, moderate, low, none
    RDNF5_ADVISORY_FILTER_BUGZILLA = 3,  ///< references of type bugzilla
    RDNF5_ADVISORY_FILTER_CVE = 4        ///< references of type cve
};
Rdnf5Error * rdnf5_advisory_query_filter_strings(
    Rdnf5AdvisoryQuery * query,
    uint32_t filter,
    const Rdnf5Bytes * patterns,
    size_t count,
    uint32_t cmp) RDNF5_NOEXCEPT;
/// Keeps advisories with a package of the set, its version compared with `cmp`.
Rdnf5Error * rdnf5_advisory_query_filter_packages(
    Rdnf5AdvisoryQuery * query, const Rdnf5PackageQuery * packages, uint32_t cmp) RDNF5_NOEXCEPT;
/// RDNF5_SET_UNION, RDNF5_SET_INTERSECTION or RDNF5_SET_DIFFERENCE with another query.
Rdnf5Error * rdnf5_advisory_query_combine(
    Rdnf5AdvisoryQuery * query, uint32_t operation, const Rdnf5AdvisoryQuery * other) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_advisory_query_size(const Rdnf5AdvisoryQuery * query, size_t * out) RDNF5_NOEXCEPT;
/// The names of the advisories, sorted.
Rdnf5Error * rdnf5_advisory_query_names_copy(
    const Rdnf5AdvisoryQuery * query, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

/* ---- modules (module.cpp) ---- */

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

/* ---- output as dnf5 prints it, by libdnf5-cli (output.cpp) ----
 *
 * All of these write to the C standard output (resolve logs: standard error) and flush it. */

/// Writes text to a descriptor that is a terminal, or as much of it as should reach one.
typedef void (*Rdnf5ScreenWrite)(int32_t descriptor, const uint8_t * text, size_t size);
/// From now on what is printed to a terminal goes through `write`; NULL ends it. It may not unwind.
void rdnf5_output_set_screen(Rdnf5ScreenWrite write) RDNF5_NOEXCEPT;

enum Rdnf5Coloring { RDNF5_COLORING_AUTO = 0, RDNF5_COLORING_ALWAYS = 1, RDNF5_COLORING_NEVER = 2 };
Rdnf5Error * rdnf5_output_coloring_enable(uint32_t coloring) RDNF5_NOEXCEPT;
uint8_t rdnf5_output_is_interactive(void) RDNF5_NOEXCEPT;
/// @return columns of the terminal
int32_t rdnf5_output_width(void) RDNF5_NOEXCEPT;
/// A number of bytes as dnf5 writes it.
Rdnf5Error * rdnf5_output_format_size_copy(int64_t size, Rdnf5String ** out) RDNF5_NOEXCEPT;

/// repoquery: the format for each package, duplicate lines left out.
Rdnf5Error * rdnf5_output_pkg_set_with_format(const Rdnf5PackageQuery * packages, Rdnf5Bytes format) RDNF5_NOEXCEPT;
/// repoquery: the values of an attribute of all packages, sorted, each once.
Rdnf5Error * rdnf5_output_pkg_attr_uniq_sorted(
    const Rdnf5PackageQuery * packages, Rdnf5Bytes attribute) RDNF5_NOEXCEPT;
/// repoquery: the names that a format may have.
Rdnf5Error * rdnf5_output_available_pkg_attrs(void) RDNF5_NOEXCEPT;
/// Whether a format needs the `filelists` metadata.
Rdnf5Error * rdnf5_output_requires_filelists(Rdnf5Bytes format, uint8_t * out) RDNF5_NOEXCEPT;
/// repoquery --info.
Rdnf5Error * rdnf5_output_package_info(const Rdnf5Package * package) RDNF5_NOEXCEPT;

/// Colours of package lists by comparison with other versions.
typedef struct Rdnf5PackageColors {
    const Rdnf5PackageQuery * base_versions;
    Rdnf5Bytes not_found;
    Rdnf5Bytes lower;
    Rdnf5Bytes equal;
    Rdnf5Bytes greater;
} Rdnf5PackageColors;
typedef struct Rdnf5PackageSection {
    Rdnf5Bytes heading;
    const Rdnf5PackageQuery * packages;
    /// Pairs of a package of the section and one that it obsoletes.
    const Rdnf5Package * const * obsoleters;
    const Rdnf5Package * const * obsoleted;
    size_t obsoletes;
} Rdnf5PackageSection;
enum Rdnf5PackageSections {
    RDNF5_SECTIONS_LIST = 0,
    RDNF5_SECTIONS_INFO = 1,
    RDNF5_SECTIONS_LIST_JSON = 2,
    RDNF5_SECTIONS_INFO_JSON = 3
};
/// list and info. @param colors  may be NULL  @param out  whether there was any package
Rdnf5Error * rdnf5_output_package_sections(
    uint32_t kind,
    const Rdnf5PackageSection * sections,
    size_t count,
    const Rdnf5PackageColors * colors,
    uint8_t * out) RDNF5_NOEXCEPT;

/// repo list, sorted by id. @param with_status  the column enabled/disabled
Rdnf5Error * rdnf5_output_repolist(
    const Rdnf5RepoQuery * repos, uint8_t with_status, uint8_t json) RDNF5_NOEXCEPT;
/// repo info, sorted by id. The repositories' packages are counted as far as they are loaded.
Rdnf5Error * rdnf5_output_repoinfo(const Rdnf5RepoQuery * repos, uint8_t json) RDNF5_NOEXCEPT;

enum Rdnf5TransactionOutput {
    RDNF5_OUTPUT_TRANSACTION = 0,  ///< table and summary, or "Nothing to do."
    RDNF5_OUTPUT_TRANSACTION_TABLE = 1,
    RDNF5_OUTPUT_TRANSACTION_SUMMARY = 2,
    RDNF5_OUTPUT_TRANSACTION_RESOLVE_LOGS = 3  ///< on standard error
};
/// @param out  false when the transaction is empty
Rdnf5Error * rdnf5_output_transaction(
    const Rdnf5Transaction * transaction, uint32_t what, uint8_t * out) RDNF5_NOEXCEPT;

/// provides: libdnf5-cli's own numbers of how a package matched.
enum Rdnf5ProvidesMatchedBy {
    RDNF5_PROVIDES_NO_MATCH = 0,
    RDNF5_PROVIDES_PROVIDES = 1,
    RDNF5_PROVIDES_FILENAME = 2,
    RDNF5_PROVIDES_BINARY = 3
};
Rdnf5Error * rdnf5_output_provides(
    const Rdnf5Package * package, Rdnf5Bytes spec, uint32_t matched_by) RDNF5_NOEXCEPT;

typedef struct Rdnf5SearchGroup {
    /// Names of the keys that matched, and whether each did exactly.
    const Rdnf5Bytes * keys;
    const uint8_t * exact;
    size_t key_count;
    const Rdnf5PackageQuery * packages;
} Rdnf5SearchGroup;
typedef struct Rdnf5SearchOptions {
    uint8_t search_all;
    uint8_t show_duplicates;
    uint8_t search_name;
    uint8_t search_summary;
} Rdnf5SearchOptions;
Rdnf5Error * rdnf5_output_search(
    Rdnf5SearchOptions options,
    const Rdnf5Bytes * patterns,
    size_t pattern_count,
    const Rdnf5SearchGroup * groups,
    size_t group_count) RDNF5_NOEXCEPT;

Rdnf5Error * rdnf5_output_history_list(Rdnf5History * history, uint8_t json) RDNF5_NOEXCEPT;
/// history info of every transaction of the history.
Rdnf5Error * rdnf5_output_history_info(Rdnf5History * history, uint8_t json) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_output_grouplist(const Rdnf5GroupQuery * query) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_output_groupinfo(const Rdnf5GroupQuery * query) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_output_environmentlist(const Rdnf5EnvironmentQuery * query) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_output_environmentinfo(const Rdnf5EnvironmentQuery * query) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_output_modulelist(const Rdnf5ModuleQuery * query) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_output_moduleinfo(const Rdnf5ModuleQuery * query) RDNF5_NOEXCEPT;

enum Rdnf5ChangelogFilter {
    RDNF5_CHANGELOG_ALL = 0,
    RDNF5_CHANGELOG_UPGRADES = 1,  ///< newer than in the installed packages of `installed`
    RDNF5_CHANGELOG_COUNT = 2,     ///< `number` entries
    RDNF5_CHANGELOG_SINCE = 3      ///< since `number`, in seconds since the epoch
};
Rdnf5Error * rdnf5_output_changelogs(
    Rdnf5PackageQuery * packages, uint32_t filter, int64_t number, const Rdnf5PackageQuery * installed) RDNF5_NOEXCEPT;

/// advisory list: advisories' packages that are not installed in that version, and those that are. The packages are compared with
/// `cmp` (of Rdnf5QueryCmp) to those of the sets.
/// @param reference_type  `bugzilla` or `cve` for a line per reference; empty for a line per package
Rdnf5Error * rdnf5_output_advisorylist(
    const Rdnf5AdvisoryQuery * not_installed,
    const Rdnf5PackageQuery * not_installed_packages,
    uint32_t not_installed_cmp,
    const Rdnf5AdvisoryQuery * installed,
    const Rdnf5PackageQuery * installed_packages,
    uint32_t installed_cmp,
    Rdnf5Bytes reference_type,
    uint8_t json) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_output_advisoryinfo(const Rdnf5AdvisoryQuery * query, uint8_t json) RDNF5_NOEXCEPT;
/// @param mode  such as `available`, as it appears in the heading
Rdnf5Error * rdnf5_output_advisorysummary(const Rdnf5AdvisoryQuery * query, Rdnf5Bytes mode) RDNF5_NOEXCEPT;
/// status.
Rdnf5Error * rdnf5_output_status(Rdnf5Base * base, const Rdnf5GroupQuery * groups) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
