/* Errors (error.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
