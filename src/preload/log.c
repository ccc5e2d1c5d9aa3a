/* SPDX-License-Identifier: MIT */
/*
 * Owns what we say and where: a duplicate of the host's stderr with a high number, recognised by device and
 * inode, since the host may close or reuse any descriptor. Called on cold paths and at the end.
 */
#include "preload/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/sys.h"

#define KEPT_LEAST 700 /* above what hosts count with, below the usual limit of 1024 */

static enum sc_log_level level_now = SC_LOG_ERROR;
static int kept = -1;
static dev_t kept_device;
static ino_t kept_inode;
static bool kept_known;

void sc_log_start(enum sc_log_level level)
{
	level_now = level;
}

enum sc_log_level sc_log_level(void)
{
	return level_now;
}

void sc_log_keep(void)
{
	struct stat stat;
	uint64_t most = 0;
	int least = KEPT_LEAST;

	if (kept_known || sc_sys_fstat(2, &stat) < 0)
		return;
	if (sc_sys_rlimit(RLIMIT_NOFILE, &most) == 0 && most <= KEPT_LEAST)
		least = most > 16 ? (int)most - 8 : 3;
	kept = sc_sys_dup_above(2, least);
	kept_device = stat.st_dev;
	kept_inode = stat.st_ino;
	kept_known = kept >= 0;
}

/* Whether a descriptor still is the stderr of the start. */
static bool is_kept(int fd)
{
	struct stat stat;

	return fd >= 0 && sc_sys_fstat(fd, &stat) == 0 && stat.st_dev == kept_device && stat.st_ino == kept_inode;
}

void sc_log_write(const char *text, size_t length)
{
	if (!kept_known) {
		sc_sys_write_full(2, text, length);
		return;
	}
	if (is_kept(kept))
		sc_sys_write_full(kept, text, length);
	else if (is_kept(2))
		sc_sys_write_full(2, text, length);
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
