/* Repositories (repo.cpp). */
#pragma once

#include "types.h"
#include "callbacks.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
