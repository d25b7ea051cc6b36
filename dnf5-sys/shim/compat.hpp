// What differs between the versions of libdnf5 that the shim can be built with, 5.2.12 to 5.4.6, each difference under a name.
//
// REDPAK_DNF5_VERSION_* come from pkg-config and appear in no other file: libdnf5's headers have no version macro. They are
// used for what a version number alone can tell. A member that came later is looked for with a requires-expression, so that
// no guess about versions is needed. Only 5.4.6 was compiled; the others are known from the `@since` notes in its headers.

#ifndef REDPAK_DNF5_COMPAT_HPP
#define REDPAK_DNF5_COMPAT_HPP

#include <libdnf5/base/base.hpp>
#include <libdnf5/base/transaction.hpp>
#include <libdnf5/conf/config_main.hpp>
#include <libdnf5/rpm/package_query.hpp>
#include <libdnf5/version.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace redpak::compat {

/// The libdnf5 that the shim is compiled against.
inline constexpr libdnf5::LibraryVersion BUILT_VERSION{
    .prime = REDPAK_DNF5_VERSION_PRIME,
    .major = REDPAK_DNF5_VERSION_MAJOR,
    .minor = REDPAK_DNF5_VERSION_MINOR,
    .micro = REDPAK_DNF5_VERSION_MICRO};

static_assert(
    BUILT_VERSION.prime == 5 &&
        (BUILT_VERSION.major > 2 || (BUILT_VERSION.major == 2 && BUILT_VERSION.minor >= 12)),
    "libdnf5 5.2.12 or later of the 5 series is needed");

/// libdnf5 changed its C++ ABI inside one SONAME (5.4.2.1 to 5.4.3.0), so only the micro version may differ.
constexpr bool same_abi(const libdnf5::LibraryVersion & running) noexcept {
    return running.prime == BUILT_VERSION.prime && running.major == BUILT_VERSION.major &&
           running.minor == BUILT_VERSION.minor;
}

/// The libdnf5 that the shim was built with does not have what was asked for.
class Unsupported : public std::runtime_error {
public:
    Unsupported(const std::string & what, const std::string & since)
        : std::runtime_error(what + " needs libdnf5 " + since + " or later") {}
};

// Since 5.3.
template <typename Query>
void filter_vendor(Query & query, const std::vector<std::string> & patterns, libdnf5::sack::QueryCmp cmp) {
    if constexpr (requires { query.filter_vendor(patterns, cmp); }) {
        query.filter_vendor(patterns, cmp);
    } else {
        throw Unsupported("filter by vendor", "5.3");
    }
}

// Since 5.2.14.
template <typename Query>
void filter_from_repo_id(Query & query, const std::vector<std::string> & patterns, libdnf5::sack::QueryCmp cmp) {
    if constexpr (requires { query.filter_from_repo_id(patterns, cmp); }) {
        query.filter_from_repo_id(patterns, cmp);
    } else {
        throw Unsupported("filter by the repository that a package was installed from", "5.2.14");
    }
}

// Since 5.3.0.1.
template <typename Query, typename Reldep>
bool is_dep_satisfied(Query & query, const Reldep & reldep) {
    if constexpr (requires { query.is_dep_satisfied(reldep); }) {
        return query.is_dep_satisfied(reldep);
    } else {
        throw Unsupported("test of a dependency", "5.3.0.1");
    }
}

// Not in 5.2.
template <typename Settings>
void set_to_vendors(Settings & settings, std::vector<std::string> vendors) {
    if constexpr (requires { settings.set_to_vendors(vendors); }) {
        settings.set_to_vendors(std::move(vendors));
    } else {
        throw Unsupported("choice of vendors", "5.4");
    }
}

// Not in 5.2.
template <typename History, typename Transactions>
void filter_by_package_names(History & history, Transactions & transactions, const std::vector<std::string> & names) {
    if constexpr (requires { history.filter_transactions_by_pkg_names(transactions, names); }) {
        history.filter_transactions_by_pkg_names(transactions, names);
    } else {
        throw Unsupported("filter of the history by package names", "5.4");
    }
}

// Not in 5.2.
template <typename State>
void capture_rpmdb_cookie(State & state, libdnf5::Base & base) {
    if constexpr (requires { state.capture_rpmdb_cookie(base); }) {
        state.capture_rpmdb_cookie(base);
    } else {
        throw Unsupported("cookie of the rpm database in an offline transaction", "5.4");
    }
}

template <typename State>
bool check_rpmdb_cookie(const State & state, libdnf5::Base & base) {
    if constexpr (requires { state.check_rpmdb_cookie(base); }) {
        return state.check_rpmdb_cookie(base);
    } else {
        throw Unsupported("cookie of the rpm database in an offline transaction", "5.4");
    }
}

// libdnf5 has a lock of its own since 5.4. The enums that it takes are new too, so that a requires-expression cannot look for it.
#if REDPAK_DNF5_VERSION_MAJOR >= 4
inline bool lock_system_repo(libdnf5::Base & base, bool write, bool block) {
    using libdnf5::utils::LockAccess;
    using libdnf5::utils::LockBlocking;
    return base.lock_system_repo(
        write ? LockAccess::WRITE : LockAccess::READ, block ? LockBlocking::BLOCKING : LockBlocking::NON_BLOCKING);
}

inline void unlock_system_repo(libdnf5::Base & base) {
    base.unlock_system_repo();
}
#else
[[noreturn]] inline bool lock_system_repo(libdnf5::Base &, bool, bool) {
    throw Unsupported("lock on the installroot", "5.4");
}

[[noreturn]] inline void unlock_system_repo(libdnf5::Base &) {
    throw Unsupported("lock on the installroot", "5.4");
}
#endif

// `gpgcheck` became `pkg_gpgcheck` in the course of 5.3 and 5.4.
template <typename Config>
bool pkg_gpgcheck(const Config & config) {
    if constexpr (requires { config.get_pkg_gpgcheck_option(); }) {
        return config.get_pkg_gpgcheck_option().get_value();
    } else {
        return config.get_gpgcheck_option().get_value();
    }
}

template <typename Package>
bool is_pkg_gpgcheck_enabled(const Package & package) {
    if constexpr (requires { package.is_pkg_gpgcheck_enabled(); }) {
        return package.is_pkg_gpgcheck_enabled();
    } else {
        return pkg_gpgcheck(package.get_repo()->get_config());
    }
}

}  // namespace redpak::compat

#endif
