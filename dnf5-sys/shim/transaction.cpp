#include "callbacks.hpp"

#include <libdnf5/base/log_event.hpp>
#include <libdnf5/base/transaction_environment.hpp>
#include <libdnf5/base/transaction_group.hpp>
#include <libdnf5/base/transaction_module.hpp>

using namespace redpak;
using libdnf5::base::Transaction;
using RunResult = Transaction::TransactionRunResult;

namespace {

using libdnf5::GoalProblem;
using libdnf5::transaction::TransactionItemAction;
using libdnf5::transaction::TransactionItemReason;
using libdnf5::transaction::TransactionItemState;

static_assert(to_number(GoalProblem::NOT_FOUND) == RDNF5_PROBLEM_NOT_FOUND);
static_assert(to_number(GoalProblem::MERGE_ERROR) == RDNF5_PROBLEM_MERGE_ERROR);
static_assert(to_number(TransactionItemAction::INSTALL) == RDNF5_ACTION_INSTALL);
static_assert(to_number(TransactionItemAction::SWITCH) == RDNF5_ACTION_SWITCH);
static_assert(to_number(TransactionItemReason::EXTERNAL_USER) == RDNF5_REASON_EXTERNAL_USER);
static_assert(to_number(TransactionItemState::ERROR) == RDNF5_STATE_ERROR);
static_assert(to_number(RunResult::SUCCESS) == RDNF5_RUN_SUCCESS);
static_assert(to_number(RunResult::ERROR_GPG_CHECK) == RDNF5_RUN_ERROR_GPG_CHECK);

std::vector<std::string> script_output(Transaction & transaction) {
    auto output = transaction.get_last_script_output();
    return output.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::move(output)};
}

std::vector<std::string> get_strings(Transaction & transaction, uint32_t field) {
    switch (field) {
        case RDNF5_TRANSACTION_RESOLVE_LOGS:
            return transaction.get_resolve_logs_as_strings();
        case RDNF5_TRANSACTION_TRANSACTION_PROBLEMS:
            return transaction.get_transaction_problems();
        case RDNF5_TRANSACTION_GPG_SIGNATURE_PROBLEMS:
            return transaction.get_gpg_signature_problems();
        case RDNF5_TRANSACTION_RPM_MESSAGES:
            return transaction.get_rpm_messages();
        case RDNF5_TRANSACTION_LAST_SCRIPT_OUTPUT:
            return script_output(transaction);
        default:
            throw_unknown_enumerator("list of a transaction", field);
    }
}

std::vector<libdnf5::rpm::Package> get_packages(const Transaction & transaction, uint32_t field) {
    switch (field) {
        case RDNF5_TRANSACTION_BROKEN_DEPENDENCY_PACKAGES:
            return transaction.get_broken_dependency_packages();
        case RDNF5_TRANSACTION_CONFLICTING_PACKAGES:
            return transaction.get_conflicting_packages();
        default:
            throw_unknown_enumerator("packages of a transaction", field);
    }
}

using Each = void (*)(void * user, const Rdnf5TransactionItem * item);

void each_item(
    Each each, void * user, const auto & item, const std::string & id, const std::string & name) {
    const Rdnf5TransactionItem view_of_item{
        to_number(item.get_action()), to_number(item.get_reason()), view(id), view(name)};
    each(user, &view_of_item);
}

}  // namespace

void rdnf5_transaction_free(Rdnf5Transaction * transaction) noexcept {
    drop(transaction);
}

Rdnf5Error * rdnf5_transaction_problems(Rdnf5Transaction * transaction, uint32_t * out) noexcept {
    return guard([&] { deref_out(out) = to_number(deref(transaction).get_problems()); });
}

Rdnf5Error * rdnf5_transaction_empty(const Rdnf5Transaction * transaction, uint8_t * out) noexcept {
    return guard([&] { deref_out(out) = deref(transaction).empty(); });
}

Rdnf5Error * rdnf5_transaction_get_strings_copy(
    Rdnf5Transaction * transaction, uint32_t field, Rdnf5StringList ** out) noexcept {
    return guard([&] { give(out, get_strings(deref(transaction), field)); });
}

Rdnf5Error * rdnf5_transaction_resolve_logs(
    const Rdnf5Transaction * transaction,
    void * user,
    void (*each)(void * user, const Rdnf5LogEvent * event)) noexcept {
    return guard([&] {
        auto & call = deref_out(each);
        for (const auto & event : deref(transaction).get_resolve_logs()) {
            const auto text = event.to_string();
            const Rdnf5LogEvent view_of_event{
                to_number(event.get_action()),
                to_number(event.get_problem()),
                event.get_spec() ? view(*event.get_spec()) : Rdnf5Bytes{nullptr, 0},
                view(text)};
            call(user, &view_of_event);
        }
    });
}

Rdnf5Error * rdnf5_transaction_get_packages_copy(
    const Rdnf5Transaction * transaction, uint32_t field, Rdnf5PackageList ** out) noexcept {
    return guard([&] { give(out, get_packages(deref(transaction), field)); });
}

Rdnf5Error * rdnf5_transaction_transaction_packages_copy(
    const Rdnf5Transaction * transaction, Rdnf5TransactionPackageList ** out) noexcept {
    return guard([&] { give(out, deref(transaction).get_transaction_packages()); });
}

size_t rdnf5_transaction_package_list_size(const Rdnf5TransactionPackageList * list) noexcept {
    return guard_callback(size_t{0}, [&] { return deref(list).size(); });
}

const Rdnf5TransactionPackage * rdnf5_transaction_package_list_view(
    const Rdnf5TransactionPackageList * list, size_t index) noexcept {
    return guard_callback(static_cast<const Rdnf5TransactionPackage *>(nullptr), [&] {
        return borrow<Rdnf5TransactionPackage>(at(deref(list), index));
    });
}

void rdnf5_transaction_package_list_free(Rdnf5TransactionPackageList * list) noexcept {
    drop(list);
}

Rdnf5Error * rdnf5_transaction_package_info(
    const Rdnf5TransactionPackage * item, uint32_t * action, uint32_t * reason, uint32_t * state) noexcept {
    return guard([&] {
        const auto & object = deref(item);
        deref_out(action) = to_number(object.get_action());
        deref_out(reason) = to_number(object.get_reason());
        deref_out(state) = to_number(object.get_state());
    });
}

Rdnf5Error * rdnf5_transaction_package_get_package_copy(
    const Rdnf5TransactionPackage * item, Rdnf5Package ** out) noexcept {
    return guard([&] { give(out, deref(item).get_package()); });
}

Rdnf5Error * rdnf5_transaction_package_get_replaces_copy(
    const Rdnf5TransactionPackage * item, Rdnf5PackageList ** out) noexcept {
    return guard([&] { give(out, deref(item).get_replaces()); });
}

Rdnf5Error * rdnf5_transaction_package_get_replaced_by_copy(
    const Rdnf5TransactionPackage * item, Rdnf5PackageList ** out) noexcept {
    return guard([&] { give(out, deref(item).get_replaced_by()); });
}

Rdnf5Error * rdnf5_transaction_items(
    const Rdnf5Transaction * transaction, uint32_t kind, void * user, Each each) noexcept {
    return guard([&] {
        const auto & object = deref(transaction);
        deref_out(each);
        switch (kind) {
            case RDNF5_TRANSACTION_GROUPS:
                for (const auto & item : object.get_transaction_groups()) {
                    each_item(each, user, item, item.get_group().get_groupid(), item.get_group().get_name());
                }
                break;
            case RDNF5_TRANSACTION_ENVIRONMENTS:
                for (const auto & item : object.get_transaction_environments()) {
                    const auto environment = item.get_environment();
                    each_item(each, user, item, environment.get_environmentid(), environment.get_name());
                }
                break;
            case RDNF5_TRANSACTION_MODULES:
                for (const auto & item : object.get_transaction_modules()) {
                    each_item(each, user, item, item.get_module_name(), item.get_module_stream());
                }
                break;
            default:
                throw_unknown_enumerator("items of a transaction", kind);
        }
    });
}

Rdnf5Error * rdnf5_transaction_set_description(Rdnf5Transaction * transaction, Rdnf5Bytes text) noexcept {
    return guard([&] { deref(transaction).set_description(to_string(text)); });
}

Rdnf5Error * rdnf5_transaction_set_comment(Rdnf5Transaction * transaction, Rdnf5Bytes text) noexcept {
    return guard([&] { deref(transaction).set_comment(to_string(text)); });
}

Rdnf5Error * rdnf5_transaction_set_user_id(Rdnf5Transaction * transaction, uint32_t user_id) noexcept {
    return guard([&] { deref(transaction).set_user_id(user_id); });
}

Rdnf5Error * rdnf5_transaction_set_download_local_pkgs(Rdnf5Transaction * transaction, uint8_t value) noexcept {
    return guard([&] { deref(transaction).set_download_local_pkgs(value); });
}

Rdnf5Error * rdnf5_transaction_download(
    Rdnf5Base * base, Rdnf5Transaction * transaction, const Rdnf5DownloadCallbacks * downloads) noexcept {
    return guard([&] {
        auto & object = deref(transaction);
        const ScopedCallbacks callbacks(deref(base), downloads, nullptr);
        object.download();
    });
}

Rdnf5Error * rdnf5_transaction_check_gpg_signatures(
    Rdnf5Base * base, Rdnf5Transaction * transaction, const Rdnf5RepoCallbacks * keys, uint8_t * out) noexcept {
    return guard([&] {
        auto & object = deref(transaction);
        const ScopedCallbacks callbacks(deref(base), nullptr, keys);
        deref_out(out) = object.check_gpg_signatures();
    });
}

Rdnf5Error * rdnf5_transaction_test(
    Rdnf5Base * base, Rdnf5Transaction * transaction, const Rdnf5RepoCallbacks * keys, uint32_t * out) noexcept {
    return guard([&] {
        auto & object = deref(transaction);
        const ScopedCallbacks callbacks(deref(base), nullptr, keys);
        deref_out(out) = to_number(object.test());
    });
}

Rdnf5Error * rdnf5_transaction_run(
    Rdnf5Base * base,
    Rdnf5Transaction * transaction,
    const Rdnf5TransactionCallbacks * callbacks,
    const Rdnf5RepoCallbacks * keys,
    uint32_t * out) noexcept {
    return guard([&] {
        auto & object = deref(transaction);
        auto & result = deref_out(out);
        const ScopedCallbacks scope(deref(base), nullptr, keys);
        RunStopper stopper;
        if (callbacks) {
            object.set_callbacks(std::make_unique<CallbackTransaction>(*callbacks, stopper, object));
        }
        const auto outcome = object.run();
        // Whatever libdnf5 still keeps of them may not outlive the call.
        object.set_callbacks(nullptr);
        if (stopper.is_stopped()) {
            throw CallbackStop("stopped before the transaction began");
        }
        result = to_number(outcome);
    });
}

Rdnf5Error * rdnf5_run_result_copy(uint32_t result, Rdnf5String ** out) noexcept {
    return guard([&] {
        const auto checked = to_enum(result, RunResult::SUCCESS, RunResult::ERROR_GPG_CHECK, "result of a run");
        give(out, Transaction::transaction_result_to_string(checked));
    });
}

Rdnf5Error * rdnf5_transaction_serialize_copy(
    const Rdnf5Transaction * transaction,
    Rdnf5Bytes packages_path,
    Rdnf5Bytes comps_path,
    Rdnf5Bytes repo_prefix,
    Rdnf5String ** out) noexcept {
    return guard([&] {
        give(
            out,
            deref(transaction).serialize(to_string(packages_path), to_string(comps_path), to_string(repo_prefix)));
    });
}

Rdnf5Error * rdnf5_transaction_store_comps(const Rdnf5Transaction * transaction, Rdnf5Bytes path) noexcept {
    return guard([&] { deref(transaction).store_comps(to_string(path)); });
}
