#include "handle.hpp"

#include <libdnf5/common/sack/query_cmp.hpp>

using namespace redpak;

Rdnf5Bytes rdnf5_string_view(const Rdnf5String * string) noexcept {
    return guard_callback(Rdnf5Bytes{nullptr, 0}, [&] { return view(deref(string)); });
}

void rdnf5_string_free(Rdnf5String * string) noexcept {
    drop(string);
}

size_t rdnf5_string_list_size(const Rdnf5StringList * list) noexcept {
    return guard_callback(size_t{0}, [&] { return deref(list).size(); });
}

Rdnf5Bytes rdnf5_string_list_view(const Rdnf5StringList * list, size_t index) noexcept {
    return guard_callback(Rdnf5Bytes{nullptr, 0}, [&] { return view(at(deref(list), index)); });
}

void rdnf5_string_list_free(Rdnf5StringList * list) noexcept {
    drop(list);
}

namespace redpak {

namespace {

using libdnf5::sack::QueryCmp;

static_assert(to_number(QueryCmp::NOT) == RDNF5_CMP_NOT);
static_assert(to_number(QueryCmp::ICASE) == RDNF5_CMP_ICASE);
static_assert(to_number(QueryCmp::ISNULL) == RDNF5_CMP_ISNULL);
static_assert(to_number(QueryCmp::EQ) == RDNF5_CMP_EQ);
static_assert(to_number(QueryCmp::GT) == RDNF5_CMP_GT);
static_assert(to_number(QueryCmp::LT) == RDNF5_CMP_LT);
static_assert(to_number(QueryCmp::CONTAINS) == RDNF5_CMP_CONTAINS);
static_assert(to_number(QueryCmp::STARTSWITH) == RDNF5_CMP_STARTSWITH);
static_assert(to_number(QueryCmp::ENDSWITH) == RDNF5_CMP_ENDSWITH);
static_assert(to_number(QueryCmp::REGEX) == RDNF5_CMP_REGEX);
static_assert(to_number(QueryCmp::GLOB) == RDNF5_CMP_GLOB);

constexpr uint32_t ALL_CMP_FLAGS = RDNF5_CMP_NOT | RDNF5_CMP_ICASE | RDNF5_CMP_ISNULL | RDNF5_CMP_EQ | RDNF5_CMP_GT |
                                   RDNF5_CMP_LT | RDNF5_CMP_CONTAINS | RDNF5_CMP_STARTSWITH | RDNF5_CMP_ENDSWITH |
                                   RDNF5_CMP_REGEX | RDNF5_CMP_GLOB;

}  // namespace

QueryCmp to_cmp(uint32_t cmp) {
    if (cmp & ~ALL_CMP_FLAGS) {
        throw_unknown_enumerator("comparison", cmp);
    }
    return static_cast<QueryCmp>(cmp);
}

libdnf5::transaction::TransactionItemReason to_reason(uint32_t reason) {
    using libdnf5::transaction::TransactionItemReason;
    return to_enum(reason, TransactionItemReason::NONE, TransactionItemReason::EXTERNAL_USER, "reason");
}

libdnf5::Option::Priority to_option_priority(uint32_t priority) {
    switch (priority) {
        case RDNF5_OPTION_EMPTY:
        case RDNF5_OPTION_DEFAULT:
        case RDNF5_OPTION_MAINCONFIG:
        case RDNF5_OPTION_AUTOMATICCONFIG:
        case RDNF5_OPTION_REPOCONFIG:
        case RDNF5_OPTION_INSTALLROOT:
        case RDNF5_OPTION_PLUGINDEFAULT:
        case RDNF5_OPTION_PLUGINCONFIG:
        case RDNF5_OPTION_COMMANDLINE:
        case RDNF5_OPTION_RUNTIME:
            return static_cast<libdnf5::Option::Priority>(priority);
        default:
            throw_unknown_enumerator("option priority", priority);
    }
}

}  // namespace redpak
