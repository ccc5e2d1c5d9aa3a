/* SPDX-License-Identifier: MIT */
/*
 * Owns the descriptors that clients see. Does not own formatting (client_print.c) nor dr_write_file, which the
 * persistence drivers share (common/persist.c). Called by clients, by clients.c and fork.c.
 *
 * All of them get numbers far above what hosts count with: a shell that says exec 3< means the next free one.
 */
#include "preload/client_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/sys.h"
#include "dr_api.h"

#define NUMBERS_FROM 720 /* above the log's */
#define CLOSE_ON_FORK_MOST 64

struct standard {
	bool known;
	dev_t device;
	ino_t inode;
	int kept; /* a duplicate, or -1 */
};

static struct standard standards[3] = { { .kept = -1 }, { .kept = -1 }, { .kept = -1 } };
static int close_on_fork[CLOSE_ON_FORK_MOST]; /* descriptor + 1; 0: free */

static int far_away(void)
{
	uint64_t most = 0;

	if (sc_sys_rlimit(RLIMIT_NOFILE, &most) == 0 && most <= NUMBERS_FROM)
		return (int)(most > 32 ? most - 16 : most / 2);
	return NUMBERS_FROM;
}

void sc_client_files_look(void)
{
	struct stat stat;

	for (int fd = 0; fd < 3; fd++) {
		standards[fd].known = sc_sys_fstat(fd, &stat) == 0;
		standards[fd].device = stat.st_dev;
		standards[fd].inode = stat.st_ino;
	}
}

static bool is_standard(int fd, int which)
{
	const struct standard *standard = &standards[which];
	struct stat stat;

	return standard->known && fd >= 0 && sc_sys_fstat(fd, &stat) == 0 && stat.st_dev == standard->device &&
	       stat.st_ino == standard->inode;
}

void sc_client_files_keep(void)
{
	for (int fd = 1; fd < 3; fd++)
		if (is_standard(fd, fd) && standards[fd].kept < 0)
			standards[fd].kept = sc_sys_dup_above(fd, far_away());
}

void sc_client_files_forked(void)
{
	for (int fd = 1; fd < 3; fd++) {
		if (is_standard(standards[fd].kept, fd))
			sc_sys_close(standards[fd].kept);
		standards[fd].kept = -1;
	}
	for (unsigned i = 0; i < CLOSE_ON_FORK_MOST; i++) {
		if (close_on_fork[i])
			sc_sys_close(close_on_fork[i] - 1);
		close_on_fork[i] = 0;
	}
}

static file_t standard_file(int which)
{
	if (is_standard(standards[which].kept, which))
		return standards[which].kept;
	return is_standard(which, which) ? which : INVALID_FILE;
}

file_t dr_get_stdin_file(void)
{
	return standard_file(0);
}

file_t dr_get_stdout_file(void)
{
	return standard_file(1);
}

file_t dr_get_stderr_file(void)
{
	return standard_file(2);
}

/* For open, or -1 when they contradict each other. */
static int open_flags(uint flags)
{
	const uint how = flags & (DR_FILE_WRITE_REQUIRE_NEW | DR_FILE_WRITE_APPEND | DR_FILE_WRITE_OVERWRITE |
				  DR_FILE_WRITE_ONLY);

	switch (how) {
	case 0:
		return flags & DR_FILE_READ ? O_RDONLY : -1;
	case DR_FILE_WRITE_REQUIRE_NEW:
		return O_RDWR | O_CREAT | O_EXCL;
	case DR_FILE_WRITE_APPEND:
		return O_RDWR | O_CREAT | O_APPEND;
	case DR_FILE_WRITE_OVERWRITE:
		return O_RDWR | O_CREAT | O_TRUNC;
	case DR_FILE_WRITE_ONLY:
		return O_WRONLY | O_CREAT;
	default:
		return -1;
	}
}

static bool note_close_on_fork(int fd)
{
	for (unsigned i = 0; i < CLOSE_ON_FORK_MOST; i++) {
		int expected = 0;

		if (__atomic_compare_exchange_n(&close_on_fork[i], &expected, fd + 1, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

file_t dr_open_file(const char *fname, uint mode_flags)
{
	int flags = open_flags(mode_flags), fd, away;

	if (!fname || flags < 0)
		return INVALID_FILE;
	fd = sc_sys_openat(AT_FDCWD, fname, flags | O_NOCTTY, 0666);
	if (fd < 0)
		return INVALID_FILE;
	away = sc_sys_dup_above(fd, far_away());
	if (away >= 0) {
		sc_sys_close(fd);
		fd = away;
	}
	if ((mode_flags & DR_FILE_CLOSE_ON_FORK) && !note_close_on_fork(fd)) {
		sc_sys_close(fd);
		return INVALID_FILE;
	}
	return fd;
}

void dr_close_file(file_t f)
{
	if (f < 0 || f == standards[1].kept || f == standards[2].kept)
		return;
	for (unsigned i = 0; i < CLOSE_ON_FORK_MOST; i++) {
		int expected = f + 1;

		__atomic_compare_exchange_n(&close_on_fork[i], &expected, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	}
	sc_sys_close(f);
}

void dr_flush_file(file_t f)
{
	(void)f;
}

ssize_t dr_read_file(file_t f, void *buf, size_t count)
{
	long n;

	do
		n = sc_syscall3(SYS_read, f, buf, count);
	while (n == -EINTR);
	return n;
}
