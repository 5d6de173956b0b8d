/*
 * Loaded into a process by LD_PRELOAD: lets the n-th call of a kind that changes files below a folder go wrong.
 *
 *   FAULT_BELOW   the folder, absolute and without links; calls elsewhere are not counted
 *   FAULT_CALLS   what is counted, divided by commas: unlink, rename, write, sync, truncate, open
 *   FAULT_AT      which of them, from 1 on; 0 only counts
 *   FAULT_ACT     kill: the process is gone before the call. after: once it is done. tear: it writes half of
 *                 the bytes first. ENOSPC, EIO: the call answers that, once
 *   FAULT_UNTIL   with ENOSPC and EIO: all later ones answer it too, until a file of this name is there
 *   FAULT_STATE   a file of 512 bytes where all processes count together; tells which call it was
 *
 * `open` counts those that make or change a file. A directory that is made or removed counts as open and unlink.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *const kinds[] = {"unlink", "rename", "write", "sync", "truncate", "open"};
#define KINDS (int)(sizeof kinds / sizeof kinds[0])

struct state {
  /* Of the kinds that may go wrong. */
  _Atomic unsigned long count;
  _Atomic unsigned long fired;
  _Atomic unsigned long of_kind[KINDS];
  char what[512 - 8 * (2 + KINDS)];
};

static struct state *state;
static const char *below, *calls, *until;
static size_t below_length;
static unsigned long at;
static int error;
static int kills, kills_after, tears;
/* Whether this thread's call is the last. */
static __thread int dies;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_STATE"), *act = getenv("FAULT_ACT");
  below = getenv("FAULT_BELOW");
  calls = getenv("FAULT_CALLS");
  until = getenv("FAULT_UNTIL");
  if (!path || !below || !calls) return;
  below_length = strlen(below);
  at = strtoul(getenv("FAULT_AT") ? getenv("FAULT_AT") : "0", NULL, 10);
  kills = act && strcmp(act, "kill") == 0;
  kills_after = act && strcmp(act, "after") == 0;
  tears = act && strcmp(act, "tear") == 0;
  error = act && strcmp(act, "EIO") == 0 ? EIO : ENOSPC;
  int (*open_)(const char *, int, ...) = real("open");
  int file = open_(path, O_RDWR);
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) state = memory;
}

static int is_below(const char *path) {
  return path && strncmp(path, below, below_length) == 0 &&
         (path[below_length] == '/' || path[below_length] == 0);
}

static int is_counted(const char *kind) {
  size_t length = strlen(kind);
  for (const char *each = calls; each; each = strchr(each, ',') ? strchr(each, ',') + 1 : NULL)
    if (strncmp(each, kind, length) == 0 && (each[length] == ',' || each[length] == 0)) return 1;
  return 0;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Whether this call is to go wrong; one that kills never answers. */
static int fails(const char *kind, const char *path, int tearing) {
  if (!state || !is_below(path)) return 0;
  for (int i = 0; i < KINDS; i++)
    if (strcmp(kinds[i], kind) == 0) atomic_fetch_add(&state->of_kind[i], 1);
  if (!is_counted(kind)) return 0;
  unsigned long number = atomic_fetch_add(&state->count, 1) + 1;
  if (at == 0 || number < at) return 0;
  if (until && number > at) return access(until, F_OK) != 0;
  if (atomic_exchange(&state->fired, 1)) return 0;
  snprintf(state->what, sizeof state->what, "%s %s", kind, path + below_length);
  if (kills || (tears && !tearing)) die();
  dies = kills_after;
  return !dies;
}

static const char *path_of(int file, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, buffer, PATH_MAX - 1);
  if (length < 0) return NULL;
  buffer[length] = 0;
  return buffer;
}

/* A path that is told relative to an open directory. */
static const char *path_at(int folder, const char *path, char *buffer) {
  if (path[0] == '/') return path;
  char own[PATH_MAX];
  const char *base = folder == AT_FDCWD ? getcwd(own, sizeof own) : path_of(folder, own);
  if (!base || snprintf(buffer, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return NULL;
  return buffer;
}

#define REFUSE(answer) do { errno = error; return answer; } while (0)

static int file_fails(const char *kind, int file) {
  char buffer[PATH_MAX];
  return state && fails(kind, path_of(file, buffer), 0);
}

static int name_fails(const char *kind, int folder, const char *path) {
  char buffer[PATH_MAX];
  return state && path && fails(kind, path_at(folder, path, buffer), 0);
}

/* 0: goes on. 1: refused. Torn: half of it is written, then the process is gone. */
static int write_fails(int file, const struct iovec *parts, int count, off_t offset) {
  char buffer[PATH_MAX];
  if (!state || !fails("write", path_of(file, buffer), 1)) return 0;
  if (!tears) return 1;
  ssize_t (*write_)(int, const void *, size_t) = real("write");
  ssize_t (*pwrite_)(int, const void *, size_t, off_t) = real("pwrite64");
  size_t half = 0;
  for (int i = 0; i < count; i++) half += parts[i].iov_len;
  half /= 2;
  for (int i = 0; i < count && half > 0; i++) {
    size_t length = parts[i].iov_len < half ? parts[i].iov_len : half;
    ssize_t done = offset < 0 ? write_(file, parts[i].iov_base, length)
                              : pwrite_(file, parts[i].iov_base, length, offset);
    if (done < 0) break;
    if (offset >= 0) offset += done;
    half -= (size_t)done;
  }
  die();
  return 1;
}

#define ANSWER(type, call) do { type answer = call; if (dies) die(); return answer; } while (0)

#define CALL(type, name, parameters) \
  type name parameters { \
    static type (*next) parameters; \
    if (!next) next = real(#name);

CALL(int, unlink, (const char *path))
  if (name_fails("unlink", AT_FDCWD, path)) REFUSE(-1);
  ANSWER(int, next(path));
}
CALL(int, unlinkat, (int folder, const char *path, int flags))
  if (name_fails("unlink", folder, path)) REFUSE(-1);
  ANSWER(int, next(folder, path, flags));
}
CALL(int, remove, (const char *path))
  if (name_fails("unlink", AT_FDCWD, path)) REFUSE(-1);
  ANSWER(int, next(path));
}
CALL(int, rmdir, (const char *path))
  if (name_fails("unlink", AT_FDCWD, path)) REFUSE(-1);
  ANSWER(int, next(path));
}
CALL(int, rename, (const char *from, const char *to))
  if (name_fails("rename", AT_FDCWD, to)) REFUSE(-1);
  ANSWER(int, next(from, to));
}
CALL(int, mkdir, (const char *path, mode_t mode))
  if (name_fails("open", AT_FDCWD, path)) REFUSE(-1);
  ANSWER(int, next(path, mode));
}
CALL(int, fsync, (int file))
  if (file_fails("sync", file)) REFUSE(-1);
  ANSWER(int, next(file));
}
CALL(int, fdatasync, (int file))
  if (file_fails("sync", file)) REFUSE(-1);
  ANSWER(int, next(file));
}

#define TRUNCATE(name, type) \
  CALL(int, name, (int file, type length)) \
    if (file_fails("truncate", file)) REFUSE(-1); \
    ANSWER(int, next(file, length)); \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

CALL(ssize_t, write, (int file, const void *bytes, size_t length))
  struct iovec part = {(void *)bytes, length};
  if (write_fails(file, &part, 1, -1)) REFUSE(-1);
  ANSWER(ssize_t, next(file, bytes, length));
}
CALL(ssize_t, writev, (int file, const struct iovec *parts, int count))
  if (write_fails(file, parts, count, -1)) REFUSE(-1);
  ANSWER(ssize_t, next(file, parts, count));
}

#define PWRITE(name, type) \
  CALL(ssize_t, name, (int file, const void *bytes, size_t length, type offset)) \
    struct iovec part = {(void *)bytes, length}; \
    if (write_fails(file, &part, 1, offset)) REFUSE(-1); \
    ANSWER(ssize_t, next(file, bytes, length, offset)); \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define PWRITEV(name, type) \
  CALL(ssize_t, name, (int file, const struct iovec *parts, int count, type offset)) \
    if (write_fails(file, parts, count, offset)) REFUSE(-1); \
    ANSWER(ssize_t, next(file, parts, count, offset)); \
  }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define CHANGES(flags) ((flags) & (O_CREAT | O_TRUNC))

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    static int (*next)(const char *, int, ...); \
    if (!next) next = real(#name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (CHANGES(flags) && name_fails("open", AT_FDCWD, path)) REFUSE(-1); \
    ANSWER(int, next(path, flags, mode)); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    static int (*next)(int, const char *, int, ...); \
    if (!next) next = real(#name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (CHANGES(flags) && name_fails("open", folder, path)) REFUSE(-1); \
    ANSWER(int, next(folder, path, flags, mode)); \
  }
OPENAT(openat)
OPENAT(openat64)
