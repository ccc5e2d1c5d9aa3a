/* SPDX-License-Identifier: MIT */
/*
 * Owns the process's line in the statistics file: its position and how it is formatted. The line is padded, so that
 * it can be replaced when dlopen or dlsym have changed the numbers. Called by start.c, dlwatch.c, generate.c.
 */
#include "preload/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/sys.h"
#include "preload/log.h"
#include "preload/runtime.h"

#define PADDING 48	    /* digits and words that may still grow */
#define PADDING_CLIENTS 320 /* and what clients may refuse later */

static off_t position = -1; /* of our line; -1: not in a file that can be rewritten */
static size_t line_size;
static dev_t device; /* of the file: later its name may be another's, here or where the host has moved to */
static ino_t inode;
static uint32_t line_pid; /* whose line it is: a child of fork must not put its own in its place */

static const char *state_name(void)
{
	static const char *const names[] = { "off", "cold", "warm", "merged" };

	return names[sc_runtime.state];
}

static size_t format(char *out, size_t size)
{
	char program[1024], reason[512];
	int n;

	sc_json_escape(program, sizeof(program), sc_runtime.program);
	sc_json_escape(reason, sizeof(reason), sc_runtime.reason);
	n = snprintf(out, size,
		     "{\"pid\":%u,\"exe\":\"%s\",\"state\":\"%s\",\"reason\":\"%s\",\"functions\":%u,\"slots\":%u,"
		     "\"generated\":%u,\"resurrected\":%u,\"engine_loaded\":%s,\"startup_us\":%llu.%llu}",
		     sc_runtime.pid, program, state_name(), reason, sc_runtime.functions, sc_runtime.slots.attached,
		     sc_runtime.generated, sc_runtime.resurrected, sc_runtime.engine_loaded ? "true" : "false",
		     (unsigned long long)(sc_runtime.startup_ns / 1000),
		     (unsigned long long)(sc_runtime.startup_ns / 100 % 10));
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

/* Never waits: not for a FIFO's reader, nor for room in it. */
static int open_file(int flags)
{
	return sc_sys_openat(AT_FDCWD, sc_runtime.config.stats, O_WRONLY | O_NOCTTY | O_NONBLOCK | flags, 0666);
}

/* Remembers where the line is, if it is in a file that can be written again. */
static void note_position(int fd, size_t length)
{
	off_t end = sc_sys_lseek(fd, 0, SEEK_CUR);
	struct stat stat;

	position = -1;
	if (end < (off_t)length || sc_sys_fstat(fd, &stat) < 0)
		return;
	position = end - (off_t)length;
	line_size = length;
	line_pid = sc_runtime.pid;
	device = stat.st_dev;
	inode = stat.st_ino;
}

static bool is_same_file(int fd)
{
	struct stat stat;

	return sc_sys_fstat(fd, &stat) == 0 && stat.st_dev == device && stat.st_ino == inode;
}

static int append(void)
{
	char line[2048];
	size_t padding = sc_runtime.clients ? PADDING_CLIENTS : PADDING;
	size_t length = format(line, sizeof(line) - padding - 2);
	int fd = open_file(O_APPEND | O_CREAT), r;

	if (fd < 0)
		return fd;
	memset(line + length, ' ', padding);
	length += padding;
	line[length++] = '\n';
	r = sc_sys_write_full(fd, line, length);
	if (r == 0)
		note_position(fd, length);
	sc_sys_close(fd);
	return r;
}

void sc_stats_write(void)
{
	int r = sc_runtime.config.stats ? append() : 0;

	if (r < 0)
		sc_log(SC_LOG_ERROR, "cannot write statistics to '%s': %s", sc_runtime.config.stats,
		       strerrordesc_np(-r));
}

void sc_stats_update(void)
{
	char line[2048];
	size_t length;
	int fd;

	if (!sc_runtime.config.stats || position < 0 || line_pid != sc_runtime.pid)
		return;
	length = format(line, sizeof(line));
	if (length + 1 > line_size)
		return;
	memset(line + length, ' ', line_size - length - 1);
	line[line_size - 1] = '\n';
	fd = open_file(0);
	if (fd < 0)
		return;
	if (is_same_file(fd))
		sc_sys_pwrite_full(fd, line, line_size, position);
	sc_sys_close(fd);
}
