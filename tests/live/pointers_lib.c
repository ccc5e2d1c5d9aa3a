/* SPDX-License-Identifier: MIT */
/*
 * libpointers.so: functions that take pointers and look at none of them, so that whoever does is the one who crashes.
 * tests/live/pointers.h says what they take. Called by pointers_host.c.
 */
#include <stdarg.h>
#include <stddef.h>

#include "pointers.h"

long look_text(const char *text)
{
	return text != NULL;
}

long look_bytes(const void *bytes, size_t size)
{
	return bytes != NULL && size > 0;
}

long look_out(void *bytes, size_t size)
{
	return bytes != NULL ? (long)size : -1;
}

long look_pair(const struct pair *pair)
{
	return pair != NULL;
}

long look_list(char **list)
{
	return list != NULL;
}

long look_format(const char *format, ...)
{
	return format != NULL;
}

long look_list_of(const char *format, va_list list)
{
	(void)list;
	return format != NULL;
}

long look_pointed(const void *bytes, const size_t *size)
{
	return bytes != NULL && size != NULL;
}

char *look_returned(void *address)
{
	return address;
}
