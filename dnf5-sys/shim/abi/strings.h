/* Strings (strings.cpp). */
#pragma once

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

Rdnf5Bytes rdnf5_string_view(const Rdnf5String * string) RDNF5_NOEXCEPT;
void rdnf5_string_free(Rdnf5String * string) RDNF5_NOEXCEPT;
size_t rdnf5_string_list_size(const Rdnf5StringList * list) RDNF5_NOEXCEPT;
/// Empty past the end.
Rdnf5Bytes rdnf5_string_list_view(const Rdnf5StringList * list, size_t index) RDNF5_NOEXCEPT;
void rdnf5_string_list_free(Rdnf5StringList * list) RDNF5_NOEXCEPT;

#ifdef __cplusplus
}
#endif
