#include "compat.hpp"
#include "handle.hpp"

#include <libdnf5/transaction/comps_environment.hpp>
#include <libdnf5/transaction/comps_group.hpp>
#include <libdnf5/transaction/rpm_package.hpp>
#include <libdnf5/transaction/transaction_history.hpp>

#include <algorithm>
#include <functional>

using namespace redpak;
using libdnf5::transaction::Transaction;

namespace {

static_assert(to_number(libdnf5::transaction::TransactionState::STARTED) == RDNF5_HISTORY_STARTED);
static_assert(to_number(libdnf5::transaction::TransactionState::ERROR) == RDNF5_HISTORY_ERROR);

using Each = void (*)(void * user, const Rdnf5HistoryItem * item);

void each_item(Each each, void * user, const auto & items) {
    for (const auto & item : items) {
        const auto name = item.to_string();
        const Rdnf5HistoryItem view_of_item{
            to_number(item.get_action()),
            to_number(item.get_reason()),
            to_number(item.get_state()),
            view(name),
            view(item.get_repoid())};
        each(user, &view_of_item);
    }
}

/// The transactions of these numbers, one that is named twice twice: libdnf5 gives each once.
std::vector<Transaction> in_order(const std::vector<Transaction> & found, const std::vector<int64_t> & ids) {
    std::vector<Transaction> result;
    for (const auto id : ids) {
        const auto transaction = std::ranges::find(found, id, &Transaction::get_id);
        if (transaction != found.end()) {
            result.push_back(*transaction);
        }
    }
    return result;
}

Transaction & nth(std::vector<Transaction> & history, size_t index) {
    return const_cast<Transaction &>(at(history, index));
}

}  // namespace

Rdnf5Error * rdnf5_history_new(
    Rdnf5Base * base, const int64_t * ids, size_t count, Rdnf5History ** out) noexcept {
    return guard([&] {
        const auto history = deref(base).get_transaction_history();
        std::vector<Transaction> transactions;
        if (!ids) {
            transactions = history->list_all_transactions();
        } else if (count != 0) {
            // Of no number libdnf5 makes all.
            const std::vector<int64_t> wanted(ids, ids + count);
            transactions = in_order(history->list_transactions(wanted), wanted);
        }
        std::ranges::stable_sort(transactions, std::greater(), &Transaction::get_id);
        give(out, std::move(transactions));
    });
}

void rdnf5_history_free(Rdnf5History * history) noexcept {
    drop(history);
}

Rdnf5Error * rdnf5_history_last_id(Rdnf5Base * base, int64_t * out) noexcept {
    return guard([&] {
        const auto ids = deref(base).get_transaction_history()->list_transaction_ids();
        deref_out(out) = ids.empty() ? 0 : ids.back();
    });
}

Rdnf5Error * rdnf5_history_filter_package_names(
    Rdnf5Base * base, Rdnf5History * history, const Rdnf5Bytes * names, size_t count) noexcept {
    return guard([&] {
        const auto source = deref(base).get_transaction_history();
        compat::filter_by_package_names(*source, deref(history), to_strings(names, count));
    });
}

Rdnf5Error * rdnf5_history_reverse(Rdnf5History * history) noexcept {
    return guard([&] { std::ranges::reverse(deref(history)); });
}

size_t rdnf5_history_size(const Rdnf5History * history) noexcept {
    return guard_callback(size_t{0}, [&] { return deref(history).size(); });
}

Rdnf5Error * rdnf5_history_get_view(
    const Rdnf5History * history, size_t index, Rdnf5HistoryTransaction * out) noexcept {
    return guard([&] {
        const auto & transaction = at(deref(history), index);
        deref_out(out) = {
            transaction.get_id(),
            transaction.get_dt_start(),
            transaction.get_dt_end(),
            transaction.get_user_id(),
            to_number(transaction.get_state()),
            view(transaction.get_description()),
            view(transaction.get_comment()),
            view(transaction.get_releasever()),
            view(transaction.get_rpmdb_version_begin()),
            view(transaction.get_rpmdb_version_end())};
    });
}

Rdnf5Error * rdnf5_history_items(
    Rdnf5History * history, size_t index, uint32_t kind, void * user, Each each) noexcept {
    return guard([&] {
        deref_out(each);
        auto & transaction = nth(deref(history), index);
        switch (kind) {
            case RDNF5_HISTORY_PACKAGES:
                return each_item(each, user, transaction.get_packages());
            case RDNF5_HISTORY_GROUPS:
                return each_item(each, user, transaction.get_comps_groups());
            case RDNF5_HISTORY_ENVIRONMENTS:
                return each_item(each, user, transaction.get_comps_environments());
            default:
                throw_unknown_enumerator("items of the history", kind);
        }
    });
}

Rdnf5Error * rdnf5_history_serialize_copy(Rdnf5History * history, size_t index, Rdnf5String ** out) noexcept {
    return guard([&] { give(out, nth(deref(history), index).serialize()); });
}
