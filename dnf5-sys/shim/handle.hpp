// Conversions between the types of the C ABI and those of C++: handles, strings, lists, enumerators.

#ifndef REDPAK_DNF5_HANDLE_HPP
#define REDPAK_DNF5_HANDLE_HPP

#include "guard.hpp"

#include <libdnf5/advisory/advisory_query.hpp>
#include <libdnf5/base/base.hpp>
#include <libdnf5/base/goal.hpp>
#include <libdnf5/base/transaction.hpp>
#include <libdnf5/base/transaction_package.hpp>
#include <libdnf5/comps/environment/query.hpp>
#include <libdnf5/comps/group/query.hpp>
#include <libdnf5/module/module_query.hpp>
#include <libdnf5/repo/repo_query.hpp>
#include <libdnf5/rpm/package_query.hpp>
#include <libdnf5/transaction/offline.hpp>
#include <libdnf5/transaction/transaction.hpp>
#include <libdnf5/version.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace redpak {

/// The C++ object that an opaque handle points to. Handles are never defined; they are these objects' addresses.
template <typename Handle>
struct ObjectOf;

template <> struct ObjectOf<Rdnf5String> { using Type = std::string; };
template <> struct ObjectOf<Rdnf5StringList> { using Type = std::vector<std::string>; };
template <> struct ObjectOf<Rdnf5Base> { using Type = libdnf5::Base; };
template <> struct ObjectOf<Rdnf5Repo> { using Type = libdnf5::repo::RepoWeakPtr; };
template <> struct ObjectOf<Rdnf5RepoList> { using Type = std::vector<libdnf5::repo::RepoWeakPtr>; };
template <> struct ObjectOf<Rdnf5RepoQuery> { using Type = libdnf5::repo::RepoQuery; };
template <> struct ObjectOf<Rdnf5Package> { using Type = libdnf5::rpm::Package; };
template <> struct ObjectOf<Rdnf5PackageList> { using Type = std::vector<libdnf5::rpm::Package>; };
template <> struct ObjectOf<Rdnf5PackageQuery> { using Type = libdnf5::rpm::PackageQuery; };
template <> struct ObjectOf<Rdnf5GoalJobSettings> { using Type = libdnf5::GoalJobSettings; };
template <> struct ObjectOf<Rdnf5Goal> { using Type = libdnf5::Goal; };
template <> struct ObjectOf<Rdnf5Transaction> { using Type = libdnf5::base::Transaction; };
template <> struct ObjectOf<Rdnf5TransactionPackage> { using Type = libdnf5::base::TransactionPackage; };
template <>
struct ObjectOf<Rdnf5TransactionPackageList> { using Type = std::vector<libdnf5::base::TransactionPackage>; };

template <typename Handle>
using Object = typename ObjectOf<Handle>::Type;
template <> struct ObjectOf<Rdnf5AdvisoryQuery> { using Type = libdnf5::advisory::AdvisoryQuery; };
template <> struct ObjectOf<Rdnf5GroupQuery> { using Type = libdnf5::comps::GroupQuery; };
template <> struct ObjectOf<Rdnf5EnvironmentQuery> { using Type = libdnf5::comps::EnvironmentQuery; };
template <> struct ObjectOf<Rdnf5ModuleQuery> { using Type = libdnf5::module::ModuleQuery; };
template <> struct ObjectOf<Rdnf5Offline> { using Type = libdnf5::offline::OfflineTransactionState; };
template <> struct ObjectOf<Rdnf5History> { using Type = std::vector<libdnf5::transaction::Transaction>; };

/// @return the object behind a handle; throws ArgumentError on NULL
template <typename Handle>
Object<Handle> & deref(Handle * handle) {
    if (!handle) {
        throw ArgumentError("a handle is NULL");
    }
    return *reinterpret_cast<Object<Handle> *>(handle);
}

template <typename Handle>
const Object<Handle> & deref(const Handle * handle) {
    return deref(const_cast<Handle *>(handle));
}

/// @return a handle for an object that stays where it is
template <typename Handle>
const Handle * borrow(const Object<Handle> & object) noexcept {
    return reinterpret_cast<const Handle *>(&object);
}

/// @return the place of an out parameter; throws ArgumentError on NULL
template <typename T>
T & deref_out(T * out) {
    if (!out) {
        throw ArgumentError("an out parameter is NULL");
    }
    return *out;
}

/// Makes an object of the caller's from `args` and stores its handle in `*out`.
template <typename Handle, typename... Args>
void give(Handle ** out, Args &&... args) {
    deref_out(out);
    auto object = std::make_unique<Object<Handle>>(std::forward<Args>(args)...);
    *out = reinterpret_cast<Handle *>(object.release());
}

template <typename Handle>
void drop(Handle * handle) noexcept {
    delete reinterpret_cast<Object<Handle> *>(handle);
}

/// @return `list[index]`; throws ArgumentError past the end
template <typename Container>
const auto & at(const Container & list, size_t index) {
    if (index >= list.size()) {
        throw ArgumentError("an index is past the end");
    }
    return list[index];
}

inline Rdnf5Bytes view(const std::string & text) noexcept {
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

inline Rdnf5Bytes view(const char * text) noexcept {
    return {reinterpret_cast<const uint8_t *>(text), text ? std::char_traits<char>::length(text) : 0};
}

inline std::string to_string(Rdnf5Bytes bytes) {
    if (!bytes.data && bytes.size) {
        throw ArgumentError("a string is NULL and not empty");
    }
    return {reinterpret_cast<const char *>(bytes.data), bytes.size};
}

inline std::vector<std::string> to_strings(const Rdnf5Bytes * strings, size_t count) {
    if (!strings && count) {
        throw ArgumentError("a list of strings is NULL and not empty");
    }
    std::vector<std::string> result;
    result.reserve(count);
    for (size_t i = 0; i < count; ++i) {
        result.push_back(to_string(strings[i]));
    }
    return result;
}

[[noreturn]] inline void throw_unknown_enumerator(const char * of, uint32_t value) {
    throw ArgumentError(std::string("unknown ") + of + " " + std::to_string(value));
}

/// libdnf5's enum from its own number, when it lies in a closed range.
template <typename Enum>
Enum to_enum(uint32_t value, Enum first, Enum last, const char * name) {
    using Number = std::underlying_type_t<Enum>;
    const auto number = static_cast<int64_t>(value);
    if (number < static_cast<int64_t>(static_cast<Number>(first)) ||
        number > static_cast<int64_t>(static_cast<Number>(last))) {
        throw_unknown_enumerator(name, value);
    }
    return static_cast<Enum>(static_cast<Number>(value));
}

template <typename Enum>
constexpr uint32_t to_number(Enum value) noexcept {
    return static_cast<uint32_t>(value);
}

/// Comparison flags are passed as libdnf5 defines them; it rejects combinations that make no sense itself.
libdnf5::sack::QueryCmp to_cmp(uint32_t cmp);
libdnf5::transaction::TransactionItemReason to_reason(uint32_t reason);
libdnf5::Option::Priority to_option_priority(uint32_t priority);

/// The names of all options of a configuration.
std::vector<std::string> option_names(const libdnf5::OptionBinds & options);
/// Stores an option's text in `*out` and, unless it is NULL, who set it in `*priority`.
void give_option(const libdnf5::OptionBinds & options, Rdnf5Bytes name, Rdnf5String ** out, uint32_t * priority);

/// Throws VersionError when the shim cannot work with a library of that version.
void check_version(const libdnf5::LibraryVersion & running);

}  // namespace redpak

#endif
