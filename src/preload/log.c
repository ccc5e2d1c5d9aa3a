/* SPDX-License-Identifier: MIT */
/*
 * Owns what we say and where: the host's stderr as it was at the start, or a duplicate of it with a high number, both
 * recognised by device and inode, since the host may close or reuse any descriptor. Called on cold paths and at the end.
 */
#include "preload/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/sys.h"
#include "preload/hot.h"

#define KEPT_LEAST 700 /* above what hosts count with, below the usual limit of 1024 */
#define PATIENCE_MS 1000

enum stderr_state { STDERR_UNKNOWN, STDERR_CLOSED, STDERR_KNOWN };

static enum sc_log_level level_now = SC_LOG_ERROR;
static enum stderr_state state SC_HOT;
static dev_t device SC_HOT;
static ino_t inode SC_HOT;
static int kept = -1;
static bool stuck SC_HOT; /* its reader does not read */

void sc_log_start(enum sc_log_level level)
{
	level_now = level;
}

enum sc_log_level sc_log_level(void)
{
	return level_now;
}

void sc_log_look(void)
{
	struct stat stat;

	state = STDERR_CLOSED;
	if (sc_sys_fstat(2, &stat) < 0)
		return;
	state = STDERR_KNOWN;
	device = stat.st_dev;
	inode = stat.st_ino;
}

void sc_log_keep(void)
{
	uint64_t most = 0;
	int least = KEPT_LEAST;

	if (kept >= 0 || state != STDERR_KNOWN)
		return;
	if (sc_sys_rlimit(RLIMIT_NOFILE, &most) == 0 && most <= KEPT_LEAST)
		least = most > 16 ? (int)most - 8 : 3;
	kept = sc_sys_dup_above(2, least);
}

/* Whether a descriptor is the stderr of the start. */
static bool is_stderr(int fd, mode_t *mode)
{
	struct stat stat;

	if (fd < 0 || sc_sys_fstat(fd, &stat) < 0)
		return false;
	*mode = stat.st_mode;
	return stat.st_dev == device && stat.st_ino == inode;
}

void sc_log_forked(void)
{
	mode_t mode;

	if (is_stderr(kept, &mode))
		sc_sys_close(kept);
	kept = -1;
}

/* Without a reader a write would raise SIGPIPE, with a full pipe it would wait for ever. */
static bool takes_more(int fd, mode_t mode)
{
	struct pollfd poll = { .fd = fd, .events = POLLOUT };

	if (!S_ISFIFO(mode) && !S_ISSOCK(mode))
		return true;
	if (!stuck)
		sc_syscall3(SYS_poll, &poll, 1, PATIENCE_MS);
	stuck = poll.revents != POLLOUT;
	return !stuck;
}

void sc_log_write(const char *text, size_t length)
{
	mode_t mode;
	int fd;

	if (state == STDERR_UNKNOWN)
		sc_log_look();
	if (state == STDERR_CLOSED)
		return;
	fd = is_stderr(kept, &mode) ? kept : 2;
	if (is_stderr(fd, &mode) && takes_more(fd, mode))
		sc_sys_write_full(fd, text, length);
}

void sc_log(enum sc_log_level level, const char *format, ...)
{
	static const char prefix[] = "stubcache: ";
	char line[1024];
	size_t length = sizeof(prefix) - 1;
	int saved = errno, n;
	va_list arguments;

	if (level > level_now || level == SC_LOG_QUIET)
		return;
	__builtin_memcpy(line, prefix, length);
	va_start(arguments, format);
	n = vsnprintf(line + length, sizeof(line) - length - 1, format, arguments);
	va_end(arguments);
	if (n > 0) {
		length += (size_t)n < sizeof(line) - length - 1 ? (size_t)n : sizeof(line) - length - 2;
		line[length++] = '\n';
		sc_log_write(line, length);
	}
	errno = saved;
}
