/* A C ABI over libdnf5 and libdnf5-cli, the only header that bindgen reads; `abi/` has a part for each area.
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
#pragma once

#include "abi/error.h"
#include "abi/strings.h"
#include "abi/callbacks.h"
#include "abi/base.h"
#include "abi/config.h"
#include "abi/repo.h"
#include "abi/package.h"
#include "abi/query.h"
#include "abi/goal.h"
#include "abi/transaction.h"
#include "abi/versionlock.h"
#include "abi/history.h"
#include "abi/offline.h"
#include "abi/comps.h"
#include "abi/advisory.h"
#include "abi/module.h"
#include "abi/output.h"
