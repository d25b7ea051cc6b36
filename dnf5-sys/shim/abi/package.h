/* Packages (package.cpp). */
#pragma once

#include "types.h"
#include "callbacks.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
