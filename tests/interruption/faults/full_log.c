/* Writes to files whose names end with REDPAK_TEST_LOG fail for lack of space once there were REDPAK_TEST_LOG_WRITES. Each is counted
   in the file REDPAK_TEST_LOG_COUNT, opened before anything is confined. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static unsigned char is_log[1024];
static long written, counter = -1;
__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("REDPAK_TEST_LOG_COUNT");
  if (file) counter = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
}
static int note(int fd, const char *path) {
  const char *end = getenv("REDPAK_TEST_LOG");
  size_t length = strlen(path), wanted = end ? strlen(end) : 0;
  if (fd >= 0 && fd < 1024) is_log[fd] = wanted && length >= wanted && !strcmp(path + length - wanted, end);
  return fd;
}
static int is_full(int fd) {
  const char *limit = getenv("REDPAK_TEST_LOG_WRITES");
  if (fd < 0 || fd >= 1024 || !is_log[fd] || !limit) return 0;
  if (counter >= 0 && write(counter, "x", 1) != 1) abort();
  if (written++ < atol(limit)) return 0;
  errno = ENOSPC;
  return 1;
}
#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)
#define OPEN(name)                                                                       \
  int name(const char *path, int flags, ...) {                                           \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest);     \
    REAL(int, name, const char *, int, ...);                                             \
    return note(real(path, flags, mode), path);                                          \
  }
OPEN(open)
OPEN(open64)
int close(int fd) { REAL(int, close, int); if (fd >= 0 && fd < 1024) is_log[fd] = 0; return real(fd); }
#define WRITE(name)                                                                      \
  ssize_t name(int fd, const void *data, size_t size, off_t at) {                        \
    REAL(ssize_t, name, int, const void *, size_t, off_t);                               \
    return is_full(fd) ? -1 : real(fd, data, size, at);                                  \
  }
WRITE(pwrite)
WRITE(pwrite64)
