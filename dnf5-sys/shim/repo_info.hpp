// What `repo info` shows of one repository, for libdnf5-cli.

#ifndef REDPAK_DNF5_REPO_INFO_HPP
#define REDPAK_DNF5_REPO_INFO_HPP

#include <libdnf5-cli/output/interfaces/repo.hpp>
#include <libdnf5/repo/repo.hpp>
#include <libdnf5/repo/repo_weak.hpp>

#include <string>
#include <utility>
#include <vector>

namespace redpak {

/// Counts the repository's packages when it is made. No `override` below: the interface has grown between versions.
class RepoInfo final : public libdnf5::cli::output::IRepoInfo {
public:
    RepoInfo(libdnf5::Base & base, const libdnf5::repo::RepoWeakPtr & repo);

    std::string get_id() const;
    std::string get_name() const;
    std::string get_type() const;
    bool is_enabled() const;
    int get_priority() const;
    int get_cost() const;
    std::vector<std::string> get_baseurl() const;
    std::string get_metalink() const;
    std::string get_mirrorlist() const;
    int get_metadata_expire() const;
    std::vector<std::string> get_excludepkgs() const;
    std::vector<std::string> get_includepkgs() const;
    bool get_skip_if_unavailable() const;
    std::vector<std::string> get_gpgkey() const;
    bool get_pkg_gpgcheck() const;
    bool get_gpgcheck() const;
    bool get_repo_gpgcheck() const;
    std::string get_repo_file_path() const;
    std::string get_revision() const;
    std::vector<std::string> get_content_tags() const;
    std::vector<std::pair<std::string, std::string>> get_distro_tags() const;
    int64_t get_timestamp() const;
    int get_max_timestamp() const;
    uint64_t get_size() const;
    uint64_t get_pkgs() const;
    uint64_t get_available_pkgs() const;
    std::vector<std::string> get_mirrors() const;

private:
    const libdnf5::repo::ConfigRepo & config() const;

    libdnf5::repo::RepoWeakPtr repo;
    uint64_t size{0};
    uint64_t packages{0};
    uint64_t available_packages{0};
};

}  // namespace redpak

#endif
