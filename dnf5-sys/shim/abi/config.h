/* Configuration and variables (config.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Who sets an option; a higher one wins. libdnf5's own numbers.
enum Rdnf5OptionPriority {
    RDNF5_OPTION_EMPTY = 0,
    RDNF5_OPTION_DEFAULT = 10,
    RDNF5_OPTION_MAINCONFIG = 20,
    RDNF5_OPTION_AUTOMATICCONFIG = 30,
    RDNF5_OPTION_REPOCONFIG = 40,
    RDNF5_OPTION_INSTALLROOT = 45,
    RDNF5_OPTION_PLUGINDEFAULT = 50,
    RDNF5_OPTION_PLUGINCONFIG = 60,
    RDNF5_OPTION_COMMANDLINE = 70,
    RDNF5_OPTION_RUNTIME = 80
};

/// The names of all main options.
Rdnf5Error * rdnf5_config_options_copy(Rdnf5Base * base, Rdnf5StringList ** out) RDNF5_NOEXCEPT;
/// Sets a main option from text as it would stand in a configuration file; a lower priority than the present one changes nothing.
Rdnf5Error * rdnf5_config_set(
    Rdnf5Base * base, Rdnf5Bytes option, Rdnf5Bytes value, uint32_t priority) RDNF5_NOEXCEPT;
/// The value as text; `priority` (may be NULL) says who set it.
Rdnf5Error * rdnf5_config_get_copy(
    Rdnf5Base * base, Rdnf5Bytes option, Rdnf5String ** out, uint32_t * priority) RDNF5_NOEXCEPT;

/// Who sets a variable. libdnf5's own numbers.
enum Rdnf5VarsPriority {
    RDNF5_VARS_DEFAULT = 10,
    RDNF5_VARS_AUTO = 20,
    RDNF5_VARS_VARSDIR = 30,
    RDNF5_VARS_PLUGIN = 40,
    RDNF5_VARS_ENVIRONMENT = 50,
    RDNF5_VARS_COMMANDLINE = 60,
    RDNF5_VARS_RUNTIME = 70
};

Rdnf5Error * rdnf5_vars_names_copy(Rdnf5Base * base, Rdnf5StringList ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_vars_set(Rdnf5Base * base, Rdnf5Bytes name, Rdnf5Bytes value, uint32_t priority) RDNF5_NOEXCEPT;
/// `*out` is NULL when there is no such variable.
Rdnf5Error * rdnf5_vars_get_copy(Rdnf5Base * base, Rdnf5Bytes name, Rdnf5String ** out) RDNF5_NOEXCEPT;
/// The release of the system below `installroot`, told by its rpmdb. `*out` is NULL when that has none.
Rdnf5Error * rdnf5_vars_detect_release_copy(
    Rdnf5Base * base, Rdnf5Bytes installroot, Rdnf5String ** out) RDNF5_NOEXCEPT;
Rdnf5Error * rdnf5_vars_substitute_copy(Rdnf5Base * base, Rdnf5Bytes text, Rdnf5String ** out) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
