/* Output as dnf5 prints it, by libdnf5-cli (output.cpp).
 *
 * All of these write to the C standard output (resolve logs: standard error) and flush it. */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

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
