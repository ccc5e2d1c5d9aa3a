/* SPDX-License-Identifier: MIT */
/*
 * What the functions of libpointers.so take, for the compiler and, with pointers.prototypes.h, for stubcache.
 */
#ifndef POINTERS_H
#define POINTERS_H

#include <stdarg.h>
#include <stddef.h>

struct pair {
	long first, second;
};

long look_text(const char *text);
long look_bytes(const void *bytes, size_t size);
long look_out(void *bytes, size_t size);
long look_pair(const struct pair *pair);
long look_list(char **list);
long look_format(const char *format, ...);
long look_list_of(const char *format, va_list list);
long look_pointed(const void *bytes, const size_t *size);
char *look_returned(void *address);

#endif
