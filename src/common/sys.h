/* SPDX-License-Identifier: MIT */
/*
 * System calls without libc between: they leave errno alone, take no cancellation point, are never
 * one of our own stubs, and can be made from a signal handler.
 *
 * Each returns what the kernel returned: >= 0, or a negative errno value. sc_sys_mmap returns the
 * address or MAP_FAILED.
 * Thread safety: any thread. Signal safety: all of them.
 */
#ifndef SC_SYS_H
#define SC_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "x86_64/syscall.h"

#define SC_AT_EMPTY_PATH 0x1000

void *sc_sys_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
/* Over whatever is there (MAP_FIXED is added): 0, or a negative errno. */
int sc_sys_mmap_over(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int sc_sys_munmap(void *address, size_t size);
int sc_sys_mprotect(void *address, size_t size, int protection);
int sc_sys_madvise(void *address, size_t size, int advice);

/* Descriptors that are opened here are close-on-exec and never one of the standard three. */
int sc_sys_openat(int directory, const char *path, int flags, unsigned mode);
int sc_sys_close(int fd);
int sc_sys_fstat(int fd, struct stat *out);
int sc_sys_fstatat(int directory, const char *path, struct stat *out, int flags);
int sc_sys_fallocate(int fd, off_t offset, off_t size);
int sc_sys_linkat(int from_directory, const char *from, int to_directory, const char *to, int flags);
int sc_sys_renameat(int from_directory, const char *from, int to_directory, const char *to);
int sc_sys_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags);
int sc_sys_unlinkat(int directory, const char *path);
int sc_sys_mkdirat(int directory, const char *path, unsigned mode);
int sc_sys_fchmod(int fd, unsigned mode);
int sc_sys_futimens(int fd, const struct timespec times[2]);
int sc_sys_utimensat(int directory, const char *path, const struct timespec times[2], int flags);
int sc_sys_dup_above(int fd, int least);
int sc_sys_memfd_create(const char *name, unsigned flags);
ssize_t sc_sys_readlink(const char *path, char *out, size_t size);
ssize_t sc_sys_getdents64(int fd, void *out, size_t size);
off_t sc_sys_lseek(int fd, off_t offset, int whence);

/* 0, or -EFBIG when RLIMIT_FSIZE forbids to write size bytes to a plain file: the kernel would send SIGXFSZ, and
 * the host would die of it. offset: SC_HERE for where the descriptor stands. */
#define SC_HERE ((off_t)-1)
int sc_sys_check_limit(int fd, size_t size, off_t offset);

/* All of it or a negative errno: short transfers are continued, EINTR is retried. sc_sys_pread_full
 * returns -ENODATA when the file ends before size bytes. What sc_sys_check_limit refuses is not begun. */
int sc_sys_pread_full(int fd, void *out, size_t size, off_t offset);
int sc_sys_pwrite_full(int fd, const void *data, size_t size, off_t offset);
int sc_sys_write_full(int fd, const void *data, size_t size);

/* Where the program has forbidden these, what was so before (getpid), or a number that no other thread alive has, and that
 * is no thread's. */
pid_t sc_sys_getpid(void);
pid_t sc_sys_gettid(void);
pid_t sc_sys_getppid(void);
uid_t sc_sys_geteuid(void);
int sc_sys_kill(pid_t process, int signal);
int sc_sys_tgkill(pid_t process, pid_t thread, int signal);
int sc_sys_rlimit(int resource, uint64_t *soft);
int sc_sys_clock_gettime(clockid_t clock, struct timespec *out);
int sc_sys_getrandom(void *out, size_t size);

/*
 * A program may forbid itself system calls (seccomp), and die of one. From then on those that are not in `allowed`, a bit a
 * number, return -EPERM here, and whoever made them does without.
 */
#define SC_SYS_WORDS 8

/* Takes the place of what was allowed, `before`, which is NULL for all; false: that has changed meanwhile. allowed[] and
 * *denied stay. pid: for sc_sys_getpid. *denied: how many were not made. */
bool sc_sys_confine(const uint64_t *before, const uint64_t *allowed, pid_t pid, uint64_t *denied);
/* What is allowed now, NULL: all. */
const uint64_t *sc_sys_allowed(void);

static inline bool sc_sys_may(long number)
{
	const uint64_t *allowed = __atomic_load_n(&sc_syscall_allowed, __ATOMIC_ACQUIRE);

	return !allowed || (allowed[number / 64] >> number % 64 & 1);
}

#endif
