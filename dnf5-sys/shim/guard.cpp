// The description of a caught exception. Here and in guard.hpp stands every catch of the shim.

#include "compat.hpp"
#include "guard.hpp"

#include <libdnf5/common/exception.hpp>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <new>
#include <string_view>

namespace {

struct KindOfName {
    std::string_view name;
    uint32_t kind;
};

/// libdnf5's exceptions by the name they give themselves: their headers are spread, their names are stable.
constexpr std::array KINDS_OF_NAMES{
    KindOfName{"RepoCacheonlyError", RDNF5_ERROR_CACHE_ONLY},
    KindOfName{"RepoDownloadError", RDNF5_ERROR_DOWNLOAD},
    KindOfName{"PackageDownloadError", RDNF5_ERROR_DOWNLOAD},
    KindOfName{"FileDownloadError", RDNF5_ERROR_DOWNLOAD},
    KindOfName{"LibrepoError", RDNF5_ERROR_DOWNLOAD},
    KindOfName{"RepoPgpError", RDNF5_ERROR_PGP},
    KindOfName{"KeyImportError", RDNF5_ERROR_PGP},
    KindOfName{"SignatureCheckError", RDNF5_ERROR_PGP},
    KindOfName{"RepoRpmError", RDNF5_ERROR_RPM},
    KindOfName{"RepoError", RDNF5_ERROR_REPO},
    KindOfName{"RepoCompsError", RDNF5_ERROR_REPO},
    KindOfName{"RepoIdAlreadyExistsError", RDNF5_ERROR_REPO},
    KindOfName{"RepoConfigOverrideError", RDNF5_ERROR_CONFIG},
    KindOfName{"GoalResolveError", RDNF5_ERROR_RESOLVE},
    KindOfName{"TransactionError", RDNF5_ERROR_TRANSACTION},
    KindOfName{"ConfigParserError", RDNF5_ERROR_CONFIG},
    KindOfName{"InaccessibleConfigError", RDNF5_ERROR_CONFIG},
    KindOfName{"MissingConfigError", RDNF5_ERROR_CONFIG},
    KindOfName{"InvalidConfigError", RDNF5_ERROR_CONFIG},
    KindOfName{"ReadOnlyVariableError", RDNF5_ERROR_CONFIG},
};

uint32_t kind_of(std::string_view name) {
    for (const auto & known : KINDS_OF_NAMES) {
        if (known.name == name) {
            return known.kind;
        }
    }
    return name.starts_with("Option") ? RDNF5_ERROR_OPTION : RDNF5_ERROR_LIBDNF;
}

/// A generic kind gives way to that of a nested cause.
bool is_generic(uint32_t kind) {
    return kind == RDNF5_ERROR_UNKNOWN || kind == RDNF5_ERROR_REPO || kind == RDNF5_ERROR_LIBDNF ||
           kind == RDNF5_ERROR_STD || kind == RDNF5_ERROR_CONFIG;
}

void add_cause(
    Rdnf5Error & error, uint32_t kind, int error_number, std::string domain, std::string name, std::string message) {
    if (error.causes.empty() || (is_generic(error.kind) && !is_generic(kind))) {
        error.kind = kind;
        error.error_number = error_number;
    }
    error.causes.push_back({std::move(domain), std::move(name), std::move(message)});
}

void add_plain_cause(Rdnf5Error & error, uint32_t kind, std::string name, const std::exception & exception) {
    add_cause(error, kind, 0, {}, std::move(name), exception.what());
}

/// An exception being handled, its nested ones after it.
void describe_current_exception(Rdnf5Error & error);

void describe_nested(Rdnf5Error & error, const std::exception & exception) {
    const auto * nested = dynamic_cast<const std::nested_exception *>(&exception);
    if (!nested || !nested->nested_ptr()) {
        return;
    }
    try {
        nested->rethrow_nested();
    } catch (...) {
        describe_current_exception(error);
    }
}

void describe_current_exception(Rdnf5Error & error) {
    try {
        throw;
    } catch (const redpak::ArgumentError & e) {
        add_plain_cause(error, RDNF5_ERROR_ARGUMENT, "ArgumentError", e);
    } catch (const redpak::CallbackStop & e) {
        add_plain_cause(error, RDNF5_ERROR_CALLBACK, "CallbackStop", e);
    } catch (const redpak::VersionError & e) {
        add_plain_cause(error, RDNF5_ERROR_VERSION, "VersionError", e);
    } catch (const redpak::compat::Unsupported & e) {
        add_plain_cause(error, RDNF5_ERROR_UNSUPPORTED, "Unsupported", e);
    } catch (const std::bad_alloc & e) {
        add_plain_cause(error, RDNF5_ERROR_MEMORY, "bad_alloc", e);
    } catch (const libdnf5::SystemError & e) {
        add_cause(error, RDNF5_ERROR_SYSTEM, e.get_error_code(), e.get_domain_name(), e.get_name(), e.what());
        describe_nested(error, e);
    } catch (const libdnf5::FileSystemError & e) {
        add_cause(error, RDNF5_ERROR_SYSTEM, e.get_error_code(), e.get_domain_name(), e.get_name(), e.what());
        describe_nested(error, e);
    } catch (const libdnf5::Error & e) {
        add_cause(error, kind_of(e.get_name()), 0, e.get_domain_name(), e.get_name(), e.what());
        describe_nested(error, e);
    } catch (const libdnf5::AssertionError & e) {
        add_cause(error, RDNF5_ERROR_ASSERTION, 0, "libdnf5", "AssertionError", e.what());
    } catch (const libdnf5::UserAssertionError & e) {
        add_cause(error, RDNF5_ERROR_ASSERTION, 0, "libdnf5", "UserAssertionError", e.what());
    } catch (const std::filesystem::filesystem_error & e) {
        add_cause(error, RDNF5_ERROR_SYSTEM, e.code().value(), "std", "filesystem_error", e.what());
    } catch (const std::exception & e) {
        add_plain_cause(error, RDNF5_ERROR_STD, "exception", e);
        describe_nested(error, e);
    } catch (...) {
        add_cause(error, RDNF5_ERROR_UNKNOWN, 0, {}, "unknown", "an exception of an unknown type");
    }
}

/// The causes as libdnf5::format() lays them out: one a line, each a space further in.
std::string joined_message(const Rdnf5Error & error) {
    std::string text;
    std::string indent;
    for (const auto & cause : error.causes) {
        if (!text.empty()) {
            text += "\n";
        }
        text += indent + cause.message;
        indent += " ";
    }
    return text;
}

}  // namespace

namespace redpak {

Rdnf5Error * out_of_memory() noexcept {
    static Rdnf5Error error{
        .kind = RDNF5_ERROR_MEMORY, .error_number = ENOMEM, .message = "out of memory", .causes = {}};
    return &error;
}

Rdnf5Error * error_from_current_exception() noexcept {
    return guard_callback(out_of_memory(), [] {
        auto error = std::make_unique<Rdnf5Error>();
        describe_current_exception(*error);
        error->message = joined_message(*error);
        return error.release();
    });
}

}  // namespace redpak
