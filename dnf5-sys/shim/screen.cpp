#include "screen.hpp"

#include "guard.hpp"

#include <libdnf5-cli/tty.hpp>

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <streambuf>
#include <string>
#include <system_error>
#include <utility>

using namespace redpak;

namespace {

Rdnf5ScreenWrite screen_write = nullptr;

ssize_t append(void * text, const char * data, size_t size) {
    return guard_callback(ssize_t{0}, [&] {
        static_cast<std::string *>(text)->append(data, size);
        return static_cast<ssize_t>(size);
    });
}

/// Appends to a string.
class Gather : public std::streambuf {
public:
    explicit Gather(std::string & text) : text(text) {}

protected:
    int_type overflow(int_type character) override {
        if (!traits_type::eq_int_type(character, traits_type::eof())) {
            text.push_back(traits_type::to_char_type(character));
        }
        return traits_type::not_eof(character);
    }

    std::streamsize xsputn(const char * data, std::streamsize size) override {
        text.append(data, static_cast<size_t>(size));
        return size;
    }

private:
    std::string & text;
};

/// A variable of the environment, until this is dropped. libdnf5-cli asks stdout's descriptor for what these tell it.
class Variable {
public:
    Variable(const char * name, const std::string & value) : name(name), was_set(std::getenv(name)) {
        setenv(name, value.c_str(), 0);
    }
    ~Variable() {
        if (!was_set) {
            unsetenv(name);
        }
    }
    Variable(const Variable &) = delete;
    Variable & operator=(const Variable &) = delete;

private:
    const char * name;
    bool was_set;
};

/// A C++ stream and the C stream beside it, gathered while this lives. The descriptor stays what it is: libsmartcols asks it.
class Stream {
public:
    Stream(std::ostream & stream, FILE *& file, int descriptor)
        : stream(stream), file(file), descriptor(descriptor), gather(text) {
        stream.flush();
        std::fflush(file);
        constexpr cookie_io_functions_t FUNCTIONS{.read = nullptr, .write = append, .seek = nullptr, .close = nullptr};
        FILE * gathering = fopencookie(&text, "w", FUNCTIONS);
        if (!gathering) {
            throw std::system_error(errno, std::generic_category(), "cannot gather output");
        }
        std::setvbuf(gathering, nullptr, _IONBF, 0);
        former_file = std::exchange(file, gathering);
        former_buffer = stream.rdbuf(&gather);
    }

    ~Stream() {
        stream.rdbuf(former_buffer);
        std::fclose(std::exchange(file, former_file));
        screen_write(descriptor, reinterpret_cast<const uint8_t *>(text.data()), text.size());
    }

    Stream(const Stream &) = delete;
    Stream & operator=(const Stream &) = delete;

private:
    std::ostream & stream;
    FILE *& file;
    int descriptor;
    std::string text;
    Gather gather;
    FILE * former_file{nullptr};
    std::streambuf * former_buffer{nullptr};
};

}  // namespace

void rdnf5_output_set_screen(Rdnf5ScreenWrite write) noexcept {
    screen_write = write;
}

namespace redpak {

void on_screen(const std::function<void()> & body) {
    {
        std::unique_ptr<Variable> interactive, columns;
        std::unique_ptr<Stream> out, err;
        if (screen_write && isatty(STDOUT_FILENO)) {
            columns = std::make_unique<Variable>(
                "DNF5_FORCE_COLUMNS", std::to_string(libdnf5::cli::tty::get_width()));
            interactive = std::make_unique<Variable>("DNF5_FORCE_INTERACTIVE", "1");
            out = std::make_unique<Stream>(std::cout, stdout, STDOUT_FILENO);
        }
        if (screen_write && isatty(STDERR_FILENO)) {
            err = std::make_unique<Stream>(std::cerr, stderr, STDERR_FILENO);
        }
        body();
    }
    std::cout.flush();
    std::cerr.flush();
    std::fflush(stdout);
}

}  // namespace redpak
