/* SPDX-License-Identifier: MIT */
/*
 * Owns next to nothing: thin system calls for code that lives inside other people's processes, and the two things
 * that must never happen there: taking a descriptor below 3, and a write that ends in SIGXFSZ; and what of them the
 * program has forbidden itself. Called by the preload, the engine and the command.
 */
#include "common/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h> /* SEEK_CUR */

#define LEAST_FD 3

const uint64_t *sc_syscall_allowed;
static pid_t confined_pid;
static uint64_t *denied;

bool sc_syscall_denied(long number)
{
	if (sc_sys_may(number))
		return false;
	__atomic_fetch_add(denied, 1, __ATOMIC_RELAXED);
	return true;
}

bool sc_sys_confine(const uint64_t *before, const uint64_t *allowed, pid_t pid, uint64_t *count)
{
	confined_pid = pid;
	denied = count;
	return __atomic_compare_exchange_n(&sc_syscall_allowed, &before, allowed, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

const uint64_t *sc_sys_allowed(void)
{
	return __atomic_load_n(&sc_syscall_allowed, __ATOMIC_ACQUIRE);
}

void *sc_sys_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	long r = sc_syscall6(SYS_mmap, (long)address, (long)size, protection, flags, fd, offset);

	return r < 0 && r > -4096 ? MAP_FAILED : (void *)r;
}

int sc_sys_mmap_over(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	long r = sc_syscall6(SYS_mmap, (long)address, (long)size, protection, flags | MAP_FIXED, fd, offset);

	return r < 0 && r > -4096 ? (int)r : 0;
}

int sc_sys_munmap(void *address, size_t size)
{
	return (int)sc_syscall2(SYS_munmap, address, size);
}

int sc_sys_mprotect(void *address, size_t size, int protection)
{
	return (int)sc_syscall3(SYS_mprotect, address, size, protection);
}

int sc_sys_madvise(void *address, size_t size, int advice)
{
	return (int)sc_syscall3(SYS_madvise, address, size, advice);
}

/* A host that has closed its standard output still writes to it: what it prints must not end up in our file. */
static int move_up(int fd)
{
	int higher;

	if (fd < 0 || fd >= LEAST_FD)
		return fd;
	higher = sc_sys_dup_above(fd, LEAST_FD);
	sc_sys_close(fd);
	return higher;
}

int sc_sys_openat(int directory, const char *path, int flags, unsigned mode)
{
	long r;

	do
		r = sc_syscall4(SYS_openat, directory, path, flags | O_CLOEXEC, mode);
	while (r == -EINTR);
	return move_up((int)r);
}

int sc_sys_close(int fd)
{
	return (int)sc_syscall1(SYS_close, fd);
}

int sc_sys_fstat(int fd, struct stat *out)
{
	return (int)sc_syscall2(SYS_fstat, fd, out);
}

int sc_sys_fstatat(int directory, const char *path, struct stat *out, int flags)
{
	return (int)sc_syscall4(SYS_newfstatat, directory, path, out, flags);
}

int sc_sys_fallocate(int fd, off_t offset, off_t size)
{
	long r;

	do
		r = sc_syscall4(SYS_fallocate, fd, 0, offset, size);
	while (r == -EINTR);
	return (int)r;
}

int sc_sys_linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
	return (int)sc_syscall6(SYS_linkat, from_directory, (long)from, to_directory, (long)to, flags, 0);
}

int sc_sys_renameat(int from_directory, const char *from, int to_directory, const char *to)
{
	return (int)sc_syscall4(SYS_renameat, from_directory, from, to_directory, to);
}

int sc_sys_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
	return (int)sc_syscall6(SYS_renameat2, from_directory, (long)from, to_directory, (long)to, flags, 0);
}

int sc_sys_unlinkat(int directory, const char *path)
{
	return (int)sc_syscall3(SYS_unlinkat, directory, path, 0);
}

int sc_sys_mkdirat(int directory, const char *path, unsigned mode)
{
	return (int)sc_syscall3(SYS_mkdirat, directory, path, mode);
}

int sc_sys_fchmod(int fd, unsigned mode)
{
	return (int)sc_syscall2(SYS_fchmod, fd, mode);
}

int sc_sys_futimens(int fd, const struct timespec times[2])
{
	return (int)sc_syscall4(SYS_utimensat, fd, NULL, times, 0);
}

int sc_sys_utimensat(int directory, const char *path, const struct timespec times[2], int flags)
{
	return (int)sc_syscall4(SYS_utimensat, directory, path, times, flags);
}

int sc_sys_dup_above(int fd, int least)
{
	return (int)sc_syscall3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, least);
}

int sc_sys_memfd_create(const char *name, unsigned flags)
{
	return move_up((int)sc_syscall2(SYS_memfd_create, name, flags));
}

ssize_t sc_sys_readlink(const char *path, char *out, size_t size)
{
	return sc_syscall3(SYS_readlink, path, out, size);
}

ssize_t sc_sys_getdents64(int fd, void *out, size_t size)
{
	return sc_syscall3(SYS_getdents64, fd, out, size);
}

off_t sc_sys_lseek(int fd, off_t offset, int whence)
{
	return sc_syscall3(SYS_lseek, fd, offset, whence);
}

int sc_sys_pread_full(int fd, void *out, size_t size, off_t offset)
{
	char *at = out;

	while (size > 0) {
		long n = sc_syscall4(SYS_pread64, fd, at, size, offset);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (n == 0)
			return -ENODATA;
		at += n;
		offset += n;
		size -= (size_t)n;
	}
	return 0;
}

int sc_sys_check_limit(int fd, size_t size, off_t offset)
{
	struct stat st = { 0 };
	uint64_t most = 0;

	if (sc_sys_rlimit(RLIMIT_FSIZE, &most) < 0 || most >= RLIM_INFINITY)
		return 0;
	if (sc_sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (sc_syscall2(SYS_fcntl, fd, F_GETFL) & O_APPEND)
		offset = st.st_size;
	else if (offset == SC_HERE)
		offset = sc_sys_lseek(fd, 0, SEEK_CUR);
	return offset < 0 || (uint64_t)offset + size <= most ? 0 : -EFBIG;
}

static long write_some(int fd, const void *data, size_t size, off_t offset)
{
	if (offset == SC_HERE)
		return sc_syscall3(SYS_write, fd, data, size);
	return sc_syscall4(SYS_pwrite64, fd, data, size, offset);
}

int sc_sys_pwrite_full(int fd, const void *data, size_t size, off_t offset)
{
	const char *at = data;
	int r = sc_sys_check_limit(fd, size, offset);

	if (r < 0)
		return r;
	while (size > 0) {
		long n = write_some(fd, at, size, offset);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (n == 0)
			return -EIO;
		at += n;
		offset += offset == SC_HERE ? 0 : n;
		size -= (size_t)n;
	}
	return 0;
}

int sc_sys_write_full(int fd, const void *data, size_t size)
{
	return sc_sys_pwrite_full(fd, data, size, SC_HERE);
}

pid_t sc_sys_getpid(void)
{
	return sc_sys_may(SYS_getpid) ? (pid_t)sc_syscall0(SYS_getpid) : confined_pid;
}

pid_t sc_sys_getppid(void)
{
	return (pid_t)sc_syscall0(SYS_getppid);
}

/* Beyond the greatest there can be (PID_MAX_LIMIT), from the thread pointer, which no two threads share. */
pid_t sc_sys_gettid(void)
{
	if (!sc_sys_may(SYS_gettid))
		return (pid_t)(1u << 30 | ((uintptr_t)__builtin_thread_pointer() >> 6 & ((1u << 30) - 1)));
	return (pid_t)sc_syscall0(SYS_gettid);
}

uid_t sc_sys_geteuid(void)
{
	return (uid_t)sc_syscall0(SYS_geteuid);
}

int sc_sys_kill(pid_t process, int signal)
{
	return (int)sc_syscall2(SYS_kill, process, signal);
}

int sc_sys_tgkill(pid_t process, pid_t thread, int signal)
{
	return (int)sc_syscall3(SYS_tgkill, process, thread, signal);
}

int sc_sys_rlimit(int resource, uint64_t *soft)
{
	struct rlimit limit = { 0 };
	long r = sc_syscall2(SYS_getrlimit, resource, &limit);

	if (r == 0)
		*soft = limit.rlim_cur;
	return (int)r;
}

int sc_sys_clock_gettime(clockid_t clock, struct timespec *out)
{
	return (int)sc_syscall2(SYS_clock_gettime, clock, out);
}

int sc_sys_getrandom(void *out, size_t size)
{
	long n = sc_syscall3(SYS_getrandom, out, size, 1 /* GRND_NONBLOCK */);

	return n < 0 ? (int)n : (size_t)n == size ? 0 : -EAGAIN;
}
