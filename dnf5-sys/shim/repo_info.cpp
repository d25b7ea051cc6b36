#include "repo_info.hpp"

#include "compat.hpp"

#include <libdnf5/rpm/package_query.hpp>

namespace redpak {

using libdnf5::rpm::PackageQuery;

RepoInfo::RepoInfo(libdnf5::Base & base, const libdnf5::repo::RepoWeakPtr & repo) : repo(repo) {
    PackageQuery all(base, libdnf5::sack::ExcludeFlags::IGNORE_EXCLUDES);
    all.filter_repo_id(repo->get_id());
    for (const auto & package : all) {
        size += package.get_download_size();
    }
    packages = all.size();
    PackageQuery available(base);
    available.filter_repo_id(repo->get_id());
    available_packages = available.size();
}

const libdnf5::repo::ConfigRepo & RepoInfo::config() const {
    return repo->get_config();
}

std::string RepoInfo::get_id() const {
    return repo->get_id();
}

std::string RepoInfo::get_name() const {
    return config().get_name_option().get_value();
}

std::string RepoInfo::get_type() const {
    return libdnf5::repo::Repo::type_to_string(repo->get_type());
}

bool RepoInfo::is_enabled() const {
    return repo->is_enabled();
}

int RepoInfo::get_priority() const {
    return repo->get_priority();
}

int RepoInfo::get_cost() const {
    return repo->get_cost();
}

std::vector<std::string> RepoInfo::get_baseurl() const {
    return config().get_baseurl_option().get_value();
}

std::string RepoInfo::get_metalink() const {
    const auto & option = config().get_metalink_option();
    return option.empty() ? "" : option.get_value();
}

std::string RepoInfo::get_mirrorlist() const {
    const auto & option = config().get_mirrorlist_option();
    return option.empty() ? "" : option.get_value();
}

int RepoInfo::get_metadata_expire() const {
    return config().get_metadata_expire_option().get_value();
}

std::vector<std::string> RepoInfo::get_excludepkgs() const {
    return config().get_excludepkgs_option().get_value();
}

std::vector<std::string> RepoInfo::get_includepkgs() const {
    return config().get_includepkgs_option().get_value();
}

bool RepoInfo::get_skip_if_unavailable() const {
    return config().get_skip_if_unavailable_option().get_value();
}

std::vector<std::string> RepoInfo::get_gpgkey() const {
    return config().get_gpgkey_option().get_value();
}

bool RepoInfo::get_pkg_gpgcheck() const {
    return compat::pkg_gpgcheck(config());
}

bool RepoInfo::get_gpgcheck() const {
    return get_pkg_gpgcheck();
}

bool RepoInfo::get_repo_gpgcheck() const {
    return config().get_repo_gpgcheck_option().get_value();
}

std::string RepoInfo::get_repo_file_path() const {
    return repo->get_repo_file_path();
}

std::string RepoInfo::get_revision() const {
    return repo->get_revision();
}

std::vector<std::string> RepoInfo::get_content_tags() const {
    return repo->get_content_tags();
}

std::vector<std::pair<std::string, std::string>> RepoInfo::get_distro_tags() const {
    return repo->get_distro_tags();
}

int64_t RepoInfo::get_timestamp() const {
    return repo->get_timestamp();
}

int RepoInfo::get_max_timestamp() const {
    return repo->get_max_timestamp();
}

uint64_t RepoInfo::get_size() const {
    return size;
}

uint64_t RepoInfo::get_pkgs() const {
    return packages;
}

uint64_t RepoInfo::get_available_pkgs() const {
    return available_packages;
}

std::vector<std::string> RepoInfo::get_mirrors() const {
    return repo->get_mirrors();
}

}  // namespace redpak
