/* SPDX-License-Identifier: MIT */
/*
 * What gdb_names.sh looks at: a stack that leads through stubs of the program's image (probe_call_deep, probe_call,
 * qsort) and of an image that was added while it ran (bsearch, which dlsym reveals). At its end the host calls
 * names_end, then waits to be killed ("wait"), aborts ("abort"), or goes on.
 */
#include "../live/probe.h"
#include "frames.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *how = "";

static own_frame void names_end(void)
{
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "wait") == 0 && write(STDOUT_FILENO, "ready\n", 6) == 6)
		pause();
	keep_frame();
}

static own_frame int compare_later(const void *left, const void *right)
{
	(void)left;
	(void)right;
	names_end();
	keep_frame();
	return 0;
}

static own_frame int compare(const void *left, const void *right)
{
	void *(*later)(const void *, const void *, size_t, size_t, int (*)(const void *, const void *)) =
		(void *(*)(const void *, const void *, size_t, size_t, int (*)(const void *, const void *)))dlsym(
			RTLD_DEFAULT, "bsearch");

	if (!later || !later(left, right, 1, 1, compare_later))
		_exit(1);
	keep_frame();
	return 0;
}

static own_frame long called_back(void *bytes)
{
	qsort(bytes, 2, 1, compare);
	keep_frame();
	return 0;
}

int main(int argc, char **argv)
{
	char bytes[] = { 2, 1 };

	if (argc > 1)
		how = argv[1];
	return probe_call_deep(called_back, bytes) != 2;
}
