/* History (history.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
