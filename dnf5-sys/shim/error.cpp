#include "compat.hpp"
#include "handle.hpp"

using namespace redpak;

namespace {

Rdnf5Bytes view_of_cause(
    const Rdnf5Error * error, size_t index, const std::string Rdnf5Error::Cause::* member) noexcept {
    if (!error || index >= error->causes.size()) {
        return {nullptr, 0};
    }
    return view(error->causes[index].*member);
}

}  // namespace

uint32_t rdnf5_error_kind(const Rdnf5Error * error) noexcept {
    return error ? error->kind : static_cast<uint32_t>(RDNF5_ERROR_UNKNOWN);
}

int32_t rdnf5_error_errno(const Rdnf5Error * error) noexcept {
    return error ? error->error_number : 0;
}

Rdnf5Bytes rdnf5_error_message_view(const Rdnf5Error * error) noexcept {
    return error ? view(error->message) : Rdnf5Bytes{nullptr, 0};
}

size_t rdnf5_error_cause_count(const Rdnf5Error * error) noexcept {
    return error ? error->causes.size() : 0;
}

Rdnf5Bytes rdnf5_error_cause_domain_view(const Rdnf5Error * error, size_t index) noexcept {
    return view_of_cause(error, index, &Rdnf5Error::Cause::domain);
}

Rdnf5Bytes rdnf5_error_cause_name_view(const Rdnf5Error * error, size_t index) noexcept {
    return view_of_cause(error, index, &Rdnf5Error::Cause::name);
}

Rdnf5Bytes rdnf5_error_cause_message_view(const Rdnf5Error * error, size_t index) noexcept {
    return view_of_cause(error, index, &Rdnf5Error::Cause::message);
}

void rdnf5_error_free(Rdnf5Error * error) noexcept {
    if (error != out_of_memory()) {
        delete error;
    }
}

namespace {

Rdnf5Version to_c(const libdnf5::LibraryVersion & version) noexcept {
    return {version.prime, version.major, version.minor, version.micro};
}

std::string to_text(const libdnf5::LibraryVersion & version) {
    return std::to_string(version.prime) + "." + std::to_string(version.major) + "." + std::to_string(version.minor) +
           "." + std::to_string(version.micro);
}

}  // namespace

namespace redpak {

void check_version(const libdnf5::LibraryVersion & running) {
    if (compat::same_abi(running)) {
        return;
    }
    throw VersionError(
        "this program was built with libdnf5 " + to_text(compat::BUILT_VERSION) + " and cannot use libdnf5 " +
        to_text(running) + ": libdnf5 changes its C++ interface between minor versions; rebuild the program");
}

}  // namespace redpak

Rdnf5Version rdnf5_version_built(void) noexcept {
    return to_c(compat::BUILT_VERSION);
}

Rdnf5Version rdnf5_version_running(void) noexcept {
    return to_c(libdnf5::get_library_version());
}

Rdnf5Error * rdnf5_version_check(Rdnf5Version running) noexcept {
    return guard([&] { check_version({running.prime, running.major, running.minor, running.micro}); });
}
