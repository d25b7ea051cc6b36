// Output that goes to a terminal is gathered for the caller, who decides what of it may reach the terminal.

#ifndef REDPAK_DNF5_SCREEN_HPP
#define REDPAK_DNF5_SCREEN_HPP

#include <functional>

namespace redpak {

/// Runs `body`; what it writes to the standard streams goes out, in order with what the program prints itself, also when it
/// throws: through the caller's function where a stream is a terminal, unchanged elsewhere.
void on_screen(const std::function<void()> & body);

}  // namespace redpak

#endif
