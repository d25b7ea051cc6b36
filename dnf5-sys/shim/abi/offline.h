/* Transactions to be done later (offline.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
