/* Callbacks (callbacks.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
