#include "comps.hpp"
#include "handle.hpp"
#include "repo_info.hpp"
#include "screen.hpp"

#include <libdnf5-cli/output/adapters/advisory.hpp>
#include <libdnf5-cli/output/adapters/comps.hpp>
#include <libdnf5-cli/output/adapters/module.hpp>
#include <libdnf5-cli/output/adapters/package.hpp>
#include <libdnf5-cli/output/adapters/repo.hpp>
#include <libdnf5-cli/output/adapters/transaction.hpp>
#include <libdnf5-cli/output/advisoryinfo.hpp>
#include <libdnf5-cli/output/advisorylist.hpp>
#include <libdnf5-cli/output/advisorysummary.hpp>
#include <libdnf5-cli/output/changelogs.hpp>
#include <libdnf5-cli/output/environmentinfo.hpp>
#include <libdnf5-cli/output/environmentlist.hpp>
#include <libdnf5-cli/output/groupinfo.hpp>
#include <libdnf5-cli/output/grouplist.hpp>
#include <libdnf5-cli/output/moduleinfo.hpp>
#include <libdnf5-cli/output/modulelist.hpp>
#include <libdnf5-cli/output/package_info_sections.hpp>
#include <libdnf5-cli/output/package_list_sections.hpp>
#include <libdnf5-cli/output/packageinfo.hpp>
#include <libdnf5-cli/output/pkg_colorizer.hpp>
#include <libdnf5-cli/output/provides.hpp>
#include <libdnf5-cli/output/repo_info.hpp>
#include <libdnf5-cli/output/repolist.hpp>
#include <libdnf5-cli/output/repoquery.hpp>
#include <libdnf5-cli/output/search.hpp>
#include <libdnf5-cli/output/status.hpp>
#include <libdnf5-cli/output/transaction_table.hpp>
#include <libdnf5-cli/output/transactioninfo.hpp>
#include <libdnf5-cli/output/transactionlist.hpp>
#include <libdnf5-cli/tty.hpp>
#include <libdnf5-cli/utils/units.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>

// libdnf5-cli 5.4 declares these `extern template`, exports their constructors and not all of their virtual tables, which
// unoptimised code refers to.
template class libdnf5::cli::output::PackageAdapter<libdnf5::rpm::Package>;
template class libdnf5::cli::output::RepoAdapter<libdnf5::repo::RepoWeakPtr>;
template class libdnf5::cli::output::GroupPackageAdapter<libdnf5::comps::Package>;
template class libdnf5::cli::output::GroupAdapter<libdnf5::comps::Group>;
template class libdnf5::cli::output::EnvironmentAdapter<libdnf5::comps::Environment>;
template class libdnf5::cli::output::ModuleDependencyAdapter<libdnf5::module::ModuleDependency>;
template class libdnf5::cli::output::ModuleItemAdapter<libdnf5::module::ModuleItem>;
template class libdnf5::cli::output::ModuleProfileAdapter<libdnf5::module::ModuleProfile>;
template class libdnf5::cli::output::AdvisoryReferenceAdapter<libdnf5::advisory::AdvisoryReference>;
template class libdnf5::cli::output::AdvisoryPackageAdapter<libdnf5::advisory::AdvisoryPackage>;
template class libdnf5::cli::output::AdvisoryModuleAdapter<libdnf5::advisory::AdvisoryModule>;
template class libdnf5::cli::output::AdvisoryCollectionAdapter<libdnf5::advisory::AdvisoryCollection>;
template class libdnf5::cli::output::AdvisoryAdapter<libdnf5::advisory::Advisory>;

using namespace redpak;
namespace output = libdnf5::cli::output;
namespace tty = libdnf5::cli::tty;

namespace {

/// The twin of guard() for output.
template <typename Body>
Rdnf5Error * print(Body && body) noexcept {
    return guard([&] { on_screen(body); });
}

}  // namespace

Rdnf5Error * rdnf5_output_coloring_enable(uint32_t coloring) noexcept {
    return guard([&] {
        using Coloring = tty::ColoringEnabled;
        tty::coloring_enable(to_enum(coloring, Coloring::AUTO, Coloring::NEVER, "colouring"));
    });
}

uint8_t rdnf5_output_is_interactive(void) noexcept {
    return guard_callback(false, [] { return tty::is_interactive(); });
}

int32_t rdnf5_output_width(void) noexcept {
    return guard_callback(0, [] { return tty::get_width(); });
}

Rdnf5Error * rdnf5_output_format_size_copy(int64_t size, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, libdnf5::cli::utils::units::format_size_aligned(size)); });
}

Rdnf5Error * rdnf5_output_pkg_set_with_format(const Rdnf5PackageQuery * packages, Rdnf5Bytes format) noexcept {
    return print([&] { output::print_pkg_set_with_format(stdout, deref(packages), to_string(format)); });
}

Rdnf5Error * rdnf5_output_pkg_attr_uniq_sorted(const Rdnf5PackageQuery * packages, Rdnf5Bytes attribute) noexcept {
    return print([&] { output::print_pkg_attr_uniq_sorted(stdout, deref(packages), to_string(attribute)); });
}

Rdnf5Error * rdnf5_output_available_pkg_attrs(void) noexcept {
    return print([] { output::print_available_pkg_attrs(stdout); });
}

Rdnf5Error * rdnf5_output_requires_filelists(Rdnf5Bytes format, uint8_t * out) noexcept {
    return guard([&] { deref_out(out) = output::requires_filelists(to_string(format)); });
}

Rdnf5Error * rdnf5_output_package_info(const Rdnf5Package * package) noexcept {
    return print([&] {
        output::PackageAdapter adapter(deref(package));
        output::print_package_info(adapter);
    });
}

namespace {

using Obsoletes = std::map<libdnf5::rpm::PackageId, std::vector<libdnf5::rpm::Package>>;

Obsoletes to_obsoletes(const Rdnf5PackageSection & section) {
    Obsoletes result;
    for (size_t i = 0; i < section.obsoletes; ++i) {
        const auto & obsoleter = deref(deref_out(section.obsoleters + i));
        result[obsoleter.get_id()].push_back(deref(deref_out(section.obsoleted + i)));
    }
    return result;
}

std::unique_ptr<output::PkgColorizer> to_colorizer(const Rdnf5PackageColors * colors) {
    if (!colors) {
        return nullptr;
    }
    return std::make_unique<output::PkgColorizer>(
        deref(colors->base_versions),
        to_string(colors->not_found),
        to_string(colors->lower),
        to_string(colors->equal),
        to_string(colors->greater));
}

std::unique_ptr<output::PackageListSections> new_sections(uint32_t kind) {
    switch (kind) {
        case RDNF5_SECTIONS_LIST:
        case RDNF5_SECTIONS_LIST_JSON:
            return std::make_unique<output::PackageListSections>();
        case RDNF5_SECTIONS_INFO:
        case RDNF5_SECTIONS_INFO_JSON:
            return std::make_unique<output::PackageInfoSections>();
        default:
            throw_unknown_enumerator("kind of sections", kind);
    }
}

}  // namespace

Rdnf5Error * rdnf5_output_package_sections(
    uint32_t kind,
    const Rdnf5PackageSection * sections,
    size_t count,
    const Rdnf5PackageColors * colors,
    uint8_t * out) noexcept {
    return print([&] {
        auto & found = deref_out(out);
        const auto printer = new_sections(kind);
        auto colorizer = to_colorizer(colors);
        if (!colorizer && count > 0) {
            // libdnf5-cli takes one for granted when output is coloured.
            const auto & some = deref(deref_out(sections).packages);
            colorizer = std::make_unique<output::PkgColorizer>(some, "", "", "", "");
        }
        bool any = false;
        for (size_t i = 0; i < count; ++i) {
            const auto & section = deref_out(sections + i);
            any |= printer->add_section(to_string(section.heading), deref(section.packages), to_obsoletes(section));
        }
        if (kind == RDNF5_SECTIONS_LIST_JSON || kind == RDNF5_SECTIONS_INFO_JSON) {
            printer->print_json();
        } else {
            printer->print(colorizer);
        }
        found = any;
    });
}

namespace {

std::vector<libdnf5::repo::RepoWeakPtr> sorted_repos(const libdnf5::repo::RepoQuery & query) {
    std::vector<libdnf5::repo::RepoWeakPtr> repos(query.begin(), query.end());
    std::ranges::sort(repos, {}, [](const auto & repo) { return repo->get_id(); });
    return repos;
}

}  // namespace

Rdnf5Error * rdnf5_output_repolist(const Rdnf5RepoQuery * repos, uint8_t with_status, uint8_t json) noexcept {
    return print([&] {
        std::vector<std::unique_ptr<output::IRepo>> adapters;
        for (const auto & repo : sorted_repos(deref(repos))) {
            adapters.emplace_back(new output::RepoAdapter(repo));
        }
        json ? output::print_repolist_json(adapters)
             : output::print_repolist_table(adapters, with_status, output::COL_REPO_ID);
    });
}

Rdnf5Error * rdnf5_output_repoinfo(const Rdnf5RepoQuery * repos, uint8_t json) noexcept {
    return print([&] {
        std::vector<std::unique_ptr<output::IRepoInfo>> infos;
        for (const auto & repo : sorted_repos(deref(repos))) {
            infos.push_back(std::make_unique<RepoInfo>(*repo->get_base(), repo));
        }
        if (json) {
            return output::print_repoinfo_json(infos);
        }
        for (const auto & info : infos) {
            output::RepoInfo table;
            table.add_repo(*info);
            table.print();
            std::cout << '\n';
        }
    });
}

Rdnf5Error * rdnf5_output_transaction(
    const Rdnf5Transaction * transaction, uint32_t what, uint8_t * out) noexcept {
    return print([&] {
        const auto & object = deref(transaction);
        auto & found = deref_out(out);
        output::TransactionAdapter adapter(object);
        found = !object.empty();
        switch (what) {
            case RDNF5_OUTPUT_TRANSACTION:
                found = output::print_transaction_table(adapter);
                break;
            case RDNF5_OUTPUT_TRANSACTION_TABLE:
                output::TransactionTable(adapter).print_table();
                break;
            case RDNF5_OUTPUT_TRANSACTION_SUMMARY:
                output::TransactionTable(adapter).print_summary();
                break;
            case RDNF5_OUTPUT_TRANSACTION_RESOLVE_LOGS:
                output::print_resolve_logs(adapter);
                break;
            default:
                throw_unknown_enumerator("output of a transaction", what);
        }
    });
}

Rdnf5Error * rdnf5_output_provides(const Rdnf5Package * package, Rdnf5Bytes spec, uint32_t matched_by) noexcept {
    return print([&] {
        if (matched_by > RDNF5_PROVIDES_BINARY) {
            throw_unknown_enumerator("kind of match", matched_by);
        }
        output::PackageAdapter adapter(deref(package));
        output::print_provides_table(adapter, to_string(spec).c_str(), static_cast<int>(matched_by));
    });
}

namespace {

output::SearchResult to_search_result(const Rdnf5SearchGroup & group) {
    output::SearchResult result;
    for (size_t i = 0; i < group.key_count; ++i) {
        const auto match =
            deref_out(group.exact + i) ? output::SearchKeyMatch::EXACT : output::SearchKeyMatch::PARTIAL;
        result.matched_keys.emplace_back(to_string(deref_out(group.keys + i)), match);
    }
    for (const auto & package : deref(group.packages)) {
        result.matched_packages.packages.insert(package);
    }
    return result;
}

}  // namespace

Rdnf5Error * rdnf5_output_search(
    Rdnf5SearchOptions options,
    const Rdnf5Bytes * patterns,
    size_t pattern_count,
    const Rdnf5SearchGroup * groups,
    size_t group_count) noexcept {
    return print([&] {
        output::SearchResults results;
        results.options = {
            .search_all = options.search_all != 0,
            .show_duplicates = options.show_duplicates != 0,
            .search_name = options.search_name != 0,
            .search_summary = options.search_summary != 0};
        results.patterns = to_strings(patterns, pattern_count);
        for (size_t i = 0; i < group_count; ++i) {
            results.group_results.push_back(to_search_result(deref_out(groups + i)));
        }
        output::print_search_results(results);
    });
}

Rdnf5Error * rdnf5_output_history_list(Rdnf5History * history, uint8_t json) noexcept {
    return print([&] {
        auto & transactions = deref(history);
        json ? output::print_transaction_list_json(transactions) : output::print_transaction_list(transactions);
    });
}

Rdnf5Error * rdnf5_output_history_info(Rdnf5History * history, uint8_t json) noexcept {
    return print([&] {
        auto & transactions = deref(history);
        if (json) {
            return output::print_transaction_info_json(transactions);
        }
        for (auto & transaction : transactions) {
            output::print_transaction_info(transaction);
            std::cout << '\n';
        }
    });
}

Rdnf5Error * rdnf5_output_grouplist(const Rdnf5GroupQuery * query) noexcept {
    return print([&] {
        std::vector<std::unique_ptr<output::IGroup>> adapters;
        for (const auto & group : sorted_groups(deref(query))) {
            adapters.emplace_back(new output::GroupAdapter(group));
        }
        output::print_grouplist_table(adapters);
    });
}

Rdnf5Error * rdnf5_output_groupinfo(const Rdnf5GroupQuery * query) noexcept {
    return print([&] {
        for (const auto & group : sorted_groups(deref(query))) {
            output::GroupAdapter adapter(group);
            output::print_groupinfo_table(adapter);
            std::cout << '\n';
        }
    });
}

Rdnf5Error * rdnf5_output_environmentlist(const Rdnf5EnvironmentQuery * query) noexcept {
    return print([&] {
        std::vector<std::unique_ptr<output::IEnvironment>> adapters;
        for (const auto & environment : sorted_environments(deref(query))) {
            adapters.emplace_back(new output::EnvironmentAdapter(environment));
        }
        output::print_environmentlist_table(adapters);
    });
}

Rdnf5Error * rdnf5_output_environmentinfo(const Rdnf5EnvironmentQuery * query) noexcept {
    return print([&] {
        for (const auto & environment : sorted_environments(deref(query))) {
            output::EnvironmentAdapter adapter(environment);
            output::print_environmentinfo_table(adapter);
            std::cout << '\n';
        }
    });
}

namespace {

std::vector<std::unique_ptr<output::IModuleItem>> to_module_adapters(const Rdnf5ModuleQuery * query) {
    std::vector<std::unique_ptr<output::IModuleItem>> adapters;
    for (const auto & module : deref(query)) {
        adapters.emplace_back(new output::ModuleItemAdapter(module));
    }
    return adapters;
}

}  // namespace

Rdnf5Error * rdnf5_output_modulelist(const Rdnf5ModuleQuery * query) noexcept {
    return print([&] {
        output::print_modulelist_table(to_module_adapters(query));
        output::print_modulelist_table_hint();
    });
}

Rdnf5Error * rdnf5_output_moduleinfo(const Rdnf5ModuleQuery * query) noexcept {
    return print([&] {
        auto adapters = to_module_adapters(query);
        output::print_moduleinfo_table(adapters);
        output::print_moduleinfo_table_hint();
    });
}

namespace {

using ChangelogChoice =
    std::pair<output::ChangelogFilterType, std::variant<libdnf5::rpm::PackageQuery, int64_t, int32_t>>;

ChangelogChoice to_changelog_choice(uint32_t filter, int64_t number, const Rdnf5PackageQuery * installed) {
    using Type = output::ChangelogFilterType;
    switch (filter) {
        case RDNF5_CHANGELOG_ALL:
            return {Type::NONE, int32_t{0}};
        case RDNF5_CHANGELOG_UPGRADES:
            return {Type::UPGRADES, deref(installed)};
        case RDNF5_CHANGELOG_COUNT:
            return {Type::COUNT, static_cast<int32_t>(number)};
        case RDNF5_CHANGELOG_SINCE:
            return {Type::SINCE, number};
        default:
            throw_unknown_enumerator("filter of changelogs", filter);
    }
}

}  // namespace

Rdnf5Error * rdnf5_output_changelogs(
    Rdnf5PackageQuery * packages, uint32_t filter, int64_t number, const Rdnf5PackageQuery * installed) noexcept {
    return print(
        [&] { output::print_changelogs(deref(packages), to_changelog_choice(filter, number, installed)); });
}

namespace {

using AdvisoryPackages = std::vector<libdnf5::advisory::AdvisoryPackage>;

AdvisoryPackages advisory_packages(
    const Rdnf5AdvisoryQuery * advisories, const Rdnf5PackageQuery * packages, uint32_t cmp) {
    return deref(advisories).get_advisory_packages_sorted(deref(packages), to_cmp(cmp));
}

std::vector<std::unique_ptr<output::IAdvisoryPackage>> to_advisory_adapters(const AdvisoryPackages & packages) {
    std::vector<std::unique_ptr<output::IAdvisoryPackage>> adapters;
    for (const auto & package : packages) {
        adapters.emplace_back(new output::AdvisoryPackageAdapter(package));
    }
    return adapters;
}

void print_advisories(AdvisoryPackages & not_installed, AdvisoryPackages & installed, bool json) {
    auto not_installed_adapters = to_advisory_adapters(not_installed);
    auto installed_adapters = to_advisory_adapters(installed);
    json ? output::print_advisorylist_json(not_installed_adapters, installed_adapters)
         : output::print_advisorylist_table(not_installed_adapters, installed_adapters);
}

}  // namespace

Rdnf5Error * rdnf5_output_advisorylist(
    const Rdnf5AdvisoryQuery * not_installed,
    const Rdnf5PackageQuery * not_installed_packages,
    uint32_t not_installed_cmp,
    const Rdnf5AdvisoryQuery * installed,
    const Rdnf5PackageQuery * installed_packages,
    uint32_t installed_cmp,
    Rdnf5Bytes reference_type,
    uint8_t json) noexcept {
    return print([&] {
        auto first = advisory_packages(not_installed, not_installed_packages, not_installed_cmp);
        auto second = advisory_packages(installed, installed_packages, installed_cmp);
        const auto reference = to_string(reference_type);
        if (reference.empty()) {
            return print_advisories(first, second, json);
        }
        json ? output::print_advisorylist_references_json(first, second, reference)
             : output::print_advisorylist_references_table(first, second, reference);
    });
}

Rdnf5Error * rdnf5_output_advisoryinfo(const Rdnf5AdvisoryQuery * query, uint8_t json) noexcept {
    return print([&] {
        output::AdvisoryInfoJSON all;
        for (const auto & advisory : deref(query)) {
            output::AdvisoryAdapter adapter(advisory);
            if (json) {
                all.add_advisory(adapter);
                continue;
            }
            output::AdvisoryInfo table;
            table.add_advisory(adapter);
            table.print();
            std::cout << '\n';
        }
        if (json) {
            all.print();
        }
    });
}

Rdnf5Error * rdnf5_output_advisorysummary(const Rdnf5AdvisoryQuery * query, Rdnf5Bytes mode) noexcept {
    return print([&] { output::print_advisorysummary_table(deref(query), to_string(mode)); });
}

Rdnf5Error * rdnf5_output_status(Rdnf5Base * base, const Rdnf5GroupQuery * groups) noexcept {
    return print([&] { output::print_status_table(deref(base), deref(groups)); });
}
