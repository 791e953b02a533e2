/*
 * Loaded before a program (LD_PRELOAD): notes, in their order, all writes to the files of one folder
 * and what is made sure to be on the disk. Whoever reads that knows what a power cut can leave.
 *
 * POWERCUT_FOLDER is the folder, POWERCUT_LOG the file for the notes: each is a line
 * `OPERATION OFFSET LENGTH PATH`, and after it LENGTH bytes of content for a write.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static char folder[PATH_MAX];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *log = getenv("POWERCUT_LOG");
  const char *named = getenv("POWERCUT_FOLDER");
  if (!log || !named || !realpath(named, folder)) abort();
  log_fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (log_fd < 0) abort();
}

static void put(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t done = REAL(write)(log_fd, bytes, length);
    if (done <= 0) abort();
    bytes += done;
    length -= done;
  }
}

static void note(const char *what, const char *path, long long at, const void *bytes, size_t length) {
  char line[PATH_MAX + 64];
  int size = snprintf(line, sizeof line, "%s %lld %zu %s\n", what, at, length, path);
  pthread_mutex_lock(&turn);
  put(line, size);
  if (bytes) put(bytes, length);
  pthread_mutex_unlock(&turn);
}

/* The path of a file in the folder; 0 for all others. */
static int is_ours(int fd, char *path) {
  char link[64];
  if (fd < 0 || fd == log_fd) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  char path[PATH_MAX];
  ssize_t done = REAL(pwrite64)(fd, bytes, length, at);
  if (done > 0 && is_ours(fd, path)) note("write", path, at, bytes, done);
  return done;
}

/* At the end of a file, or wherever the program is in it. */
ssize_t write(int fd, const void *bytes, size_t length) {
  char path[PATH_MAX];
  ssize_t done = REAL(write)(fd, bytes, length);
  if (done > 0 && is_ours(fd, path))
    note("write", path, REAL(lseek64)(fd, 0, SEEK_CUR) - done, bytes, done);
  return done;
}

int ftruncate64(int fd, off64_t length) {
  char path[PATH_MAX];
  int failed = REAL(ftruncate64)(fd, length);
  if (!failed && is_ours(fd, path)) note("truncate", path, length, 0, 0);
  return failed;
}

int fsync(int fd) {
  char path[PATH_MAX];
  int failed = REAL(fsync)(fd);
  if (!failed && is_ours(fd, path)) note("sync", path, 0, 0, 0);
  return failed;
}

int fdatasync(int fd) {
  char path[PATH_MAX];
  int failed = REAL(fdatasync)(fd);
  if (!failed && is_ours(fd, path)) note("sync", path, 0, 0, 0);
  return failed;
}

int unlink(const char *named) {
  char path[PATH_MAX];
  const char *known = realpath(named, path);
  int failed = REAL(unlink)(named);
  if (!failed && known && strncmp(path, folder, strlen(folder)) == 0) note("unlink", path, 0, 0, 0);
  return failed;
}
