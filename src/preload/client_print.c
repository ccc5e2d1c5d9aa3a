/* SPDX-License-Identifier: MIT */
/*
 * Owns what clients format (include/dr_api.h). libc's vsnprintf does it: it needs no more of libc than what has been
 * started before the first client, and takes no lock. Called by clients.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dr_api.h"

#define TEXT_MOST 2048

ssize_t dr_vfprintf(file_t f, const char *fmt, va_list ap)
{
	char text[TEXT_MOST];
	int saved = errno, n = vsnprintf(text, sizeof(text), fmt, ap);
	ssize_t written = -1;

	errno = saved;
	if (n >= TEXT_MOST)
		n = TEXT_MOST - 1;
	if (n >= 0 && f != INVALID_FILE)
		written = dr_write_file(f, text, (size_t)n);
	return written < 0 ? -1 : written;
}

ssize_t dr_fprintf(file_t f, const char *fmt, ...)
{
	va_list ap;
	ssize_t n;

	va_start(ap, fmt);
	n = dr_vfprintf(f, fmt, ap);
	va_end(ap);
	return n;
}

void dr_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	dr_vfprintf(STDOUT, fmt, ap);
	va_end(ap);
}

/* The character that vsnprintf has replaced by a zero: what it formats is formatted again, as a whole. */
static void put_last(char *buf, size_t max, const char *fmt, va_list ap, size_t size)
{
	char *whole = dr_global_alloc(size);

	if (!whole)
		return;
	vsnprintf(whole, size, fmt, ap);
	buf[max - 1] = whole[max - 1];
	dr_global_free(whole, size);
}

int dr_vsnprintf(char *buf, size_t max, const char *fmt, va_list ap)
{
	int saved = errno, n;
	va_list again;

	va_copy(again, ap);
	n = vsnprintf(buf, max, fmt, ap);
	if (n >= 0 && max > 0 && (size_t)n >= max)
		put_last(buf, max, fmt, again, (size_t)n + 1);
	va_end(again);
	errno = saved;
	return n >= 0 && (size_t)n <= max ? n : -1;
}

int dr_snprintf(char *buf, size_t max, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = dr_vsnprintf(buf, max, fmt, ap);
	va_end(ap);
	return n;
}
