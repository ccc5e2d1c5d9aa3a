/* SPDX-License-Identifier: MIT */
/*
 * The largest block that a program may have: MALLOC_LIMIT bytes.
 *
 *	cc -shared -fPIC -I/usr/local/include/stubcache -o malloc_limit.so malloc_limit.c
 *	MALLOC_LIMIT=20000 stubcache run -e "replace=malloc:with=$PWD/malloc_limit.so" -- ls /etc
 *
 * This replacement has the name of what it replaces, so it asks for the original: calling malloc, it would call
 * itself.
 */
#include <stubcache.h>

#include <errno.h>
#include <stdlib.h>

static size_t limit = (size_t)-1;

static __attribute__((constructor)) void read_limit(void)
{
	const char *text = getenv("MALLOC_LIMIT");

	if (text)
		limit = strtoul(text, NULL, 0);
}

void *malloc(size_t size)
{
	static void *(*original)(size_t);

	if (size > limit) {
		errno = ENOMEM;
		return NULL;
	}
	if (!original)
		original = (void *(*)(size_t))stubcache_original("malloc");
	return original(size);
}
