#include "callbacks.hpp"
#include "compat.hpp"

#include <libdnf5/repo/package_downloader.hpp>

#include <array>

using namespace redpak;
using libdnf5::rpm::Package;

namespace {

using GetString = std::string (*)(const Package &);
using GetNumber = uint64_t (*)(const Package &);
using GetReldeps = libdnf5::rpm::ReldepList (Package::*)() const;

template <auto getter>
std::string member(const Package & package) {
    return (package.*getter)();
}

template <auto getter>
uint64_t number(const Package & package) {
    return static_cast<uint64_t>((package.*getter)());
}

/// In the order of Rdnf5PackageString.
constexpr std::array<GetString, 30> STRINGS{
    member<&Package::get_name>,
    member<&Package::get_epoch>,
    member<&Package::get_version>,
    member<&Package::get_release>,
    member<&Package::get_arch>,
    member<&Package::get_evr>,
    member<&Package::get_nevra>,
    member<&Package::get_full_nevra>,
    member<&Package::get_na>,
    member<&Package::get_group>,
    member<&Package::get_license>,
    member<&Package::get_source_name>,
    member<&Package::get_debugsource_name>,
    member<&Package::get_debuginfo_name_of_source>,
    member<&Package::get_debuginfo_name>,
    member<&Package::get_sourcerpm>,
    member<&Package::get_packager>,
    member<&Package::get_vendor>,
    member<&Package::get_url>,
    member<&Package::get_summary>,
    member<&Package::get_description>,
    member<&Package::get_baseurl>,
    member<&Package::get_location>,
    member<&Package::get_package_path>,
    member<&Package::get_from_repo_id>,
    member<&Package::get_repo_id>,
    member<&Package::get_repo_name>,
    [](const Package & package) { return package.get_checksum().get_checksum(); },
    [](const Package & package) { return package.get_checksum().get_type_str(); },
    [](const Package & package) { return package.get_hdr_checksum().get_checksum(); },
};
static_assert(STRINGS.size() == RDNF5_PACKAGE_HDR_CHECKSUM + 1);

/// In the order of Rdnf5PackageNumber.
constexpr std::array<GetNumber, 13> NUMBERS{
    [](const Package & package) { return static_cast<uint64_t>(package.get_id().id); },
    number<&Package::get_download_size>,
    number<&Package::get_install_size>,
    number<&Package::get_build_time>,
    number<&Package::get_install_time>,
    number<&Package::get_hdr_end>,
    number<&Package::get_media_number>,
    number<&Package::get_rpmdbid>,
    number<&Package::get_reason>,
    number<&Package::is_installed>,
    number<&Package::is_excluded>,
    number<&Package::is_available_locally>,
    [](const Package & package) { return static_cast<uint64_t>(compat::is_pkg_gpgcheck_enabled(package)); },
};
static_assert(NUMBERS.size() == RDNF5_PACKAGE_IS_PKG_GPGCHECK_ENABLED + 1);

/// In the order of Rdnf5PackageStrings, which has other lists after these.
constexpr std::array<GetReldeps, 12> RELDEPS{
    &Package::get_provides,
    &Package::get_requires,
    &Package::get_requires_pre,
    &Package::get_conflicts,
    &Package::get_obsoletes,
    &Package::get_prereq_ignoreinst,
    &Package::get_regular_requires,
    &Package::get_recommends,
    &Package::get_suggests,
    &Package::get_enhances,
    &Package::get_supplements,
    &Package::get_depends,
};
static_assert(RELDEPS.size() == RDNF5_PACKAGE_DEPENDS + 1);

std::vector<std::string> to_strings(const libdnf5::rpm::ReldepList & reldeps) {
    std::vector<std::string> result;
    for (const auto & reldep : reldeps) {
        result.push_back(reldep.to_string());
    }
    return result;
}

std::vector<std::string> changelogs(const Package & package) {
    std::vector<std::string> result;
    for (const auto & entry : package.get_changelogs()) {
        result.push_back(std::to_string(entry.get_timestamp()));
        result.push_back(entry.get_author());
        result.push_back(entry.get_text());
    }
    return result;
}

std::vector<std::string> get_strings(const Package & package, uint32_t field) {
    if (field < RELDEPS.size()) {
        return to_strings((package.*RELDEPS[field])());
    }
    switch (field) {
        case RDNF5_PACKAGE_FILES:
            return package.get_files();
        case RDNF5_PACKAGE_REMOTE_LOCATIONS:
            return package.get_remote_locations();
        case RDNF5_PACKAGE_CHANGELOGS:
            return changelogs(package);
        default:
            throw_unknown_enumerator("list of a package", field);
    }
}

}  // namespace

Rdnf5Error * rdnf5_package_get_string_copy(
    const Rdnf5Package * package, uint32_t field, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, at(STRINGS, field)(deref(package))); });
}

Rdnf5Error * rdnf5_package_get_number(const Rdnf5Package * package, uint32_t field, uint64_t * out) noexcept {
    return guard([&] { deref_out(out) = at(NUMBERS, field)(deref(package)); });
}

Rdnf5Error * rdnf5_package_get_strings_copy(
    const Rdnf5Package * package, uint32_t field, Rdnf5StringList ** out) noexcept {
    return guard([&] { give(out, get_strings(deref(package), field)); });
}

Rdnf5Error * rdnf5_package_copy(const Rdnf5Package * package, Rdnf5Package ** out) noexcept {
    return guard([&] { give(out, deref(package)); });
}

void rdnf5_package_free(Rdnf5Package * package) noexcept {
    drop(package);
}

size_t rdnf5_package_list_size(const Rdnf5PackageList * list) noexcept {
    return guard_callback(size_t{0}, [&] { return deref(list).size(); });
}

Rdnf5Error * rdnf5_package_list_get_copy(const Rdnf5PackageList * list, size_t index, Rdnf5Package ** out) noexcept {
    return guard([&] { give(out, at(deref(list), index)); });
}

void rdnf5_package_list_free(Rdnf5PackageList * list) noexcept {
    drop(list);
}

Rdnf5Error * rdnf5_rpmvercmp(Rdnf5Bytes left, Rdnf5Bytes right, int32_t * out) noexcept {
    return guard(
        [&] { deref_out(out) = libdnf5::rpm::rpmvercmp(to_string(left).c_str(), to_string(right).c_str()); });
}

Rdnf5Error * rdnf5_package_download(
    Rdnf5Base * base,
    const Rdnf5Package * const * packages,
    size_t count,
    Rdnf5Bytes destination,
    uint8_t resume,
    uint8_t fail_fast,
    const Rdnf5DownloadCallbacks * downloads) noexcept {
    return guard([&] {
        auto & object = deref(base);
        const auto directory = to_string(destination);
        libdnf5::repo::PackageDownloader downloader(object);
        downloader.set_resume(resume);
        downloader.set_fail_fast(fail_fast);
        for (size_t i = 0; i < count; ++i) {
            const auto & package = deref(deref_out(packages + i));
            directory.empty() ? downloader.add(package) : downloader.add(package, directory);
        }
        const ScopedCallbacks callbacks(object, downloads, nullptr);
        downloader.download();
    });
}

namespace {

using libdnf5::rpm::RpmSignature;

static_assert(to_number(RpmSignature::CheckResult::OK) == RDNF5_SIGNATURE_OK);
static_assert(to_number(RpmSignature::CheckResult::FAILED) == RDNF5_SIGNATURE_FAILED);

}  // namespace

Rdnf5Error * rdnf5_rpm_signature_check(Rdnf5Base * base, Rdnf5Bytes path, uint32_t * out) noexcept {
    return guard([&] {
        deref_out(out) = to_number(RpmSignature(deref(base)).check_package_signature(to_string(path)));
    });
}

Rdnf5Error * rdnf5_rpm_signature_import_keys(Rdnf5Base * base, Rdnf5Bytes url, uint64_t * out) noexcept {
    return guard([&] {
        auto & count = deref_out(out);
        RpmSignature signature(deref(base));
        const auto keys = signature.parse_key_file(to_string(url));
        for (const auto & key : keys) {
            signature.import_key(key);
        }
        count = keys.size();
    });
}
