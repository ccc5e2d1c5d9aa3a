/* SPDX-License-Identifier: MIT */
/*
 * A program reads its files from another directory, where they are there: /tmp/etc/passwd for /etc/passwd.
 *
 *	cc -shared -fPIC -o elsewhere.so elsewhere.c
 *	ELSEWHERE=/tmp stubcache run -e "replace=open,open64:with=$PWD/elsewhere.so:elsewhere_open" -- cat /etc/passwd
 *
 * What a replacement calls is not intercepted: open is the original here.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int elsewhere_open(const char *path, int flags, ...)
{
	const char *root = getenv("ELSEWHERE");
	char other[PATH_MAX];
	va_list rest;
	mode_t mode;

	/* Only with O_CREAT does the caller give one; to read it regardless does no harm. */
	va_start(rest, flags);
	mode = va_arg(rest, mode_t);
	va_end(rest);
	if (root && path[0] == '/' && (flags & O_ACCMODE) == O_RDONLY &&
	    snprintf(other, sizeof(other), "%s%s", root, path) < PATH_MAX && access(other, R_OK) == 0)
		path = other;
	return open(path, flags, mode);
}
