/* Base (base.cpp). */
#pragma once

#include "types.h"
#include "callbacks.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
