/* SPDX-License-Identifier: MIT */
/*
 * libreplace.so: what replace.sh puts in the place of functions. It calls functions that are intercepted, and must
 * reach the originals.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"
#include "stubcache.h"

#ifndef ADDED
#define ADDED 1000
#endif

int started; /* by the constructor, with what a constructor may use */

static __attribute__((constructor)) void start(int argc, char **argv, char **env)
{
	char *copy = strdup(getenv("PATH") ? getenv("PATH") : "");

	started = argc == 1 && argv[0] && env[0] && environ && copy;
	free(copy);
}

/* The same name as the original: found by stubcache_original alone. */
unsigned long probe_mix(unsigned long x)
{
	unsigned long (*original)(unsigned long) = (unsigned long (*)(unsigned long))stubcache_original("probe_mix");

	return original && started ? original(x) + ADDED : 0;
}

/* Another name: what is called by its own name is the original. */
unsigned long my_mix(unsigned long x)
{
	free(malloc(100));
	return probe_mix(x) + (unsigned long)probe_errno(0, 500);
}

unsigned long my_odd(unsigned long x)
{
	return (probe_mix(x) ^ 1) + 40;
}

int my_open(const char *path, int flags, ...)
{
	va_list more;
	int fd, mode;

	va_start(more, flags);
	mode = va_arg(more, int);
	va_end(more);
	if (strcmp(path, "/etc/such file/") == 0 && flags == (O_RDONLY | O_CREAT) && mode == 0600) {
		errno = ENOTUNIQ;
		return -1;
	}
	fd = open(path, flags, mode);
	return fd;
}

int my_printf(const char *format, ...)
{
	va_list more;
	int written;

	va_start(more, format);
	written = printf("| ") + vprintf(format, more);
	va_end(more);
	return written;
}
