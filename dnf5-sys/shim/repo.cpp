#include "callbacks.hpp"

#include <libdnf5/repo/file_downloader.hpp>
#include <libdnf5/repo/repo_cache.hpp>
#include <libdnf5/repo/repo_sack.hpp>

#include <algorithm>

using namespace redpak;
using libdnf5::repo::Repo;
using libdnf5::repo::RepoWeakPtr;

namespace {

static_assert(to_number(Repo::Type::AVAILABLE) == RDNF5_REPO_AVAILABLE);
static_assert(to_number(Repo::Type::SYSTEM) == RDNF5_REPO_SYSTEM);
static_assert(to_number(Repo::Type::COMMANDLINE) == RDNF5_REPO_COMMANDLINE);
static_assert(to_number(Repo::SyncStrategy::LAZY) == RDNF5_SYNC_LAZY);
static_assert(to_number(Repo::SyncStrategy::TRY_CACHE) == RDNF5_SYNC_TRY_CACHE);

void load(libdnf5::Base & base, uint32_t type) {
    auto sack = base.get_repo_sack();
    switch (type) {
        case RDNF5_REPO_AVAILABLE:
            sack->load_repos(Repo::Type::AVAILABLE);
            break;
        case RDNF5_REPO_SYSTEM:
            sack->load_repos(Repo::Type::SYSTEM);
            break;
        case RDNF5_REPO_ALL:
            sack->load_repos();
            break;
        default:
            throw_unknown_enumerator("type of repositories to load", type);
    }
}

std::vector<std::string> flatten(const std::vector<std::pair<std::string, std::string>> & pairs) {
    std::vector<std::string> result;
    for (const auto & [first, second] : pairs) {
        result.push_back(first);
        result.push_back(second);
    }
    return result;
}

}  // namespace

Rdnf5Error * rdnf5_repo_sack_create_repos_from_system_configuration(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).get_repo_sack()->create_repos_from_system_configuration(); });
}

Rdnf5Error * rdnf5_repo_sack_create_repos_from_reposdir(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).get_repo_sack()->create_repos_from_reposdir(); });
}

Rdnf5Error * rdnf5_repo_sack_create_repos_from_dir(Rdnf5Base * base, Rdnf5Bytes path) noexcept {
    return guard([&] { deref(base).get_repo_sack()->create_repos_from_dir(to_string(path)); });
}

Rdnf5Error * rdnf5_repo_sack_create_repos_from_file(Rdnf5Base * base, Rdnf5Bytes path) noexcept {
    return guard([&] { deref(base).get_repo_sack()->create_repos_from_file(to_string(path)); });
}

Rdnf5Error * rdnf5_repo_sack_create_repos_from_paths(
    Rdnf5Base * base, const Rdnf5Bytes * ids, const Rdnf5Bytes * paths, size_t count, uint32_t priority) noexcept {
    return guard([&] {
        const auto id_strings = to_strings(ids, count);
        const auto path_strings = to_strings(paths, count);
        std::vector<std::pair<std::string, std::string>> pairs;
        for (size_t i = 0; i < count; ++i) {
            pairs.emplace_back(id_strings[i], path_strings[i]);
        }
        deref(base).get_repo_sack()->create_repos_from_paths(pairs, to_option_priority(priority));
    });
}

Rdnf5Error * rdnf5_repo_sack_create_repo(Rdnf5Base * base, Rdnf5Bytes id, Rdnf5Repo ** out) noexcept {
    return guard([&] { give(out, deref(base).get_repo_sack()->create_repo(to_string(id))); });
}

Rdnf5Error * rdnf5_repo_sack_get_system_repo(Rdnf5Base * base, Rdnf5Repo ** out) noexcept {
    return guard([&] { give(out, deref(base).get_repo_sack()->get_system_repo()); });
}

Rdnf5Error * rdnf5_repo_sack_enable_source_repos(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).get_repo_sack()->enable_source_repos(); });
}

Rdnf5Error * rdnf5_repo_sack_enable_debug_repos(Rdnf5Base * base) noexcept {
    return guard([&] { deref(base).get_repo_sack()->enable_debug_repos(); });
}

Rdnf5Error * rdnf5_repo_sack_load_repos(
    Rdnf5Base * base,
    uint32_t type,
    const Rdnf5DownloadCallbacks * downloads,
    const Rdnf5RepoCallbacks * keys) noexcept {
    return guard([&] {
        auto & object = deref(base);
        const ScopedCallbacks callbacks(object, downloads, keys);
        load(object, type);
    });
}

Rdnf5Error * rdnf5_repo_sack_add_cmdline_packages(
    Rdnf5Base * base,
    const Rdnf5Bytes * paths,
    size_t count,
    const Rdnf5DownloadCallbacks * downloads,
    Rdnf5PackageList ** out) noexcept {
    return guard([&] {
        auto & object = deref(base);
        const auto path_strings = to_strings(paths, count);
        const ScopedCallbacks callbacks(object, downloads, nullptr);
        const auto by_path = object.get_repo_sack()->add_cmdline_packages(path_strings);
        std::vector<libdnf5::rpm::Package> packages;
        for (const auto & path : path_strings) {
            const auto found = by_path.find(path);
            if (found == by_path.end()) {
                throw ArgumentError("cannot read " + path + " as a package");
            }
            packages.push_back(found->second);
        }
        give(out, std::move(packages));
    });
}

Rdnf5Error * rdnf5_repo_query_new(Rdnf5Base * base, Rdnf5RepoQuery ** out) noexcept {
    return guard([&] { give(out, deref(base)); });
}

void rdnf5_repo_query_free(Rdnf5RepoQuery * query) noexcept {
    drop(query);
}

Rdnf5Error * rdnf5_repo_query_filter_flag(Rdnf5RepoQuery * query, uint32_t filter, uint8_t value) noexcept {
    return guard([&] {
        auto & object = deref(query);
        switch (filter) {
            case RDNF5_REPO_FILTER_ENABLED:
                return object.filter_enabled(value);
            case RDNF5_REPO_FILTER_EXPIRED:
                return object.filter_expired(value);
            case RDNF5_REPO_FILTER_LOCAL:
                return object.filter_local(value);
            default:
                throw_unknown_enumerator("filter of repositories", filter);
        }
    });
}

Rdnf5Error * rdnf5_repo_query_filter_id(
    Rdnf5RepoQuery * query, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) noexcept {
    return guard([&] { deref(query).filter_id(to_strings(patterns, count), to_cmp(cmp)); });
}

Rdnf5Error * rdnf5_repo_query_filter_name(
    Rdnf5RepoQuery * query, const Rdnf5Bytes * patterns, size_t count, uint32_t cmp) noexcept {
    return guard([&] { deref(query).filter_name(to_strings(patterns, count), to_cmp(cmp)); });
}

Rdnf5Error * rdnf5_repo_query_filter_type(Rdnf5RepoQuery * query, uint32_t type, uint32_t cmp) noexcept {
    return guard([&] {
        const auto checked = to_enum(type, Repo::Type::AVAILABLE, Repo::Type::COMMANDLINE, "type of repository");
        deref(query).filter_type(checked, to_cmp(cmp));
    });
}

Rdnf5Error * rdnf5_repo_query_list_copy(const Rdnf5RepoQuery * query, Rdnf5RepoList ** out) noexcept {
    return guard([&] {
        std::vector<RepoWeakPtr> repos;
        for (const auto & repo : deref(query)) {
            repos.push_back(repo);
        }
        std::ranges::sort(repos, {}, [](const RepoWeakPtr & repo) { return repo->get_id(); });
        give(out, std::move(repos));
    });
}

size_t rdnf5_repo_list_size(const Rdnf5RepoList * list) noexcept {
    return guard_callback(size_t{0}, [&] { return deref(list).size(); });
}

Rdnf5Error * rdnf5_repo_list_get_copy(const Rdnf5RepoList * list, size_t index, Rdnf5Repo ** out) noexcept {
    return guard([&] { give(out, at(deref(list), index)); });
}

void rdnf5_repo_list_free(Rdnf5RepoList * list) noexcept {
    drop(list);
}

void rdnf5_repo_free(Rdnf5Repo * repo) noexcept {
    drop(repo);
}

namespace {

std::string get_string(Repo & repo, uint32_t field) {
    switch (field) {
        case RDNF5_REPO_ID:
            return repo.get_id();
        case RDNF5_REPO_NAME:
            return repo.get_name();
        case RDNF5_REPO_REVISION:
            return repo.get_revision();
        case RDNF5_REPO_FILE_PATH:
            return repo.get_repo_file_path();
        case RDNF5_REPO_CACHEDIR:
            return repo.get_cachedir();
        case RDNF5_REPO_PERSISTDIR:
            return repo.get_persistdir();
        default:
            throw_unknown_enumerator("string of a repository", field);
    }
}

int64_t get_number(Repo & repo, uint32_t field) {
    switch (field) {
        case RDNF5_REPO_IS_ENABLED:
            return repo.is_enabled();
        case RDNF5_REPO_IS_LOCAL:
            return repo.is_local();
        case RDNF5_REPO_TYPE:
            return to_number(repo.get_type());
        case RDNF5_REPO_COST:
            return repo.get_cost();
        case RDNF5_REPO_PRIORITY:
            return repo.get_priority();
        case RDNF5_REPO_AGE:
            return repo.get_age();
        case RDNF5_REPO_IS_EXPIRED:
            return repo.is_expired();
        case RDNF5_REPO_EXPIRES_IN:
            return repo.get_expires_in();
        case RDNF5_REPO_TIMESTAMP:
            return repo.get_timestamp();
        case RDNF5_REPO_MAX_TIMESTAMP:
            return repo.get_max_timestamp();
        case RDNF5_REPO_SYNC_STRATEGY:
            return to_number(repo.get_sync_strategy());
        default:
            throw_unknown_enumerator("number of a repository", field);
    }
}

std::vector<std::string> get_strings(Repo & repo, uint32_t field) {
    switch (field) {
        case RDNF5_REPO_MIRRORS:
            return repo.get_mirrors();
        case RDNF5_REPO_CONTENT_TAGS:
            return repo.get_content_tags();
        case RDNF5_REPO_DISTRO_TAGS:
            return flatten(repo.get_distro_tags());
        case RDNF5_REPO_METADATA_LOCATIONS:
            return flatten(repo.get_metadata_locations());
        default:
            throw_unknown_enumerator("list of a repository", field);
    }
}

void do_action(Repo & repo, uint32_t action) {
    switch (action) {
        case RDNF5_REPO_ENABLE:
            return repo.enable();
        case RDNF5_REPO_DISABLE:
            return repo.disable();
        case RDNF5_REPO_EXPIRE:
            return repo.expire();
        case RDNF5_REPO_READ_METADATA_CACHE:
            return repo.read_metadata_cache();
        case RDNF5_REPO_VERIFY:
            return repo.verify();
        case RDNF5_REPO_PRESERVE_REMOTE_TIME:
            return repo.set_preserve_remote_time(true);
        default:
            throw_unknown_enumerator("action on a repository", action);
    }
}

}  // namespace

Rdnf5Error * rdnf5_repo_get_string_copy(const Rdnf5Repo * repo, uint32_t field, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, get_string(*deref(repo), field)); });
}

Rdnf5Error * rdnf5_repo_get_number(const Rdnf5Repo * repo, uint32_t field, int64_t * out) noexcept {
    return guard([&] { deref_out(out) = get_number(*deref(repo), field); });
}

Rdnf5Error * rdnf5_repo_get_strings_copy(const Rdnf5Repo * repo, uint32_t field, Rdnf5StringList ** out) noexcept {
    return guard([&] { give(out, get_strings(*deref(repo), field)); });
}

Rdnf5Error * rdnf5_repo_do(Rdnf5Repo * repo, uint32_t action) noexcept {
    return guard([&] { do_action(*deref(repo), action); });
}

Rdnf5Error * rdnf5_repo_options_copy(const Rdnf5Repo * repo, Rdnf5StringList ** out) noexcept {
    return guard([&] { give(out, option_names(deref(repo)->get_config().opt_binds())); });
}

Rdnf5Error * rdnf5_repo_set_option(
    Rdnf5Repo * repo, Rdnf5Bytes option, Rdnf5Bytes value, uint32_t priority) noexcept {
    return guard([&] {
        auto & item = deref(repo)->get_config().opt_binds().at(to_string(option));
        item.new_string(to_option_priority(priority), to_string(value));
    });
}

Rdnf5Error * rdnf5_repo_get_option_copy(
    const Rdnf5Repo * repo, Rdnf5Bytes option, Rdnf5String ** out, uint32_t * priority) noexcept {
    return guard([&] { give_option(deref(repo)->get_config().opt_binds(), option, out, priority); });
}

Rdnf5Error * rdnf5_repo_set_sync_strategy(Rdnf5Repo * repo, uint32_t strategy) noexcept {
    return guard([&] {
        using Strategy = Repo::SyncStrategy;
        deref(repo)->set_sync_strategy(to_enum(strategy, Strategy::LAZY, Strategy::TRY_CACHE, "sync strategy"));
    });
}

Rdnf5Error * rdnf5_repo_metadata_path_copy(Rdnf5Repo * repo, Rdnf5Bytes type, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, deref(repo)->get_metadata_path(to_string(type))); });
}

Rdnf5Error * rdnf5_repo_download_metadata(
    Rdnf5Repo * repo, Rdnf5Bytes destdir, const Rdnf5DownloadCallbacks * downloads) noexcept {
    return guard([&] {
        auto & object = *deref(repo);
        const ScopedCallbacks callbacks(*object.get_base(), downloads, nullptr);
        object.download_metadata(to_string(destdir));
    });
}

Rdnf5Error * rdnf5_file_download(
    Rdnf5Base * base, Rdnf5Bytes url, Rdnf5Bytes path, const Rdnf5DownloadCallbacks * downloads) noexcept {
    return guard([&] {
        auto & object = deref(base);
        libdnf5::repo::FileDownloader downloader(object);
        downloader.add(to_string(url), to_string(path));
        const ScopedCallbacks callbacks(object, downloads, nullptr);
        downloader.download();
    });
}

namespace {

using libdnf5::repo::RepoCache;

RepoCache::RemoveStatistics remove(RepoCache & cache, uint32_t part) {
    switch (part) {
        case RDNF5_REPO_CACHE_ALL:
            return cache.remove_all();
        case RDNF5_REPO_CACHE_METADATA:
            return cache.remove_metadata();
        case RDNF5_REPO_CACHE_PACKAGES:
            return cache.remove_packages();
        case RDNF5_REPO_CACHE_SOLV_FILES:
            return cache.remove_solv_files();
        case RDNF5_REPO_CACHE_EXPIRE:
            cache.write_attribute(RepoCache::ATTRIBUTE_EXPIRED);
            return {};
        default:
            throw_unknown_enumerator("part of a cache", part);
    }
}

}  // namespace

Rdnf5Error * rdnf5_repo_cache_remove(
    Rdnf5Base * base, Rdnf5Bytes directory, uint32_t part, Rdnf5RepoCacheStatistics * out) noexcept {
    return guard([&] {
        auto & result = deref_out(out);
        RepoCache cache(deref(base), to_string(directory));
        auto statistics = remove(cache, part);
        result = {
            statistics.get_files_removed(),
            statistics.get_dirs_removed(),
            statistics.get_bytes_removed(),
            statistics.get_errors()};
    });
}
