// The border between C++ exceptions and C: guard(), its twin for callbacks, and nothing else may catch.

#ifndef REDPAK_DNF5_GUARD_HPP
#define REDPAK_DNF5_GUARD_HPP

#include "redpak_dnf5.h"

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// What an error object holds.
struct Rdnf5Error {
    struct Cause {
        std::string domain;
        std::string name;
        std::string message;
    };
    uint32_t kind{RDNF5_ERROR_UNKNOWN};
    int32_t error_number{0};
    std::string message;
    std::vector<Cause> causes;
};

namespace redpak {

/// The caller broke a rule of the C ABI.
class ArgumentError : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

/// A callback of the caller asked to stop.
class CallbackStop : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The library that is loaded is not the one that the shim was built with.
class VersionError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Handed out when there is no memory for an error; never freed.
Rdnf5Error * out_of_memory() noexcept;

/// Turns the exception that is being handled into an error object. Only for guard(). Never NULL.
Rdnf5Error * error_from_current_exception() noexcept;

/// Runs the body of an entry point. @return NULL when it returned, an error of the caller's when it threw
template <typename Body>
Rdnf5Error * guard(Body && body) noexcept {
    try {
        std::forward<Body>(body)();
        return nullptr;
    } catch (...) {
        return error_from_current_exception();
    }
}

/// The twin for calls in the other direction, and for entry points that have no error to return: libdnf5 and librpm are not
/// written to be unwound by us, so what is thrown ends here.
template <typename Result, typename Body>
Result guard_callback(Result fallback, Body && body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        return fallback;
    }
}

}  // namespace redpak

#endif
