/* Version locks (versionlock.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The entries of the installroot's versionlock.toml, one after the other. Each is: name, comment, its text as dnf5 shows it with
/// errors, the same without, the number of its conditions, and for each of them key, comparator and value.
Rdnf5Error * rdnf5_versionlock_copy(Rdnf5Base * base, Rdnf5StringList ** out) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
